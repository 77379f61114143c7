import { crc32, deflateRawSync } from "node:zlib";

const BLOCK = 512;
const CARGO_MTIME = 1_153_704_088;
const encoder = new TextEncoder();

/** One member of a tar archive. Everything may be wrong on purpose. */
export interface Member {
  /** Put into the name field as it is; more than 100 bytes are cut. */
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  /** Type flag; "0" (a file) unless told. */
  readonly type?: string;
  /** 0755 for directories and 0644 for all others unless told. */
  readonly mode?: number;
  readonly mtime?: number;
  readonly linkName?: string;
  /** Which archive format the header claims; `gnu`, as cargo writes, unless told. */
  readonly format?: "gnu" | "ustar" | "v7";
  /** The ustar field for the front part of a long name. */
  readonly prefix?: string;
  /** The size that the header claims, when it shall differ from the content's. */
  readonly size?: number;
  /** Raw bytes that replace others in the header, by offset; written before the check sum is made. */
  readonly patch?: Readonly<Record<number, string | Uint8Array>>;
  /** The check sum in the header, when it shall be wrong. */
  readonly checksum?: number;
}

/** A member of a crate: a path below the top directory with its content, which most tests need. */
export function file(name: string | Uint8Array, content: string | Uint8Array = "", more: Partial<Member> = {}): Member {
  return { name, content, ...more };
}

/** GNU's way of giving the next member a name (`L`) or a link target (`K`) of any length. The text is not ended by itself. */
export function gnuLong(type: "L" | "K", text: string | Uint8Array): Member {
  return { name: "././@LongLink", type, content: text, mode: 0, mtime: 0 };
}

/** A pax header for the next member (`x`) or all that follow (`g`). */
export function pax(records: Readonly<Record<string, string>>, more: Partial<Member> = {}): Member {
  const content = Object.entries(records).map(([key, value]) => paxRecord(key, value));
  return { name: "PaxHeaders/entry", type: "x", format: "ustar", content: content.join(""), ...more };
}

/** One record of a pax header: its own length, key and value. */
export function paxRecord(key: string, value: string): string {
  const rest = encoder.encode(` ${key}=${value}\n`).length;
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** Header, content and padding of one member. */
export function memberBytes(member: Member): Buffer {
  const content = bytesOf(member.content ?? "");
  return Buffer.concat([header(member, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))]);
}

/** A tar archive with the usual end mark of two zero blocks. */
export function tar(members: readonly Member[], end: Uint8Array = Buffer.alloc(2 * BLOCK)): Buffer {
  return Buffer.concat([...members.map(memberBytes), end]);
}

/** What may be unusual about a gzip member. */
export interface GzipShape {
  /** Deflate level; 9 unless told. */
  readonly level?: number;
  readonly flags?: number;
  /** What follows the first ten bytes, according to the flags. */
  readonly optional?: Uint8Array;
  readonly crc?: number;
  readonly length?: number;
}

/** A gzip member with no name in it. */
export function gzip(content: Uint8Array, shape: GzipShape = {}): Buffer {
  const head = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, shape.flags ?? 0, 0, 0, 0, 0, 2, 255]),
    shape.optional ?? Buffer.alloc(0),
  ]);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(shape.crc ?? crc32(content), 0);
  trailer.writeUInt32LE((shape.length ?? content.length) % 2 ** 32, 4);
  return Buffer.concat([head, deflateRawSync(content, { level: shape.level ?? 9 }), trailer]);
}

/** A crate file of these members. */
export function crate(members: readonly Member[]): Buffer {
  return gzip(tar(members));
}

function header(member: Member, contentBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (at: number, text: string | Uint8Array, limit: number): void => {
    block.set(bytesOf(text).subarray(0, limit), at);
  };
  put(0, member.name, 100);
  put(100, number(member.mode ?? (member.type === "5" ? 0o755 : 0o644), 8), 8);
  put(108, number(0, 8), 8);
  put(116, number(0, 8), 8);
  put(124, number(member.size ?? contentBytes, 12), 12);
  put(136, number(member.mtime ?? CARGO_MTIME, 12), 12);
  put(148, " ".repeat(8), 8);
  put(156, member.type ?? "0", 1);
  put(157, member.linkName ?? "", 100);
  const format = member.format ?? "gnu";
  if (format === "gnu") put(257, "ustar  \0", 8);
  if (format === "ustar") put(257, "ustar\u000000", 8);
  put(345, member.prefix ?? "", 155);
  for (const [at, bytes] of Object.entries(member.patch ?? {})) put(Number(at), bytes, BLOCK);
  const sum = member.checksum ?? block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `, 8);
  return block;
}

/** Octal digits and a NUL or, for what does not fit, base 256 with its first bit set. */
function number(value: number, width: number): Uint8Array {
  const digits = value.toString(8);
  if (value >= 0 && digits.length < width) return encoder.encode(`${digits.padStart(width - 1, "0")}\0`);
  const bytes = Buffer.alloc(width);
  let rest = BigInt.asUintN(width * 8, BigInt(value));
  for (let at = width - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0] = (bytes[0] ?? 0) | 0x80;
  return bytes;
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? encoder.encode(content) : content;
}
