import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { GitError } from "./git-error.ts";
import type { GitLimits } from "./limits.ts";
import { OBJECT_TYPES, type ObjectType, startObjectHash } from "./objects.ts";
import type { PackBytes } from "./pack-bytes.ts";
import { PACK_HEAD_BYTES, PACK_TRAILER_BYTES, packHead, readEntryHead } from "./pack-entry.ts";
import {
  ADLER_BYTES,
  adler32Bytes,
  BLOCK_HEAD_BYTES,
  STORED_BLOCK_BYTES,
  startAdler32,
  storedBlockHead,
  updateAdler32,
  ZLIB_HEAD,
} from "./stored-zlib.ts";

/** Where one object stands in a pack. */
export interface PackedObject {
  readonly id: string;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** First byte of its entry. */
  readonly offset: number;
  /** First byte of its zlib stream. */
  readonly streamOffset: number;
  /** CRC-32 of the entry, for the pack's index. */
  readonly crc32: number;
}

/** The framing of a pack that is canonical as far as it can be told without looking into its trees. */
export interface CheckedPack {
  /** In the order of the pack. */
  readonly objects: readonly PackedObject[];
  readonly sha256: string;
  /** The SHA-1 at its end. */
  readonly trailer: string;
}

const LARGEST: Readonly<Record<ObjectType, keyof GitLimits>> = {
  commit: "commitBytes",
  tree: "treeBytes",
  blob: "blobBytes",
};

/**
 * Reads a pack from its first byte to its last and checks all of them but what commit and trees say.
 *
 * @throws {GitError} `git/pack-damaged` with offset and object, `git/too-large`.
 */
export function checkPack(bytes: PackBytes, limits: GitLimits): CheckedPack {
  if (bytes.sizeBytes > limits.packBytes)
    throw tooLarge(bytes, `it has ${bytes.sizeBytes} bytes, more than ${limits.packBytes}`);
  const reader = new PackReader(bytes);
  const count = readHead(reader, limits);
  const objects: PackedObject[] = [];
  for (let index = 0; index < count; index += 1) {
    const object = readEntry(reader, limits);
    const previous = objects.at(-1);
    if (previous !== undefined && !isBehind(object, previous))
      throw damaged(bytes, "the objects are not in order", object);
    objects.push(object);
  }
  const trailer = reader.sha1.digest("hex");
  const found = reader.takeTrailer(PACK_TRAILER_BYTES).toString("hex");
  if (found !== trailer)
    throw damaged(bytes, `it ends with ${found}, but its bytes hash to ${trailer}`, {
      offset: reader.offset - PACK_TRAILER_BYTES,
    });
  if (reader.offset !== bytes.sizeBytes) throw damaged(bytes, "something stands behind its end", reader);
  return { objects, sha256: reader.sha256.digest("hex"), trailer };
}

/** Takes a pack from front to back; what is taken goes into the hashes of the pack and of the present entry. */
class PackReader {
  offset = 0;
  entryCrc32 = 0;
  readonly sha1 = createHash("sha1");
  readonly sha256 = createHash("sha256");
  readonly bytes: PackBytes;

  constructor(bytes: PackBytes) {
    this.bytes = bytes;
  }

  peek(length: number): Buffer {
    return this.bytes.read(this.offset, length);
  }

  /** @throws {GitError} `git/pack-damaged` when fewer bytes are left. */
  take(length: number): Buffer {
    const taken = this.takeTrailer(length);
    this.sha1.update(taken);
    this.entryCrc32 = crc32(taken, this.entryCrc32);
    return taken;
  }

  /** As {@link PackReader.take}, for what is no part of the pack's own SHA-1. */
  takeTrailer(length: number): Buffer {
    const taken = this.peek(length);
    if (taken.length < length) throw damaged(this.bytes, "it ends too early", this);
    this.sha256.update(taken);
    this.offset += length;
    return taken;
  }
}

function readHead(reader: PackReader, limits: GitLimits): number {
  const head = reader.take(PACK_HEAD_BYTES);
  const count = head.readUInt32BE(8);
  if (!head.equals(packHead(count))) throw damaged(reader.bytes, "it is no pack of version 2", { offset: 0 });
  if (count > limits.objects) throw tooLarge(reader.bytes, `it has ${count} objects, more than ${limits.objects}`);
  return count;
}

function readEntry(reader: PackReader, limits: GitLimits): PackedObject {
  const { offset } = reader;
  reader.entryCrc32 = 0;
  const head = readEntryHead(reader.peek(PACK_HEAD_BYTES));
  if (head === undefined) throw damaged(reader.bytes, "no canonical entry begins here", { offset });
  const { type, sizeBytes, headBytes } = head;
  if (sizeBytes > limits[LARGEST[type]])
    throw tooLarge(
      reader.bytes,
      `a ${type} at byte ${offset} has ${sizeBytes} bytes, more than ${limits[LARGEST[type]]}`,
    );
  reader.take(headBytes);
  const id = readStream(reader, { type, sizeBytes });
  return { id, type, sizeBytes, offset, streamOffset: offset + headBytes, crc32: reader.entryCrc32 };
}

/** Checks the zlib stream of one object and gives the object's id. */
function readStream(reader: PackReader, { type, sizeBytes }: Pick<PackedObject, "type" | "sizeBytes">): string {
  const hash = startObjectHash(type, sizeBytes);
  const adler = startAdler32();
  let { offset } = reader;
  if (!reader.take(ZLIB_HEAD.length).equals(ZLIB_HEAD))
    throw damaged(reader.bytes, "the zlib stream does not begin with 78 01", { offset });
  for (let left = sizeBytes; ; left -= STORED_BLOCK_BYTES) {
    offset = reader.offset;
    if (!reader.take(BLOCK_HEAD_BYTES).equals(storedBlockHead(left)))
      throw damaged(reader.bytes, "this is not the stored block that should stand here", { offset });
    const content = reader.take(Math.min(left, STORED_BLOCK_BYTES));
    hash.update(content);
    updateAdler32(adler, content);
    if (left <= STORED_BLOCK_BYTES) break;
  }
  offset = reader.offset;
  if (!reader.take(ADLER_BYTES).equals(adler32Bytes(adler)))
    throw damaged(reader.bytes, "the Adler-32 of an object is wrong", { offset });
  return hash.digest("hex");
}

function isBehind(object: PackedObject, previous: PackedObject): boolean {
  const step = OBJECT_TYPES.indexOf(object.type) - OBJECT_TYPES.indexOf(previous.type);
  return step > 0 || (step === 0 && object.id > previous.id);
}

/** The error for a pack that is not the canonical one. */
export function damaged(
  { where }: Pick<PackBytes, "where">,
  reason: string,
  at: { readonly offset?: number; readonly id?: string } = {},
): GitError {
  const place = at.offset === undefined ? "" : ` at byte ${at.offset}`;
  return new GitError({
    code: "git/pack-damaged",
    what: `this is not the canonical pack of its commit: ${reason}${place}`,
    where,
    help: "run `cargo-hub verify --repair`, which fetches it again",
    ...(at.offset === undefined ? {} : { offset: at.offset }),
    ...(at.id === undefined ? {} : { object: at.id }),
  });
}

function tooLarge({ where }: PackBytes, reason: string): GitError {
  return new GitError({
    code: "git/too-large",
    what: `the pack is too large: ${reason}`,
    where,
    help: "depend on a smaller repository; see the limits in docs/formats/git.md",
  });
}
