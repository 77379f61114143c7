import { constants, gzipSync } from "node:zlib";

/** One entry of a tar archive as tests write it. Everything may be wrong on purpose. */
export interface TarEntry {
  readonly path: string;
  readonly content?: Uint8Array | string;
  /** Permission bits; 0644 unless told. */
  readonly mode?: number;
  /** Seconds since 1970; cargo's own fixed stamp unless told. */
  readonly mtimeSeconds?: number;
  /** The type flag of the header: "0" file (the default), "1" hard link, "2" symlink, "3" device, "5" directory, … */
  readonly type?: string;
  /** Target of a link. */
  readonly linkName?: string;
  /** What the header claims as size, when it shall differ from the content. */
  readonly claimedSize?: number;
}

/** The modification time that cargo writes for every packed file (2006-07-24T01:21:28Z). */
const CARGO_MTIME_SECONDS = 1153704088;

const BLOCK = 512;
const encoder = new TextEncoder();

/** Writes a tar archive in GNU format as cargo does; paths over 100 bytes get a GNU long-name entry. */
export function packTar(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const path = encoder.encode(entry.path);
    if (path.length > 100) pushEntry(parts, { path: "././@LongLink", content: `${entry.path}\0`, type: "L" });
    pushEntry(parts, entry);
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(parts);
}

/** Compresses `bytes` with the header that cargo writes: best compression, the file's name, no time, system unknown. */
export function packGzip(bytes: Uint8Array, fileName: string): Uint8Array {
  const plain = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  const head = new Uint8Array([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 2, 0xff]);
  return Buffer.concat([head, encoder.encode(`${fileName}\0`), plain.subarray(10)]);
}

function pushEntry(parts: Uint8Array[], entry: TarEntry): void {
  const content =
    typeof entry.content === "string" ? encoder.encode(entry.content) : (entry.content ?? new Uint8Array());
  parts.push(header(entry, content.length), content);
  const rest = content.length % BLOCK;
  if (rest !== 0) parts.push(new Uint8Array(BLOCK - rest));
}

function header(entry: TarEntry, sizeBytes: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string, limit: number): void => block.set(encoder.encode(text).subarray(0, limit), at);
  put(0, entry.path, 100);
  put(100, octal(entry.mode ?? 0o644, 7), 8);
  put(108, octal(0, 7), 8);
  put(116, octal(0, 7), 8);
  put(124, octal(entry.claimedSize ?? sizeBytes, 11), 12);
  put(136, octal(entry.mtimeSeconds ?? CARGO_MTIME_SECONDS, 11), 12);
  put(148, "        ", 8);
  put(156, entry.type ?? "0", 1);
  put(157, entry.linkName ?? "", 100);
  put(257, "ustar  ", 8);
  let sum = 0;
  for (const byte of block) sum += byte;
  put(148, `${octal(sum, 6)}\0 `, 8);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
