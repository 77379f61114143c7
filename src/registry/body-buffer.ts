import { createHash, type Hash } from "node:crypto";

const FIRST_BYTES = 64 * 1024;

/** A body as it arrives, in one piece of memory, hashed on the way. Keeps what it has when an attempt breaks. */
export class BodyBuffer {
  #buffer = Buffer.alloc(0);
  #length = 0;
  #hash: Hash | undefined;
  readonly #isHashed: boolean;

  /** `isHashed`: whether {@link sha256} will be asked for. */
  constructor(isHashed: boolean) {
    this.#isHashed = isHashed;
    this.reset();
  }

  get length(): number {
    return this.#length;
  }

  /** What has arrived; valid until the next {@link append}. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  reset(): void {
    this.#length = 0;
    this.#hash = this.#isHashed ? createHash("sha256") : undefined;
  }

  /** Makes room for `totalBytes` in all. Memory that is never written to is not taken from the machine. */
  reserve(totalBytes: number): void {
    if (totalBytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(totalBytes);
    if (this.#length > 0) this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  append(chunk: Uint8Array): void {
    const end = this.#length + chunk.length;
    if (end > this.#buffer.length) this.reserve(Math.max(end, this.#buffer.length * 2, FIRST_BYTES));
    this.#buffer.set(chunk, this.#length);
    this.#length = end;
    this.#hash?.update(chunk);
  }

  /** Lower-case hex digest of everything since the last {@link reset}; to be asked once. */
  sha256(): string {
    const digest = this.#hash?.digest("hex") ?? "";
    this.#hash = undefined;
    return digest;
  }
}
