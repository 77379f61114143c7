import { fstatSync, readSync, writeSync } from "node:fs";
import { StoreError } from "./store-error.ts";

/** Most bytes of one index line. */
export const MOST_LINE_BYTES = 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const DIGEST_LENGTH = 64;
const NEWLINE = 10;
const BLANK = 32;

/** One record of the log as it stands there; whether it is true, only its hash can say. */
export interface LogRecord {
  /** The first 64 characters. */
  readonly digest: string;
  /** Bytes of the line; valid only during the call. */
  readonly text: Buffer;
  /** Where the line's text begins in the log, bytes. */
  readonly offset: number;
}

/**
 * Reads the records of the log that begin at or after `from`; torn ones and other rubbish are left out where they can be told.
 *
 * @param log Descriptor of the log. @param from Byte offset at the beginning of a record, or in the empty line before one.
 * @returns The offset behind the last complete line: all before it was seen.
 */
export function scanLog(log: number, from: number, visit: (record: LogRecord) => void): number {
  return scanLines(log, from, (line, at) => {
    const record = parseRecord(line, at);
    if (record !== undefined) visit(record);
  });
}

/** The record that a line of the log looks like. */
export function parseRecord(line: Buffer, at: number): LogRecord | undefined {
  if (line[DIGEST_LENGTH] !== BLANK) return undefined;
  const digest = line.toString("latin1", 0, DIGEST_LENGTH);
  return { digest, text: line.subarray(DIGEST_LENGTH + 1), offset: at + DIGEST_LENGTH + 1 };
}

/**
 * Reads all lines that begin at or after `from`, empty ones as well, without their newlines. Of one that is longer than any record the
 * beginning is given.
 *
 * @param visit The bytes are valid only during the call. @returns The offset behind the last complete line.
 */
export function scanLines(log: number, from: number, visit: (line: Buffer, at: number) => void): number {
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(fstatSync(log).size - from, 1)));
  let carry = Buffer.alloc(0);
  let carryAt = from;
  for (;;) {
    const read = readSync(log, piece, 0, piece.length, carryAt + carry.length);
    if (read === 0) return carryAt;
    const bytes = carry.length === 0 ? piece.subarray(0, read) : Buffer.concat([carry, piece.subarray(0, read)]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      visit(bytes.subarray(start, end), carryAt + start);
      start = end + 1;
    }
    carryAt += start;
    carry = Buffer.from(bytes.subarray(start));
    if (carry.length <= MOST_LINE_BYTES + DIGEST_LENGTH + 1) continue;
    visit(carry, carryAt);
    carryAt += carry.length;
    carry = Buffer.alloc(0);
  }
}

/** The record for one line: it begins with a newline of its own, so that a torn one before it can not swallow it. */
function formatRecord(digest: string, text: string): string {
  return `\n${digest} ${text}\n`;
}

/** How many bytes of the log the record of a line takes. */
export function recordBytes(textBytes: number): number {
  return textBytes + DIGEST_LENGTH + 3;
}

/** Joins records to pieces of about 1 MiB, each for one write. */
export function* recordPieces(lines: Iterable<{ readonly digest: string; readonly text: string }>): Generator<Buffer> {
  let text = "";
  for (const line of lines) {
    text += formatRecord(line.digest, line.text);
    if (text.length < PIECE_BYTES) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

/**
 * Appends whole records with one write. After a short write (the disk fills up) the piece is written again from its beginning: a
 * continuation might stand behind another writer's record.
 */
export function appendPiece(log: number, piece: Buffer): void {
  for (let attempt = 0; attempt < 3; attempt += 1) if (writeSync(log, piece) === piece.length) return;
  throw new StoreError({
    code: "store/io-error",
    what: `three writes of ${piece.length} bytes each ended early`,
    help: "check the file system of the store, then run the command again",
  });
}
