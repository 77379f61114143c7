import { join } from "node:path";
import { isSha256, type Sha256 } from "../cargo/index.ts";
import { type CrateCheck, checkCrate } from "./crates.ts";
import { listNames } from "./partial.ts";
import type { Store } from "./roots.ts";
import { checkTree, type TreeCheck, treesRoot } from "./trees.ts";

/** The state of one crate in the store. */
export interface StoreEntryCheck {
  /** The crate file, re-hashed. */
  readonly crate: CrateCheck;
  /** Its tree under this store's umask, compared with the stat list; content is compared elsewhere, with the crate. */
  readonly tree: TreeCheck;
}

/**
 * Re-checks a crate file and its tree. Changes nothing.
 *
 * @throws {StoreError} store/io-error, store/not-writable when something can not be read.
 */
export function verifyStoreEntry(store: Store, sha: Sha256): StoreEntryCheck {
  return { crate: checkCrate(store, sha), tree: checkTree(store, sha) };
}

/** Digests of all crate files, sorted. Names that are no digest are left out. */
export function listCrates(store: Store): Sha256[] {
  return digestsBelow(join(store.root, "crates"));
}

/** Crate digests of all trees under this store's umask, sorted. Names that are no digest are left out. */
export function listTrees(store: Store): Sha256[] {
  return digestsBelow(treesRoot(store));
}

function digestsBelow(directory: string): Sha256[] {
  return listNames(directory)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((name) => listNames(join(directory, name)))
    .filter((name) => isSha256(name))
    .sort();
}
