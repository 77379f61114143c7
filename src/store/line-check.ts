import { closeSync, existsSync, fstatSync } from "node:fs";
import { sha256Of } from "./crates.ts";
import { loadLineIndex, placesOf } from "./line-index.ts";
import { type LogRecord, parseRecord, scanLines } from "./line-log.ts";
import { indexPath, logPath, openLog } from "./lines.ts";
import type { Store } from "./roots.ts";
import { storeFailure } from "./store-error.ts";

/** What re-reading the line log and its index found. */
export interface LineCheck {
  /** True lines, each counted once. */
  readonly lines: number;
  /** Bytes of the log. */
  readonly bytes: number;
  /** Records that a killed writer left unfinished: they do no harm. */
  readonly torn: number;
  /** Records that are whole and false. */
  readonly damaged: readonly { readonly offset: number; readonly reason: string }[];
  /** What is wrong with the index; undefined when it is right or not there. */
  readonly index: string | undefined;
}

/**
 * Re-hashes every line of the log and compares the index with it. Changes nothing.
 *
 * @throws {StoreError} store/io-error, store/not-writable when they can not be read.
 */
export function checkLines(store: Store): LineCheck {
  const log = openLog(store);
  if (log === undefined) {
    const index = existsSync(indexPath(store)) ? "there is no log that it speaks of" : undefined;
    return { lines: 0, bytes: 0, torn: 0, damaged: [], index };
  }
  try {
    const bytes = fstatSync(log).size;
    const reader = new LogReader();
    const end = scanLines(log, 0, (line, at) => reader.take(line, at));
    const torn = reader.finish(end < bytes);
    const { places, damaged } = reader;
    const lines = new Set([...places.values()].map(({ digest }) => digest)).size;
    return { lines, bytes, torn, damaged, index: indexFault(store, bytes, places) };
  } catch (error) {
    throw storeFailure(error, logPath(store));
  } finally {
    closeSync(log);
  }
}

interface TrueLine {
  readonly digest: string;
  readonly length: number;
}

/**
 * Tells torn records from damaged ones. A whole record is followed by the empty line with which the next one begins; the torn end of a
 * killed writer's is followed by the next record itself.
 */
class LogReader {
  /** True lines by the offset of their text. */
  readonly places = new Map<number, TrueLine>();
  readonly damaged: { offset: number; reason: string }[] = [];
  #torn = 0;
  #suspect: { readonly offset: number; readonly reason: string; readonly isWhole: boolean } | undefined;

  take(line: Buffer, at: number): void {
    if (this.#suspect !== undefined) this.#settle(line.length === 0);
    if (line.length === 0) return;
    const record = parseRecord(line, at);
    if (record !== undefined && sha256Of(record.text) === record.digest) {
      this.places.set(record.offset, { digest: record.digest, length: record.text.length });
      return;
    }
    this.#suspect = { offset: at, reason: reasonOf(record), isWhole: record !== undefined && hasExtraByte(record) };
  }

  /** @param isCut Whether the log ends in the middle of a line. @returns how many torn records there were. */
  finish(isCut: boolean): number {
    if (this.#suspect !== undefined) this.#settle(!isCut);
    return this.#torn + (isCut ? 1 : 0);
  }

  #settle(isWhole: boolean): void {
    if (this.#suspect === undefined) return;
    const { offset, reason } = this.#suspect;
    if (isWhole || this.#suspect.isWhole) this.damaged.push({ offset, reason });
    else this.#torn += 1;
    this.#suspect = undefined;
  }
}

function reasonOf(record: LogRecord | undefined): string {
  if (record === undefined) return "it is no record";
  return `its line hashes to ${sha256Of(record.text)}, but ${JSON.stringify(record.digest)} stands in front of it`;
}

/** Whether the newline at the end of a record became another byte. */
function hasExtraByte({ text, digest }: LogRecord): boolean {
  return sha256Of(text.subarray(0, -1)) === digest;
}

function indexFault(store: Store, logBytes: number, places: ReadonlyMap<number, TrueLine>): string | undefined {
  const path = indexPath(store);
  if (!existsSync(path)) return undefined;
  const index = loadLineIndex(path, logBytes);
  if (index === undefined) return "it is damaged, or speaks of more than the log has";
  const indexed = new Set<string>();
  for (const { digest, offset, length } of placesOf(index)) {
    const line = places.get(offset);
    if (line?.digest !== digest || line.length !== length)
      return `it says that the line ${digest} stands at byte ${offset} of the log, where it does not stand`;
    indexed.add(digest);
  }
  for (const [offset, { digest }] of places) {
    if (offset < index.covered && !indexed.has(digest))
      return `it lacks the line ${digest} at byte ${offset} of the log, which it covers`;
  }
  return undefined;
}
