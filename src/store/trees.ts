import { type BigIntStats, existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sha256 } from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import { renewTime } from "./age.ts";
import { removePath } from "./careful-files.ts";
import type { PutOutcome } from "./crates.ts";
import { makeDirectories, moveAside, partialPath, publish } from "./partial.ts";
import type { Store } from "./roots.ts";
import { formatStatList, parseStatList, type TreeList } from "./stat-list.ts";
import { errnoOf, StoreError, storeFailure } from "./store-error.ts";
import { type BuiltFile, changedPaths, surveyTree } from "./tree-survey.ts";

/** Version of the rules by which crates are unpacked; a new one puts trees elsewhere. */
const UNPACK_RULES = 1;

/** A tree as it was found. `paths` are the entries that differ, directories with a trailing `/`; none when the stat list itself is damaged. */
export type TreeCheck =
  | { readonly kind: "intact"; readonly list: TreeList }
  | { readonly kind: "absent" }
  | { readonly kind: "changed"; readonly paths: readonly string[] };

/** Where trees of this store's umask lie. */
export function treesRoot(store: Store): string {
  return join(store.root, "trees", `${UNPACK_RULES}-${store.umask.toString(8).padStart(3, "0")}`);
}

function entryPath(store: Store, sha: Sha256): string {
  return join(treesRoot(store), sha.slice(0, 2), sha);
}

/** The directory of the unpacked package with this crate digest, there or not. */
export function treePath(store: Store, sha: Sha256): string {
  return join(entryPath(store, sha), "files");
}

/** Says that a tree is used, see docs/formats/store.md: the time of its own directory is renewed, of which the stat list does not speak. */
export function renewTree(store: Store, sha: Sha256): void {
  renewTime(entryPath(store, sha));
}

/** The stat list of the tree with this crate digest, there or not. */
export function treeListPath(store: Store, sha: Sha256): string {
  return join(entryPath(store, sha), "list");
}

/**
 * Compares a tree with its stat list by lstat: size, mtime, mode and names, not content.
 *
 * @throws {StoreError} store/io-error, store/not-writable when it can not be read.
 */
export function checkTree(store: Store, sha: Sha256): TreeCheck {
  const entry = entryPath(store, sha);
  try {
    return checkEntry(entry);
  } catch (error) {
    throw storeFailure(error, entry);
  }
}

function checkEntry(entry: string): TreeCheck {
  let text = readList(entry);
  while (text === undefined) {
    // Another process may be putting the tree in place, or moving it aside: only one and the same directory without a list is damage.
    const inode = inodeOf(entry);
    if (inode === undefined) return { kind: "absent" };
    text = readList(entry);
    if (text === undefined && inodeOf(entry) === inode) return { kind: "changed", paths: [] };
  }
  const list = parseStatList(text);
  if (list === undefined) return { kind: "changed", paths: [] };
  const paths = changedPaths(join(entry, "files"), list);
  return paths.length === 0 ? { kind: "intact", list } : { kind: "changed", paths };
}

/**
 * Adds the unpacked form of a crate. It is built in a private directory and renamed into place as a whole; the loser of a race
 * throws its copy away and gets the winner's. A changed tree is moved aside and replaced.
 *
 * @param build Unpacks into the given empty directory and says what it wrote: every file and symbolic link. Modes and times are taken
 * from the disk. Not called when an intact tree is there.
 * @throws {StoreError} store/tree-invalid when the directory holds other names or sizes than `build` said; store/disk-full, store/not-writable,
 * store/io-error, also for system errors of `build`; what else it throws passes unchanged. Nothing is left in place then.
 */
export async function addTree(
  store: Store,
  sha: Sha256,
  build: (directory: string) => Promise<readonly BuiltFile[]>,
): Promise<{ readonly outcome: PutOutcome; readonly list: TreeList }> {
  const before = usableTree(store, sha);
  if (before !== undefined) return { outcome: "already-present", list: before };
  const partial = partialPath(store);
  const directory = join(partial, "files");
  try {
    makeDirectory(directory);
    const files = await build(directory);
    const list = surveyTree(directory, files);
    writeList(partial, list);
    for (;;) {
      if (renamedInto(partial, entryPath(store, sha))) return { outcome: "stored", list };
      const winner = usableTree(store, sha);
      if (winner === undefined) continue;
      removePath(partial, { recursive: true });
      return { outcome: "already-present", list: winner };
    }
  } catch (error) {
    removePath(partial, { recursive: true });
    throw error instanceof HubError || errnoOf(error) === undefined ? error : storeFailure(error, directory);
  }
}

/**
 * Moves a tree aside, never deleting or editing in place: its inodes may belong to hubs. Ask `hubsSharing` before.
 *
 * @returns Whether it is out of the way; false in a read-only store.
 */
export function retireTree(store: Store, sha: Sha256): boolean {
  return moveAside(store, entryPath(store, sha)).kind !== "read-only";
}

/** The list of an intact tree; a changed one is moved aside. */
function usableTree(store: Store, sha: Sha256): TreeList | undefined {
  const check = checkTree(store, sha);
  if (check.kind === "intact") return check.list;
  if (check.kind === "absent") return undefined;
  const entry = entryPath(store, sha);
  const moved = moveAside(store, entry);
  if (moved.kind === "read-only") {
    throw new StoreError({
      code: "store/not-writable",
      what: "the tree was changed, and the store is read-only, so it can not be replaced",
      where: entry,
      help: "set CARGO_HUB_STORE to a writable store",
    });
  }
  if (moved.kind === "gone") return undefined;
  // Another process may have replaced the changed tree just before: then what was moved is a good one, and goes back.
  const again = checkEntry(moved.to);
  return again.kind === "intact" && renamedInto(moved.to, entry) ? again.list : undefined;
}

function makeDirectory(directory: string): void {
  try {
    makeDirectories(directory);
  } catch (error) {
    throw storeFailure(error, directory);
  }
}

function writeList(partial: string, list: TreeList): void {
  const path = join(partial, "list");
  try {
    writeFileSync(path, formatStatList(list));
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/** @returns false when something is there already. Windows says EPERM then, as it does when somebody has a file open. */
function renamedInto(partial: string, target: string): boolean {
  try {
    if (existsSync(target)) return false;
    publish(partial, target);
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOTEMPTY" || code === "EEXIST" || existsSync(target)) return false;
    throw storeFailure(error, target);
  }
}

function readList(entry: string): string | undefined {
  try {
    return readFileSync(join(entry, "list"), "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

function inodeOf(path: string): bigint | undefined {
  return lstatDirectory(path)?.ino;
}

function lstatDirectory(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
