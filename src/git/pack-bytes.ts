import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { GitError } from "./git-error.ts";

/** A pack by its content, or by the path of its file. */
export type PackPlace = Uint8Array | { readonly path: string };

/** Bytes that can be read anywhere, in memory or in a file. */
export interface PackBytes {
  readonly sizeBytes: number;
  /** For error messages: the path, or `a pack in memory`. */
  readonly where: string;
  /**
   * Exactly `length` bytes from `offset` on.
   *
   * @returns Valid until the next call; fewer when the bytes end before.
   */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/**
 * Opens the bytes of a pack.
 *
 * @throws {GitError} `git/pack-damaged` when the file is not there or can not be read.
 */
export function openPackBytes(place: PackPlace): PackBytes {
  if (place instanceof Uint8Array) {
    const all = Buffer.from(place.buffer, place.byteOffset, place.length);
    return {
      sizeBytes: all.length,
      where: "a pack in memory",
      read: (offset, length) => all.subarray(offset, offset + length),
      close() {},
    };
  }
  return reading(place.path, () => openFile(place.path));
}

function openFile(path: string): PackBytes {
  const file = openSync(path, "r");
  let buffer = Buffer.allocUnsafe(256 * 1024);
  return {
    sizeBytes: fstatSync(file).size,
    where: path,
    read(offset, length) {
      if (buffer.length < length) buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const got = reading(path, () => readSync(file, buffer, filled, length - filled, offset + filled));
        if (got === 0) break;
        filled += got;
      }
      return buffer.subarray(0, filled);
    },
    close: () => closeSync(file),
  };
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new GitError({
      code: "git/pack-damaged",
      what: `the pack can not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: path,
      help: "run `cargo-hub verify --repair`, which fetches it again",
      cause,
    });
  }
}
