import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSha256, type Sha256 } from "../cargo/index.ts";
import { sha256Of } from "./crates.ts";
import { findInIndex, formatLineIndex, type LineIndex, type LinePlace, loadLineIndex } from "./line-index.ts";
import { appendPiece, MOST_LINE_BYTES, recordPieces, scanLog } from "./line-log.ts";
import { withParent, writeWhole } from "./partial.ts";
import type { Store } from "./roots.ts";
import { checksumMismatch, errnoOf, StoreError, storeFailure } from "./store-error.ts";

/** An index line, verbatim and without its newline, and the SHA-256 of its UTF-8 bytes. */
export interface StoredLine {
  readonly digest: Sha256;
  readonly text: string;
}

/** The index is renewed when the part of the log that it does not cover exceeds this and an eighth of what it covers. */
const MOST_TAIL_BYTES = 4 * 1024 * 1024;

/**
 * Stores index lines under their digests; those already there are not written again. Any number of processes may do so at once.
 *
 * @throws {StoreError} store/checksum-mismatch; store/line-invalid for a line with a newline or above 1 MiB; store/disk-full,
 * store/not-writable, store/io-error. Lines written before the failure stay.
 */
export function putLines(store: Store, lines: readonly StoredLine[]): void {
  const path = logPath(store);
  const missing = new Map(lines.map((line) => [line.digest, line]));
  for (const line of lines) checkLine(path, line);
  for (const digest of readLines(store, [...missing.keys()]).keys()) missing.delete(digest);
  if (missing.size === 0) return;
  try {
    const log = withParent(dirname(path), () => openSync(path, "a+"));
    try {
      for (const piece of recordPieces(missing.values())) appendPiece(log, piece);
      renewIndex(store, log);
    } finally {
      closeSync(log);
    }
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/**
 * Finds index lines by digest. What is not in the answer is not in the store, or damaged there.
 *
 * @returns Digest → verbatim line; the SHA-256 of each was checked.
 * @throws {StoreError} store/io-error, store/not-writable when the log can not be read.
 */
export function readLines(store: Store, digests: readonly Sha256[]): Map<Sha256, string> {
  const search: Search = { wanted: new Set(digests), found: new Map() };
  const log = search.wanted.size === 0 ? undefined : openLog(store);
  if (log === undefined) return search.found;
  try {
    const index = loadLineIndex(indexPath(store), fstatSync(log).size);
    const sound = index === undefined || searchIndex(search, log, index);
    if (search.wanted.size > 0)
      scanLog(log, sound ? (index?.covered ?? 0) : 0, ({ digest, text }) => take(search, digest, text));
    return search.found;
  } catch (error) {
    throw storeFailure(error, logPath(store));
  } finally {
    closeSync(log);
  }
}

/** The log's place. */
export function logPath(store: Store): string {
  return join(store.root, "lines", "log");
}

/** The place of the index over the log. */
export function indexPath(store: Store): string {
  return join(store.root, "lines", "index");
}

function checkLine(where: string, { digest, text }: StoredLine): void {
  const bytes = Buffer.byteLength(text);
  const holdsNewline = text.includes("\n");
  if (holdsNewline || bytes > MOST_LINE_BYTES) {
    throw new StoreError({
      code: "store/line-invalid",
      what: holdsNewline
        ? "an index line holds a newline"
        : `an index line has ${bytes} bytes, but ${MOST_LINE_BYTES} are the most`,
      where,
      help: "tell whoever runs the registry: a version with such an index line can not be used",
    });
  }
  const actual = sha256Of(text);
  if (actual !== digest) throw checksumMismatch(where, digest, actual);
}

/** Opens the log for reading; undefined when there is none. */
export function openLog(store: Store): number | undefined {
  try {
    return openSync(logPath(store), "r");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw storeFailure(error, logPath(store));
  }
}

/** What is still looked for, and what was found. */
interface Search {
  readonly wanted: Set<string>;
  readonly found: Map<Sha256, string>;
}

/** Takes a line if it is wanted and true. */
function take(search: Search, digest: string, text: Buffer): boolean {
  if (!search.wanted.has(digest) || !isSha256(digest) || sha256Of(text) !== digest) return false;
  search.wanted.delete(digest);
  search.found.set(digest, text.toString("utf8"));
  return true;
}

/** @returns Whether every place in the index that was looked at held its line; if not, nothing in it is to be trusted. */
function searchIndex(search: Search, log: number, index: LineIndex): boolean {
  let sound = true;
  for (const digest of search.wanted) {
    const place = findInIndex(index, digest);
    if (place === undefined) continue;
    const text = Buffer.allocUnsafe(Math.min(place.length, MOST_LINE_BYTES));
    const read = readSync(log, text, 0, text.length, place.offset);
    sound = take(search, digest, text.subarray(0, read)) && sound;
  }
  return sound;
}

/** Makes the index anew when it leaves much of the log out. */
export function renewIndex(store: Store, log: number): void {
  const size = fstatSync(log).size;
  const covered = loadLineIndex(indexPath(store), size)?.covered ?? 0;
  if (size - covered <= Math.max(MOST_TAIL_BYTES, covered / 8)) return;
  const places = new Map<string, LinePlace>();
  const end = scanLog(log, 0, ({ digest, text, offset }) => {
    if (!places.has(digest) && sha256Of(text) === digest) places.set(digest, { offset, length: text.length });
  });
  writeWhole(store, indexPath(store), formatLineIndex(end, places));
}
