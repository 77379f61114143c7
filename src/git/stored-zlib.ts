/** The most that one stored block holds; all blocks but the last hold this much. */
export const STORED_BLOCK_BYTES = 65_535;

/** CMF and FLG of a zlib stream with a 32 KiB window, "fastest" level, no dictionary. */
export const ZLIB_HEAD = Uint8Array.of(0x78, 0x01);
export const BLOCK_HEAD_BYTES = 5;
export const ADLER_BYTES = 4;

/** The size of the zlib stream that holds `sizeBytes` bytes in stored blocks. */
export function storedZlibBytes(sizeBytes: number): number {
  return ZLIB_HEAD.length + storedBlocks(sizeBytes) * BLOCK_HEAD_BYTES + sizeBytes + ADLER_BYTES;
}

/** How many blocks `sizeBytes` bytes take; an empty object takes one. */
function storedBlocks(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / STORED_BLOCK_BYTES));
}

/** Head of the block before which `leftBytes` bytes are still to come. */
export function storedBlockHead(leftBytes: number): Buffer {
  const length = Math.min(leftBytes, STORED_BLOCK_BYTES);
  const head = Buffer.allocUnsafe(BLOCK_HEAD_BYTES);
  head[0] = leftBytes <= STORED_BLOCK_BYTES ? 1 : 0;
  head.writeUInt16LE(length, 1);
  head.writeUInt16LE(0xffff ^ length, 3);
  return head;
}

const ADLER_PRIME = 65_521;
/** As many bytes as can be added up before the sums leave what is exact and fast. */
const ADLER_RUN = 5_552;

/** Adler-32 of bytes that come in pieces. */
export interface Adler32 {
  low: number;
  high: number;
}

export function startAdler32(): Adler32 {
  return { low: 1, high: 0 };
}

export function updateAdler32(adler: Adler32, bytes: Uint8Array): void {
  let { low, high } = adler;
  for (let from = 0; from < bytes.length; from += ADLER_RUN) {
    const end = Math.min(from + ADLER_RUN, bytes.length);
    for (let at = from; at < end; at += 1) {
      low += bytes[at] ?? 0;
      high += low;
    }
    low %= ADLER_PRIME;
    high %= ADLER_PRIME;
  }
  adler.low = low;
  adler.high = high;
}

/** The four bytes at the end of a zlib stream. */
export function adler32Bytes({ low, high }: Adler32): Buffer {
  const bytes = Buffer.allocUnsafe(ADLER_BYTES);
  bytes.writeUInt32BE(high * 0x1_0000 + low);
  return bytes;
}
