import { lstatSync, utimesSync } from "node:fs";
import { basename, join } from "node:path";
import type { HubRoot } from "./hubs.ts";
import { listNames, writeWhole } from "./partial.ts";
import type { Store } from "./roots.ts";
import { storeFailure } from "./store-error.ts";
import { removeAside, takeAside } from "./sweep.ts";

function markPath(store: Store, root: HubRoot): string {
  return join(store.root, "gone", basename(root.file));
}

/**
 * When gc first missed a hub, milliseconds since 1970; undefined when it never did, or the hub was filled since.
 *
 * @throws {StoreError} store/io-error, store/not-writable when that can not be read.
 */
export function goneSince(store: Store, root: HubRoot): number | undefined {
  const path = markPath(store, root);
  try {
    const since = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return since === undefined || since < root.writtenMs ? undefined : since;
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/** Notes that a hub was missed at `nowMs` for the first time. @throws {StoreError} store/disk-full, store/not-writable, store/io-error. */
export function markGone(store: Store, root: HubRoot, nowMs: number): void {
  const path = markPath(store, root);
  writeWhole(store, path, "");
  try {
    utimesSync(path, nowMs / 1000, nowMs / 1000);
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/** Removes all marks but those of these hubs. @throws {StoreError} store/not-writable, store/io-error. */
export function unmarkOthers(store: Store, gone: readonly HubRoot[]): void {
  const kept = new Set(gone.map((root) => markPath(store, root)));
  for (const name of listNames(join(store.root, "gone"))) {
    const path = join(store.root, "gone", name);
    if (!kept.has(path)) remove(store, path);
  }
}

/**
 * Forgets that a hub uses this store, unless it was filled meanwhile.
 *
 * @returns whether it is forgotten. @throws {StoreError} store/not-writable, store/io-error.
 */
export function forgetHub(store: Store, root: HubRoot): boolean {
  const stat = lstatSync(root.file, { throwIfNoEntry: false });
  if (stat === undefined || stat.mtimeMs !== root.writtenMs) return false;
  remove(store, root.file);
  return true;
}

function remove(store: Store, path: string): void {
  const aside = takeAside(store, path);
  if (aside !== undefined) removeAside([aside]);
}
