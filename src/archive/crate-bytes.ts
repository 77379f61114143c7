import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Complain, complaintsAbout } from "./archive-error.ts";

/** A crate file: its bytes, or where it lies. */
export type CrateSource = Uint8Array | { readonly path: string };

/** Random access to a crate file. */
export interface CrateBytes {
  readonly sizeBytes: number;
  /** At most `length` bytes from `at` on; fewer only at the end. */
  read(at: number, length: number): Buffer;
  close(): void;
}

/**
 * Makes the crate file readable.
 *
 * @throws {ArchiveError} archive/unreadable, also from `read`.
 */
export function openCrate(source: CrateSource, complain: Complain): CrateBytes {
  if (source instanceof Uint8Array) return inMemory(source);
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw complain({ code: "archive/unreadable", what: `the crate file cannot be read: ${reason}`, cause });
    }
  };
  return guard(() => onDisk(source.path, guard));
}

/** Names the crate file in messages: its path, or the name that cargo would give it. */
export function complaintsForCrate(source: CrateSource, topDirectory: string): Complain {
  return complaintsAbout(source instanceof Uint8Array ? `${topDirectory}.crate` : source.path);
}

function inMemory(bytes: Uint8Array): CrateBytes {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sizeBytes: view.length,
    read: (at, length) => view.subarray(at, at + length),
    close: () => undefined,
  };
}

function onDisk(path: string, guard: <T>(work: () => T) => T): CrateBytes {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    return {
      sizeBytes: size,
      read: (at, length) =>
        guard(() => readFully(file, Buffer.allocUnsafe(Math.min(length, Math.max(0, size - at))), at)),
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function readFully(file: number, into: Buffer, at: number): Buffer {
  let done = 0;
  while (done < into.length) {
    const count = readSync(file, into, done, into.length - done, at + done);
    if (count === 0) break;
    done += count;
  }
  return into.subarray(0, done);
}
