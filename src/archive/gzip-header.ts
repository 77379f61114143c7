import { crc32 } from "node:zlib";

const HEADER_CRC = 0x02;
const EXTRA = 0x04;
const NAME = 0x08;
const COMMENT = 0x10;
const RESERVED = 0xe0;

/** The header of a gzip member ends before this many bytes; its name and comment are of no use to us. */
export const LONGEST_GZIP_HEADER = 65_536;

/** Bytes after the compressed data: CRC-32 and length of the content, both little-endian. */
export const GZIP_TRAILER_BYTES = 8;

/** What the first bytes of a file are. */
export type GzipHeader =
  | { readonly kind: "gzip" /** Where the compressed data starts. */; readonly length: number }
  | { readonly kind: "incomplete" }
  | { readonly kind: "not-gzip"; readonly reason: string };

/**
 * Reads the header of a gzip member.
 *
 * @param bytes The file's first bytes, up to {@link LONGEST_GZIP_HEADER} of them.
 * @see RFC 1952, section 2.3.
 */
export function readGzipHeader(bytes: Buffer): GzipHeader {
  if (bytes.length < 10) return { kind: "incomplete" };
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { kind: "not-gzip", reason: "does not start with 1f 8b" };
  if (bytes[2] !== 8) return { kind: "not-gzip", reason: `uses compression method ${bytes[2]}, not deflate` };
  const flags = bytes[3] ?? 0;
  if ((flags & RESERVED) !== 0) return { kind: "not-gzip", reason: "sets reserved gzip flags" };
  let at = 10;
  if ((flags & EXTRA) !== 0) {
    if (bytes.length < at + 2) return { kind: "incomplete" };
    at += 2 + bytes.readUInt16LE(at);
  }
  for (const flag of [NAME, COMMENT]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end === -1) return { kind: "incomplete" };
    at = end + 1;
  }
  if ((flags & HEADER_CRC) !== 0) {
    if (bytes.length < at + 2) return { kind: "incomplete" };
    if (bytes.readUInt16LE(at) !== (crc32(bytes.subarray(0, at)) & 0xffff)) {
      return { kind: "not-gzip", reason: "has a gzip header that does not match its own check sum" };
    }
    at += 2;
  }
  return at > bytes.length ? { kind: "incomplete" } : { kind: "gzip", length: at };
}
