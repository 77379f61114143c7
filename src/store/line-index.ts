import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { errnoOf } from "./store-error.ts";

/** Where a line's text lies in the log. */
export interface LinePlace {
  readonly offset: number;
  readonly length: number;
}

/** A loaded line index; its layout is in docs/formats/store.md. */
export interface LineIndex {
  /** How many bytes of the log it speaks of. */
  readonly covered: number;
  /** The sorted entries. */
  readonly entries: Buffer;
}

const HEADER = Buffer.from("cargo-hub line index 1\n\0");
const FIXED_BYTES = 36;
const ENTRIES_AT = 68;
const ENTRY_BYTES = 44;

/** Reads an index; undefined when it is missing, damaged, or speaks of more than the log has. */
export function loadLineIndex(path: string, logBytes: number): LineIndex | undefined {
  const bytes = readIfPresent(path);
  if (bytes === undefined || bytes.length < ENTRIES_AT) return undefined;
  const covered = Number(bytes.readBigUInt64LE(24));
  const entries = bytes.subarray(ENTRIES_AT);
  const sound =
    bytes.subarray(0, 24).equals(HEADER) &&
    entries.length === bytes.readUInt32LE(32) * ENTRY_BYTES &&
    covered <= logBytes &&
    digestOf(bytes.subarray(0, FIXED_BYTES), entries).equals(bytes.subarray(FIXED_BYTES, ENTRIES_AT));
  return sound ? { covered, entries } : undefined;
}

/** Binary search for a digest in hex. */
export function findInIndex(index: LineIndex, digest: string): LinePlace | undefined {
  const key = Buffer.from(digest, "hex");
  let low = 0;
  let high = index.entries.length / ENTRY_BYTES;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = middle * ENTRY_BYTES;
    const order = index.entries.compare(key, 0, 32, at, at + 32);
    if (order === 0)
      return { offset: Number(index.entries.readBigUInt64LE(at + 32)), length: index.entries.readUInt32LE(at + 40) };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

/** All entries, the digests in hex. */
export function* placesOf({ entries }: LineIndex): Generator<LinePlace & { readonly digest: string }> {
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    const offset = Number(entries.readBigUInt64LE(at + 32));
    yield { digest: entries.toString("hex", at, at + 32), offset, length: entries.readUInt32LE(at + 40) };
  }
}

/** The bytes of an index over `places` (digest in hex → place). */
export function formatLineIndex(covered: number, places: ReadonlyMap<string, LinePlace>): Buffer {
  const bytes = Buffer.alloc(ENTRIES_AT + places.size * ENTRY_BYTES);
  HEADER.copy(bytes);
  bytes.writeBigUInt64LE(BigInt(covered), 24);
  bytes.writeUInt32LE(places.size, 32);
  let at = ENTRIES_AT;
  for (const digest of [...places.keys()].sort()) {
    const place = places.get(digest) ?? { offset: 0, length: 0 };
    bytes.write(digest, at, "hex");
    bytes.writeBigUInt64LE(BigInt(place.offset), at + 32);
    bytes.writeUInt32LE(place.length, at + 40);
    at += ENTRY_BYTES;
  }
  digestOf(bytes.subarray(0, FIXED_BYTES), bytes.subarray(ENTRIES_AT)).copy(bytes, FIXED_BYTES);
  return bytes;
}

function digestOf(head: Buffer, entries: Buffer): Buffer {
  return createHash("sha256").update(head).update(entries).digest();
}

function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
