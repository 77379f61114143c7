import { createHash, type Hash, hash } from "node:crypto";
import { isSha256, type Sha256 } from "../cargo/index.ts";

/** The digest of bytes that are all there: one call, several times faster than the streaming way for small files. */
function sha256Of(bytes: Uint8Array): Sha256 {
  return checked(hash("sha256", bytes, "hex"));
}

/** The digest of one file after another, whose content comes whole or in parts. */
export class FileDigest {
  #whole: Sha256 | undefined;
  #parts: Hash | undefined;

  /** @param isAll Whether `bytes` are the file's whole content. */
  add(bytes: Uint8Array, isAll: boolean): void {
    if (isAll) {
      this.#whole = sha256Of(bytes);
      return;
    }
    this.#parts ??= createHash("sha256");
    this.#parts.update(bytes);
  }

  /** The digest of what was added since the last call. */
  take(): Sha256 {
    const digest = this.#whole ?? checked((this.#parts ?? createHash("sha256")).digest("hex"));
    this.#whole = undefined;
    this.#parts = undefined;
    return digest;
  }
}

function checked(digest: string): Sha256 {
  if (!isSha256(digest)) throw new TypeError(`node:crypto gave ${digest} as a SHA-256`);
  return digest;
}
