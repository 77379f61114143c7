import { OBJECT_TYPES, type ObjectType } from "./objects.ts";
import { storedZlibBytes } from "./stored-zlib.ts";

export const PACK_HEAD_BYTES = 12;
export const PACK_TRAILER_BYTES = 20;
/** The longest head that an entry can have: four bits of size, then seven a byte. */
const ENTRY_HEAD_BYTES = 8;

/** `PACK`, version 2, number of objects. */
export function packHead(objects: number): Buffer {
  const head = Buffer.alloc(PACK_HEAD_BYTES);
  head.write("PACK", "latin1");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects, 8);
  return head;
}

/** Type and size of an entry in git's variable-length form, as short as possible. */
export function entryHead(type: ObjectType, sizeBytes: number): Uint8Array {
  const bytes: number[] = [];
  let byte = ((OBJECT_TYPES.indexOf(type) + 1) << 4) | (sizeBytes % 16);
  for (let rest = Math.floor(sizeBytes / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest % 128;
  }
  bytes.push(byte);
  return Uint8Array.from(bytes);
}

/** The size of a whole entry in a canonical pack. */
export function entryBytes(type: ObjectType, sizeBytes: number): number {
  return entryHead(type, sizeBytes).length + storedZlibBytes(sizeBytes);
}

/** What an entry's head says; undefined when it says nothing that a canonical pack has. */
export interface EntryHead {
  readonly type: ObjectType;
  readonly sizeBytes: number;
  readonly headBytes: number;
}

/**
 * Reads the head of an entry.
 *
 * @param bytes The pack from the entry on, at least its first 8 bytes or all that is left of it.
 */
export function readEntryHead(bytes: Uint8Array): EntryHead | undefined {
  const first = bytes[0] ?? 0;
  const type = OBJECT_TYPES[((first >> 4) & 7) - 1];
  if (type === undefined) return undefined;
  let sizeBytes = first & 15;
  let scale = 16;
  let byte = first;
  let headBytes = 1;
  while (byte >= 0x80) {
    if (headBytes >= Math.min(bytes.length, ENTRY_HEAD_BYTES)) return undefined;
    byte = bytes[headBytes] ?? 0;
    sizeBytes += (byte & 0x7f) * scale;
    scale *= 128;
    headBytes += 1;
  }
  const isShortest = headBytes === 1 || byte !== 0;
  return isShortest ? { type, sizeBytes, headBytes } : undefined;
}
