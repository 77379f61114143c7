import type { DiskNode } from "./disk-nodes.ts";

/** Numbers of the kernel's requests. @see include/uapi/linux/fuse.h, version 7.31. */
export const opcode = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  readlink: 5,
  symlink: 6,
  mknod: 8,
  mkdir: 9,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  fsyncdir: 30,
  create: 35,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
  rename2: 45,
} as const;

export const IN_HEADER_BYTES = 40;
export const LARGEST_WRITE = 128 * 1024;

/** One request of the kernel. */
export interface FuseRequest {
  readonly opcode: number;
  readonly unique: bigint;
  readonly nodeId: number;
  /** What follows the header. */
  readonly body: Buffer;
}

export function readRequest(bytes: Buffer): FuseRequest {
  return {
    opcode: bytes.readUInt32LE(4),
    unique: bytes.readBigUInt64LE(8),
    nodeId: Number(bytes.readBigUInt64LE(16)),
    body: bytes.subarray(IN_HEADER_BYTES, bytes.readUInt32LE(0)),
  };
}

/** @param error An error number, or 0. */
export function reply(unique: bigint, error: number, body: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + body.length, 0);
  head.writeInt32LE(-error, 4);
  head.writeBigUInt64LE(unique, 8);
  return Buffer.concat([head, body]);
}

/** The texts behind the fixed part of a request, each ended by a zero byte. */
export function namesIn(body: Buffer, at: number): string[] {
  return body.toString("utf8", at).split("\0").slice(0, -1);
}

export function initReply(): Buffer {
  const body = Buffer.alloc(64);
  body.writeUInt32LE(7, 0);
  body.writeUInt32LE(31, 4);
  body.writeUInt32LE(LARGEST_WRITE, 8);
  body.writeUInt32LE(LARGEST_WRITE, 20);
  body.writeUInt32LE(1, 24);
  return body;
}

/** The kernel is to keep nothing: each look at a name comes here. */
export function entryReply(node: DiskNode): Buffer {
  const head = Buffer.alloc(40);
  head.writeBigUInt64LE(BigInt(node.id), 0);
  return Buffer.concat([head, attributes(node)]);
}

export function attributeReply(node: DiskNode): Buffer {
  return Buffer.concat([Buffer.alloc(16), attributes(node)]);
}

function attributes(node: DiskNode): Buffer {
  const body = Buffer.alloc(88);
  const size = BigInt(node.content.length);
  body.writeBigUInt64LE(BigInt(node.id), 0);
  body.writeBigUInt64LE(size, 8);
  body.writeBigUInt64LE((size + 511n) / 512n, 16);
  for (const [at, nanosAt] of [
    [24, 48],
    [32, 52],
    [40, 56],
  ] as const) {
    body.writeBigUInt64LE(node.mtimeNs / 1_000_000_000n, at);
    body.writeUInt32LE(Number(node.mtimeNs % 1_000_000_000n), nanosAt);
  }
  body.writeUInt32LE(node.mode, 60);
  body.writeUInt32LE(node.links, 64);
  body.writeUInt32LE(4096, 80);
  return body;
}

export function statfsReply(): Buffer {
  const body = Buffer.alloc(80);
  for (const at of [0, 8, 16, 24, 32]) body.writeBigUInt64LE(1_000_000n, at);
  for (const at of [40, 48]) body.writeUInt32LE(4096, at);
  body.writeUInt32LE(255, 44);
  return body;
}

/** As many entries from `offset` on as fit. */
export function directoryReply(directory: DiskNode, offset: number, sizeBytes: number): Buffer {
  const pieces: Buffer[] = [];
  let length = 0;
  for (const [index, { name, node }] of [...directory.entries.values()].entries()) {
    if (index < offset) continue;
    const text = Buffer.from(name);
    const piece = Buffer.alloc(24 + Math.ceil(text.length / 8) * 8);
    piece.writeBigUInt64LE(BigInt(node.id), 0);
    piece.writeBigUInt64LE(BigInt(index + 1), 8);
    piece.writeUInt32LE(text.length, 16);
    piece.writeUInt32LE(node.mode >> 12, 20);
    text.copy(piece, 24);
    if (length + piece.length > sizeBytes) break;
    length += piece.length;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
