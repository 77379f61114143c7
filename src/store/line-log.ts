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
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(fstatSync(log).size - from, 1)));
  let carry = Buffer.alloc(0);
  let carryAt = from;
  for (;;) {
    const read = readSync(log, piece, 0, piece.length, carryAt + carry.length);
    if (read === 0) return carryAt;
    const bytes = carry.length === 0 ? piece.subarray(0, read) : Buffer.concat([carry, piece.subarray(0, read)]);
    const rest = visitLines(bytes, carryAt, visit);
    carryAt += rest;
    carry = Buffer.from(bytes.subarray(rest));
    if (carry.length <= MOST_LINE_BYTES + DIGEST_LENGTH + 1) continue;
    carryAt += carry.length;
    carry = Buffer.alloc(0);
  }
}

/** @returns Where the last, unfinished line begins in `bytes`. */
function visitLines(bytes: Buffer, at: number, visit: (record: LogRecord) => void): number {
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    const textStart = start + DIGEST_LENGTH + 1;
    if (end >= textStart && bytes[textStart - 1] === BLANK) {
      const digest = bytes.toString("latin1", start, start + DIGEST_LENGTH);
      visit({ digest, text: bytes.subarray(textStart, end), offset: at + textStart });
    }
    start = end + 1;
  }
  return start;
}

/** The record for one line: it begins with a newline of its own, so that a torn one before it can not swallow it. */
function formatRecord(digest: string, text: string): string {
  return `\n${digest} ${text}\n`;
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
