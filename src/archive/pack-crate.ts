import { crc32 } from "node:zlib";
import { type Complain, complaintsAbout } from "./archive-error.ts";
import { openCrate } from "./crate-bytes.ts";
import { judgeName } from "./entry-name.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { BLOCK_BYTES } from "./tar-header.ts";

/** A file to pack. */
export interface FileToPack {
  /** Below the crate's top directory, with slashes. */
  readonly path: string;
  /** The content, or the file that has it. */
  readonly content: Uint8Array | { readonly path: string };
  readonly isExecutable: boolean;
}

/** The time that cargo gives every packed file: 2006-07-24T01:21:28Z. */
const MTIME_SECONDS = 1_153_704_088;

/** The most bytes of a stored block of deflate. */
const STORED_BYTES = 65_535;

const READ_BYTES = 256 * 1024;

/**
 * Packs files into a crate file, in the order given: the same files give the same bytes everywhere.
 *
 * @param topDirectory `<name>-<version>`.
 * @returns The crate file in pieces; content on disk is read while they are taken.
 * @throws {ArchiveError} `archive/bad-name`, `archive/conflict`, `archive/too-large` or `archive/unreadable`, also when a
 *   file changes its size while it is read.
 * @see docs/formats/crate.md
 */
export function* packCrate(topDirectory: string, files: readonly FileToPack[]): Generator<Buffer, void, undefined> {
  const complain = complaintsAbout(`${topDirectory}.crate`);
  checkPaths(topDirectory, files, complain);
  const name = Buffer.from(`${topDirectory}.crate\0`);
  yield Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255]), name]);
  const stream = { crc: 0, bytes: 0 };
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for (const piece of tarPieces(topDirectory, files, complain)) {
    stream.crc = crc32(piece, stream.crc);
    stream.bytes += piece.length;
    if (stream.bytes > DEFAULT_LIMITS.unpackedBytes) {
      throw complain({
        code: "archive/too-large",
        what: `it would unpack to more than ${DEFAULT_LIMITS.unpackedBytes} bytes`,
      });
    }
    waiting.push(piece);
    waitingBytes += piece.length;
    if (waitingBytes < STORED_BYTES) continue;
    const whole = Buffer.concat(waiting);
    const end = whole.length - (whole.length % STORED_BYTES);
    for (let at = 0; at < end; at += STORED_BYTES) yield* storedBlock(whole.subarray(at, at + STORED_BYTES), 0);
    waiting = [whole.subarray(end)];
    waitingBytes = whole.length - end;
  }
  if (waitingBytes > 0) yield* storedBlock(Buffer.concat(waiting), 0);
  yield* storedBlock(Buffer.alloc(0), 1);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(stream.crc, 0);
  trailer.writeUInt32LE(stream.bytes % 2 ** 32, 4);
  yield trailer;
}

function* storedBlock(content: Buffer, final: 0 | 1): Generator<Buffer, void, undefined> {
  const head = Buffer.alloc(5);
  head.writeUInt8(final, 0);
  head.writeUInt16LE(content.length, 1);
  head.writeUInt16LE(~content.length & 0xffff, 3);
  yield head;
  if (content.length > 0) yield content;
}

function checkPaths(topDirectory: string, files: readonly FileToPack[], complain: Complain): void {
  const seen = new Set<string>();
  let total = 0;
  if (files.length === 0) throw complain({ code: "archive/empty", what: "there is no file to pack" });
  if (files.length > DEFAULT_LIMITS.entries) {
    throw complain({ code: "archive/too-large", what: `it would have ${files.length} files` });
  }
  for (const { path } of files) {
    const entry = `${topDirectory}/${path}`;
    const verdict = judgeName(entry, topDirectory);
    if (verdict.kind !== "good") throw complain({ code: "archive/bad-name", what: verdict.reason, entry });
    if (verdict.path !== path || path === "") {
      throw complain({ code: "archive/bad-name", what: "is not a plain path below the package", entry });
    }
    if (seen.has(path)) throw complain({ code: "archive/conflict", what: "is there twice", entry });
    seen.add(path);
    const bytes = Buffer.byteLength(entry);
    total += bytes;
    if (bytes > DEFAULT_LIMITS.pathBytes || total > DEFAULT_LIMITS.totalPathBytes) {
      throw complain({ code: "archive/too-large", what: "makes the names too long", entry });
    }
  }
}

function* tarPieces(
  topDirectory: string,
  files: readonly FileToPack[],
  complain: Complain,
): Generator<Buffer, void, undefined> {
  for (const { path, content, isExecutable } of files) {
    const name = Buffer.from(`${topDirectory}/${path}`);
    const source = openCrate(content, complain);
    try {
      if (name.length > NAME_BYTES) yield longName(name);
      const mode = isExecutable ? 0o755 : 0o644;
      yield header({ name: cut(name), mode, sizeBytes: source.sizeBytes, mtimeSeconds: MTIME_SECONDS, type: "0" });
      for (let at = 0; at < source.sizeBytes; at += READ_BYTES) {
        const wanted = Math.min(READ_BYTES, source.sizeBytes - at);
        const piece = source.read(at, wanted);
        if (piece.length < wanted) {
          throw complain({ code: "archive/unreadable", what: "became shorter while it was read", entry: path });
        }
        yield piece;
      }
      yield Buffer.alloc(-source.sizeBytes & (BLOCK_BYTES - 1));
    } finally {
      source.close();
    }
  }
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

const NAME_BYTES = 100;

/** As much of a name as a header has room for, without half a character at the end. */
function cut(name: Buffer): Buffer {
  let end = Math.min(name.length, NAME_BYTES);
  if (end < name.length) while (end > 0 && ((name[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return name.subarray(0, end);
}

function longName(name: Buffer): Buffer {
  const sizeBytes = name.length + 1;
  const head = { name: Buffer.from("././@LongLink"), mode: 0o644, sizeBytes, mtimeSeconds: 0, type: "L" } as const;
  return Buffer.concat([header(head), name, Buffer.alloc(1 + (-sizeBytes & (BLOCK_BYTES - 1)))]);
}

interface HeaderFields {
  readonly name: Buffer;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly type: "0" | "L";
}

function header({ name, mode, sizeBytes, mtimeSeconds, type }: HeaderFields): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  name.copy(block, 0);
  writeOctal(block, { at: 100, width: 8 }, mode);
  writeOctal(block, { at: 108, width: 8 }, 0);
  writeOctal(block, { at: 116, width: 8 }, 0);
  writeOctal(block, { at: 124, width: 12 }, sizeBytes);
  writeOctal(block, { at: 136, width: 12 }, mtimeSeconds);
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  block.write("ustar  \0", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  writeOctal(block, { at: 148, width: 8 }, sum);
  return block;
}

function writeOctal(block: Buffer, field: { readonly at: number; readonly width: number }, value: number): void {
  block.write(`${value.toString(8).padStart(field.width - 1, "0")}\0`, field.at, "latin1");
}
