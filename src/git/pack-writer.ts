import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { GitError, writeFailure } from "./git-error.ts";
import { OBJECT_TYPES, type ObjectType, startObjectHash } from "./objects.ts";
import { entryHead, packHead } from "./pack-entry.ts";
import {
  adler32Bytes,
  STORED_BLOCK_BYTES,
  startAdler32,
  storedBlockHead,
  updateAdler32,
  ZLIB_HEAD,
} from "./stored-zlib.ts";

/** An object that is to be written; its content comes in pieces of any length. */
export interface WrittenObject {
  readonly id: string;
  readonly type: ObjectType;
  readonly sizeBytes: number;
}

/** A finished pack. */
export interface WrittenPack {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly trailer: string;
}

/** Writes a canonical pack piece by piece. Objects must come in the pack's order; {@link packOrder} gives it. */
export interface PackWriter {
  /** Begins the next object. */
  begin(object: WrittenObject): void;
  /** More of the content of the object that was begun. */
  write(piece: Uint8Array): void;
  /** @throws {GitError} `git/object-damaged` when the content does not hash to its id, or has another length. */
  end(): void;
  finish(): WrittenPack;
}

/** The order of a canonical pack: by type, then by id. */
export function packOrder<T extends Pick<WrittenObject, "id" | "type">>(objects: readonly T[]): T[] {
  const rank = ({ type }: T): number => OBJECT_TYPES.indexOf(type);
  return [...objects].sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/**
 * Starts a pack of `count` objects.
 *
 * @param emit Takes the pack's bytes; the array must not be kept.
 */
export function startPack(count: number, emit: (bytes: Uint8Array) => void): PackWriter {
  const sha1 = createHash("sha1");
  const sha256 = createHash("sha256");
  let sizeBytes = 0;
  const put = (bytes: Uint8Array, hashed = true): void => {
    if (hashed) sha1.update(bytes);
    sha256.update(bytes);
    sizeBytes += bytes.length;
    emit(bytes);
  };
  let entry: OpenEntry | undefined;
  put(packHead(count));
  return {
    begin(object) {
      entry = new OpenEntry(object, put);
    },
    write: (piece) => entry?.write(piece),
    end: () => entry?.end(),
    finish() {
      const trailer = sha1.digest();
      put(trailer, false);
      return { sha256: sha256.digest("hex"), sizeBytes, trailer: trailer.toString("hex") };
    },
  };
}

/** Frames the content of one object in stored blocks and checks it on the way. */
class OpenEntry {
  readonly #object: WrittenObject;
  readonly #put: (bytes: Uint8Array) => void;
  readonly #hash;
  readonly #adler = startAdler32();
  /** Bytes of the object that are still to come. */
  #left: number;
  /** Bytes that still fit into the block that was begun. */
  #room = 0;

  constructor(object: WrittenObject, put: (bytes: Uint8Array) => void) {
    this.#object = object;
    this.#put = put;
    this.#left = object.sizeBytes;
    this.#hash = startObjectHash(object.type, object.sizeBytes);
    put(entryHead(object.type, object.sizeBytes));
    put(ZLIB_HEAD);
    if (object.sizeBytes === 0) put(storedBlockHead(0));
  }

  write(piece: Uint8Array): void {
    this.#hash.update(piece);
    updateAdler32(this.#adler, piece);
    for (let at = 0; at < piece.length; ) {
      if (this.#left === 0) throw this.#damaged("is longer than its size says");
      if (this.#room === 0) {
        this.#put(storedBlockHead(this.#left));
        this.#room = Math.min(this.#left, STORED_BLOCK_BYTES);
      }
      const part = piece.subarray(at, at + this.#room);
      this.#put(part);
      at += part.length;
      this.#room -= part.length;
      this.#left -= part.length;
    }
  }

  end(): void {
    if (this.#left > 0) throw this.#damaged(`lacks ${this.#left} bytes`);
    const actual = this.#hash.digest("hex");
    if (actual !== this.#object.id) throw this.#damaged(`hashes to ${actual}`);
    this.#put(adler32Bytes(this.#adler));
  }

  #damaged(reason: string): GitError {
    const { type, id } = this.#object;
    return new GitError({
      code: "git/object-damaged",
      what: `the content of ${type} ${id} ${reason}`,
      help: "run the command again; if it stays the same, tell the repository's owner to run `git fsck`",
      object: id,
    });
  }
}

/** Bytes that are gathered before they go to the file. */
const GATHERED_BYTES = 1024 * 1024;

/** A file that is written from front to back in large pieces. */
export interface FileSink {
  put(bytes: Uint8Array): void;
  /** Writes what is left and closes the file. */
  close(): void;
}

/**
 * Makes a new file.
 *
 * @param path Must not exist.
 * @throws {GitError} `git/write-failed`, here and from both functions.
 */
export function openFileSink(path: string): FileSink {
  const file = attempt(path, () => openSync(path, "wx", 0o644));
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  const flush = (): void => {
    const all = Buffer.concat(gathered);
    gathered = [];
    gatheredBytes = 0;
    for (let at = 0; at < all.length; ) at += attempt(path, () => writeSync(file, all, at));
  };
  return {
    put(bytes) {
      gathered.push(Buffer.from(bytes));
      gatheredBytes += bytes.length;
      if (gatheredBytes >= GATHERED_BYTES) flush();
    },
    close() {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw writeFailure(error, path);
  }
}
