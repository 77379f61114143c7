import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { removePath } from "./careful-files.ts";
import { sha256Of } from "./crates.ts";
import { type LogRecord, recordBytes, recordPieces, scanLog } from "./line-log.ts";
import { indexPath, logPath, openLog, renewIndex } from "./lines.ts";
import { partialPath, publish, withParent } from "./partial.ts";
import type { Store } from "./roots.ts";
import { storeFailure } from "./store-error.ts";

/** What the line log holds. */
export interface LineUse {
  /** Bytes of the log. */
  readonly logBytes: number;
  /** True lines, each counted once. */
  readonly lines: number;
  /** Those of them that are asked for. */
  readonly neededLines: number;
  /** Bytes of a log that holds just these. */
  readonly neededBytes: number;
}

const nothing: LineUse = { logBytes: 0, lines: 0, neededLines: 0, neededBytes: 0 };

/**
 * Reads the whole log and checks each line.
 *
 * @param isNeeded Whether the line with this digest is asked for. @throws {StoreError} store/io-error, store/not-writable when it can not be read.
 */
export function measureLines(store: Store, isNeeded: (digest: string) => boolean): LineUse {
  const log = openLog(store);
  if (log === undefined) return nothing;
  try {
    let neededLines = 0;
    let neededBytes = 0;
    const lines = visitTrueLines(log, ({ digest, text }) => {
      if (!isNeeded(digest)) return;
      neededLines += 1;
      neededBytes += recordBytes(text.length);
    });
    return { logBytes: fstatSync(log).size, lines, neededLines, neededBytes };
  } catch (error) {
    throw storeFailure(error, logPath(store));
  } finally {
    closeSync(log);
  }
}

/**
 * Writes the log anew with the needed lines alone. The store's lease must be held exclusively: a writer would go on with the old log.
 *
 * The index goes before the log is replaced. An old one beside a new log would hide lines that the new one has in the part which the old one covers.
 *
 * @throws {StoreError} store/disk-full, store/not-writable, store/io-error; the old log stays then.
 */
export function compactLines(store: Store, isNeeded: (digest: string) => boolean): void {
  const log = openLog(store);
  if (log === undefined) return;
  const partial = partialPath(store);
  try {
    const copy = withParent(dirname(partial), () => openSync(partial, "wx+"));
    try {
      copyNeeded(log, copy, isNeeded);
      removePath(indexPath(store));
      publish(partial, logPath(store));
      renewIndex(store, copy);
    } finally {
      closeSync(copy);
    }
  } catch (error) {
    throw storeFailure(error, logPath(store));
  } finally {
    closeSync(log);
    removePath(partial);
  }
}

function copyNeeded(log: number, copy: number, isNeeded: (digest: string) => boolean): void {
  const flushed = { bytes: 0 };
  let waiting: { digest: string; text: string }[] = [];
  const flush = (): void => {
    for (const piece of recordPieces(waiting)) writeAll(copy, piece);
    waiting = [];
    flushed.bytes = 0;
  };
  visitTrueLines(log, ({ digest, text }) => {
    if (!isNeeded(digest)) return;
    waiting.push({ digest, text: text.toString("utf8") });
    flushed.bytes += text.length;
    if (flushed.bytes > 1024 * 1024) flush();
  });
  flush();
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** @returns how many there are; each is visited once, where it stands first. */
function visitTrueLines(log: number, visit: (record: LogRecord) => void): number {
  const seen = new Set<string>();
  scanLog(log, 0, (record) => {
    if (seen.has(record.digest) || sha256Of(record.text) !== record.digest) return;
    seen.add(record.digest);
    visit(record);
  });
  return seen.size;
}
