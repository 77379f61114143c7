import { lstatSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { lastUsedMs } from "./age.ts";
import { removePath } from "./careful-files.ts";
import type { EntryKind, StoreEntry } from "./entries.ts";
import { moveAside } from "./partial.ts";
import type { Store } from "./roots.ts";
import { errnoOf, StoreError, storeFailure } from "./store-error.ts";

/** What the hubs of a store need of it. */
export interface StoreNeeds {
  /** Digests of crates. */
  readonly crates: ReadonlySet<string>;
  /** Digests of index lines. */
  readonly lines: ReadonlySet<string>;
  /** `<ident>/<prefix>/<name>`. */
  readonly indexFiles: ReadonlySet<string>;
  /** Directory names of registries. */
  readonly registries: ReadonlySet<string>;
  /** Commits of git repositories. */
  readonly packs: ReadonlySet<string>;
  /** Digests of hub.locks. */
  readonly hubLocks: ReadonlySet<string>;
}

/** Trees before crate files: a tree without its crate could not be checked. */
const order: readonly EntryKind[] = ["tree", "crate", "pack", "index-file", "git-index", "hub-lock"];

/**
 * Which entries nobody needs and nobody used after `youngSinceMs`, in the order in which they are to be deleted. Decides only.
 *
 * A crate file and its trees are as old as the youngest of them: a fill uses them together, and renews the time of one.
 */
export function unusedEntries(
  entries: readonly StoreEntry[],
  needs: StoreNeeds,
  youngSinceMs: number,
): readonly StoreEntry[] {
  const lastUse = new Map<string, number>();
  for (const { kind, key, lastUsedMs: at } of entries) {
    if (kind === "crate" || kind === "tree") lastUse.set(key, Math.max(at, lastUse.get(key) ?? 0));
  }
  const needed: Readonly<Record<EntryKind, ReadonlySet<string>>> = {
    tree: needs.crates,
    crate: needs.crates,
    pack: needs.packs,
    "index-file": needs.indexFiles,
    "git-index": needs.registries,
    "hub-lock": needs.hubLocks,
  };
  const unused = entries.filter((entry) => {
    const together = entry.outdated ? undefined : lastUse.get(entry.key);
    if ((together ?? entry.lastUsedMs) > youngSinceMs) return false;
    return entry.outdated || !needed[entry.kind].has(entry.key);
  });
  return unused.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.path < b.path ? -1 : 1));
}

/** What became of entries that were to go. */
export interface Swept {
  readonly gone: readonly StoreEntry[];
  /** Where they lie now, to be removed by {@link removeAside}. */
  readonly aside: readonly string[];
}

/**
 * Takes entries out of their places by renames, so that each is there as a whole or not at all. One that was used since it was listed stays.
 *
 * @throws {StoreError} store/not-writable, store/io-error; what was moved so far is swept some day.
 */
export function sweepEntries(store: Store, entries: readonly StoreEntry[]): Swept {
  const gone: StoreEntry[] = [];
  const used = new Set<string>();
  let aside: string[] = [];
  for (const entry of entries) {
    const stat = lstatSync(entry.path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    // A crate whose tree was just used is used as well.
    if (lastUsedMs(stat) > entry.lastUsedMs || used.has(entry.key)) {
      used.add(entry.key);
      continue;
    }
    const moved = moveAsideOrMakeRoom(store, entry.path, () => {
      removeAside(aside);
      aside = [];
    });
    if (moved === undefined) continue;
    if (entry.kind === "index-file") removeEmptyParents(entry.path, join(store.root, "index"));
    aside.push(moved);
    gone.push(entry);
  }
  return { gone, aside };
}

/** Deletes what {@link sweepEntries} and others took out of its place. @param onRemoved Called after each. */
export function removeAside(paths: readonly string[], onRemoved: () => void = () => undefined): void {
  for (const path of paths) {
    try {
      removePath(path, { recursive: true });
      onRemoved();
    } catch (error) {
      throw storeFailure(error, path);
    }
  }
}

/** The many directories of index files. A writer makes them again. */
function removeEmptyParents(path: string, root: string): void {
  try {
    for (let at = dirname(path); at !== root; at = dirname(at)) rmdirSync(at);
  } catch (error) {
    if (errnoOf(error) !== "ENOTEMPTY" && errnoOf(error) !== "EEXIST" && errnoOf(error) !== "ENOENT")
      throw storeFailure(error, path);
  }
}

/** On a full disk the directory `partial/` may not grow any more; then what lies there goes first. */
function moveAsideOrMakeRoom(store: Store, path: string, makeRoom: () => void): string | undefined {
  try {
    return takeAside(store, path);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "store/disk-full") throw error;
    makeRoom();
    return takeAside(store, path);
  }
}

/** @returns where it is now; undefined when another process was first. @throws {StoreError} store/not-writable in a read-only store. */
export function takeAside(store: Store, path: string): string | undefined {
  const moved = moveAside(store, path);
  if (moved.kind === "moved") return moved.to;
  if (moved.kind === "gone") return undefined;
  throw storeFailure(moved.error, path);
}
