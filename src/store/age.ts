import { lstatSync, type Stats, utimesSync } from "node:fs";
import { errnoOf } from "./store-error.ts";

/** A day in milliseconds. */
export const DAY_MS: number = 24 * 60 * 60 * 1000;

/** When an entry came or was last used, milliseconds since 1970. A file that was linked in keeps its old mtime, but not its ctime. */
export function lastUsedMs({ mtimeMs, ctimeMs }: Pick<Stats, "mtimeMs" | "ctimeMs">): number {
  return Math.max(mtimeMs, ctimeMs);
}

/**
 * Says by its time that an entry is used: gc keeps what is young. Once a day is enough, so that reading stays reading.
 *
 * An entry that is gone, or that can not be written to, is left as it is: nobody can delete the latter either.
 */
export function renewTime(path: string): void {
  try {
    const now = Date.now();
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && lastUsedMs(stat) <= now - DAY_MS) utimesSync(path, now / 1000, now / 1000);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}
