import { lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DAY_MS } from "./age.ts";
import { movePath, removePath } from "./careful-files.ts";
import { uniqueName, writerOf } from "./process-identity.ts";
import type { Store } from "./roots.ts";
import { errnoOf, storeFailure } from "./store-error.ts";

/** A private path in `partial/`, with the directory made; nothing is at the path yet. */
export function partialPath(store: Store): string {
  return join(store.root, "partial", uniqueName());
}

/** Makes a directory and those above it. Unlike `recursive: true` it reports the true reason on a read-only or full disk, not ENOENT. */
export function makeDirectories(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" && dirname(path) !== path) {
      makeDirectories(dirname(path));
      makeDirectories(path);
    } else if (code !== "EEXIST") throw error;
  }
}

/** Runs `make`, and once more after making the directory `parent`, when that was missing. */
export function withParent<T>(parent: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    makeDirectories(parent);
    return make();
  }
}

/** Renames a private file or directory to `target`, making the target's parent when it is missing. */
export function publish(partial: string, target: string): void {
  withParent(dirname(target), () => {
    movePath(partial, target);
  });
}

/**
 * Writes `content` to `target` so that readers see all of it or what was there before. Not fsynced.
 *
 * @throws {StoreError} store/disk-full, store/not-writable, store/io-error; the private file is gone then.
 */
export function writeWhole(store: Store, target: string, content: Uint8Array | string): void {
  const partial = partialPath(store);
  try {
    withParent(dirname(partial), () => {
      writeFileSync(partial, content, { flag: "wx" });
    });
    publish(partial, target);
  } catch (error) {
    removePath(partial);
    throw storeFailure(error, target);
  }
}

/** What became of something that was to be moved aside. */
export type MoveOutcome =
  | { readonly kind: "moved"; readonly to: string }
  | { readonly kind: "gone" }
  | { readonly kind: "read-only"; readonly error: unknown };

/**
 * Moves something broken out of the way, into `partial/`, where sweeping finds it later.
 *
 * @returns `gone` when another process was first; `read-only` when the store can not be changed: then it stays where it is.
 */
export function moveAside(store: Store, path: string): MoveOutcome {
  const to = partialPath(store);
  try {
    makeDirectories(dirname(to));
    movePath(path, to);
    return { kind: "moved", to };
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT") return { kind: "gone" };
    if (code === "EROFS" || code === "EACCES" || code === "EPERM" || code === "EBUSY")
      return { kind: "read-only", error };
    throw storeFailure(error, path);
  }
}

/**
 * What dead writers left in `partial/`, and whatever is older than a day: absolute paths.
 *
 * @param nowMs Current time, milliseconds since 1970. @throws {StoreError} store/io-error.
 */
export function listLeftovers(store: Store, nowMs: number): string[] {
  const directory = join(store.root, "partial");
  return listNames(directory)
    .filter((name) => writerOf(name) === "dead" || isOlderThan(join(directory, name), nowMs - DAY_MS))
    .map((name) => join(directory, name));
}

/**
 * Removes {@link listLeftovers}. Called rarely.
 *
 * @returns How many entries were removed; none in a read-only store.
 * @throws {StoreError} store/io-error.
 */
export function sweepPartial(store: Store, nowMs: number): number {
  let removed = 0;
  for (const path of listLeftovers(store, nowMs)) {
    // Renamed first, so that of two sweepers only one deletes a directory.
    const moved = moveAside(store, path);
    if (moved.kind !== "moved") continue;
    removePath(moved.to, { recursive: true });
    removed += 1;
  }
  return removed;
}

/** Names in a directory; none when it does not exist. */
export function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw storeFailure(error, directory);
  }
}

/** By ctime: a file that was linked in or moved aside keeps its old mtime. */
function isOlderThan(path: string, timeMs: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.ctimeMs < timeMs;
}
