import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isAbandoned } from "./abandoned.ts";
import { movePath, removePath } from "./careful-files.ts";
import { uniqueName } from "./process-identity.ts";
import type { Store } from "./roots.ts";
import { errnoOf, storeFailure } from "./store-error.ts";

/** How the private file begins that becomes a store's version file: then there is no `partial/` yet. */
export const VERSION_PREFIX = ".version-";

/** A private path in `partial/`, with the directory made; nothing is at the path yet. */
export function partialPath(store: Store): string {
  return join(store.root, "partial", uniqueName());
}

/** Makes a directory and those above it. Unlike `recursive: true` it reports the true reason on a read-only or full disk, not ENOENT. */
export function makeDirectories(path: string): void {
  if (madeDirectory(path)) return;
  // Another process may remove an empty one just then; but a link that leads nowhere can be made to lead somewhere by nobody.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    makeDirectories(dirname(path));
    if (madeDirectory(path)) return;
  }
  mkdirSync(path);
}

/** @returns Whether the directory, or something else, is there now; false when those above it are missing. */
function madeDirectory(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === "EEXIST") return true;
    if (code === "ENOENT" && dirname(path) !== path) return false;
    throw error;
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
 * What dead writers left in the store, and whatever nobody can be asked about and is older than a day: absolute paths.
 *
 * @param nowMs Current time, milliseconds since 1970. @throws {StoreError} store/io-error.
 */
export function listLeftovers(store: Store, nowMs: number): string[] {
  const below = (directory: string, names: readonly string[], prefix = ""): string[] =>
    names
      .map((name) => ({ path: join(directory, name), owner: name.slice(prefix.length) }))
      .filter((file) => isAbandoned(file, nowMs))
      .map(({ path }) => path);
  const partial = join(store.root, "partial");
  const versions = listNames(store.root).filter((name) => name.startsWith(VERSION_PREFIX));
  return [...below(partial, listNames(partial)), ...below(store.root, versions, VERSION_PREFIX)];
}

/**
 * Removes {@link listLeftovers}. Called rarely. What can not be removed, because it is another user's, stays.
 *
 * @returns How many entries were removed; none in a read-only store.
 * @throws {StoreError} store/io-error.
 */
export function sweepPartial(store: Store, nowMs: number): number {
  let removed = 0;
  for (const path of listLeftovers(store, nowMs)) {
    // Renamed first, so that of two sweepers only one deletes a directory.
    const moved = moveAside(store, path);
    if (moved.kind === "moved" && isRemoved(moved.to)) removed += 1;
  }
  return removed;
}

function isRemoved(path: string): boolean {
  try {
    removePath(path, { recursive: true });
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
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
