import { lstatSync, readdirSync, type Stats } from "node:fs";
import { basename, join } from "node:path";
import { isSha256, type Sha256 } from "../cargo/index.ts";
import { lastUsedMs } from "./age.ts";
import { isCommit } from "./packs.ts";
import { listNames } from "./partial.ts";
import type { Store } from "./roots.ts";
import { errnoOf, storeFailure } from "./store-error.ts";
import { treesRoot } from "./trees.ts";

/** What can be deleted from a store piece by piece. */
export type EntryKind = "tree" | "crate" | "pack" | "index-file" | "git-index" | "hub-lock";

/** One such piece. */
export interface StoreEntry {
  readonly kind: EntryKind;
  /** Digest of the crate file or of the hub.lock, commit of the pack, `<ident>/<prefix>/<name>` of the index file, `<ident>` of the git index. */
  readonly key: string;
  /** Absolute path of its file, of the directory of a tree and its list, or of the git index's repository. */
  readonly path: string;
  /** When it came or was last used, milliseconds since 1970. */
  readonly lastUsedMs: number;
  /** A tree that was made by other unpacking rules than this program's: no hub will get it. */
  readonly outdated: boolean;
}

/** What an entry takes; directories count only on the disk. */
export interface EntrySize {
  readonly files: number;
  /** Apparent bytes of the files. */
  readonly bytes: number;
  /** Bytes that they take on the disk. */
  readonly diskBytes: number;
  /** Bytes on the disk that are given back when it is deleted: the rest has other names, in hubs. */
  readonly freeableBytes: number;
  /** Apparent bytes that other names of the same files stand for: so much more there would be without hard links. */
  readonly sharedBytes: number;
}

/**
 * All entries, in no particular order. Names that no store has are left out.
 *
 * @throws {StoreError} store/io-error, store/not-writable when a directory can not be read.
 */
export function listEntries(store: Store): StoreEntry[] {
  const below = (name: string): string => join(store.root, name);
  return [
    ...treeRoots(store).flatMap((root) =>
      byPrefix(root, isSha256).map((found) => entry("tree", found, rulesOf(root) !== rulesOf(treesRoot(store)))),
    ),
    ...byPrefix(below("crates"), isSha256).map((found) => entry("crate", found)),
    ...byPrefix(below("packs"), isCommit).map((found) => entry("pack", found)),
    ...indexFiles(below("index")).map((found) => entry("index-file", found)),
    // Lock files lie beside; they are never removed.
    ...named(below("git-index"), (name) => !/\.lock(?:\.owners)?$/.test(name)).map((found) =>
      withChildren(entry("git-index", found)),
    ),
    ...named(below("hub-locks"), isSha256).map((found) => entry("hub-lock", found)),
  ].filter((found) => found !== undefined);
}

/** Digests of all crate files, sorted. Names that are no digest are left out. */
export function listCrates(store: Store): Sha256[] {
  return digests(byPrefix(join(store.root, "crates"), isSha256));
}

/** Crate digests of all trees under this store's umask, sorted. Names that are no digest are left out. */
export function listTrees(store: Store): Sha256[] {
  return digests(byPrefix(treesRoot(store), isSha256));
}

function digests(found: readonly Found[]): Sha256[] {
  return found
    .map(({ key }) => key)
    .filter(isSha256)
    .sort();
}

/** Where trees lie: one directory for each pair of unpacking rules and umask. */
function treeRoots(store: Store): string[] {
  const trees = join(store.root, "trees");
  return listNames(trees)
    .filter((name) => /^\d+-[0-7]{3,4}$/.test(name))
    .map((name) => join(trees, name));
}

/** The version of the unpacking rules in the name of a directory of trees. */
function rulesOf(root: string): string {
  return basename(root).replace(/-.*$/, "");
}

/** Measures an entry, or whatever lies at a path; nothing for what is gone. */
export function measureEntry(path: string): EntrySize {
  const size = { files: 0, bytes: 0, diskBytes: 0, freeableBytes: 0, sharedBytes: 0 };
  const waiting = [path];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const stat = statOf(at);
    if (stat === undefined) continue;
    const disk = stat.blocks * 512;
    size.diskBytes += disk;
    if (stat.isDirectory()) {
      size.freeableBytes += disk;
      for (const name of listNames(at)) waiting.push(`${at}/${name}`);
      continue;
    }
    size.files += 1;
    size.bytes += stat.size;
    if (stat.nlink === 1) size.freeableBytes += disk;
    else size.sharedBytes += stat.size * (stat.nlink - 1);
  }
  return size;
}

interface Found {
  readonly key: string;
  readonly path: string;
}

function entry(kind: EntryKind, { key, path }: Found, outdated = false): StoreEntry | undefined {
  const stat = statOf(path);
  return stat === undefined ? undefined : { kind, key, path, lastUsedMs: lastUsedMs(stat), outdated };
}

/** The time of a directory in which git works: the latest of its own and of what lies directly in it. */
function withChildren(found: StoreEntry | undefined): StoreEntry | undefined {
  if (found === undefined) return undefined;
  const times = listNames(found.path).map((name) => statOf(join(found.path, name)));
  const used = times.map((stat) => (stat === undefined ? 0 : lastUsedMs(stat)));
  return { ...found, lastUsedMs: Math.max(found.lastUsedMs, ...used) };
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw storeFailure(error, path);
  }
}

function named(directory: string, isName: (name: string) => boolean): Found[] {
  return namesIn(directory)
    .filter(isName)
    .map((key) => ({ key, path: join(directory, key) }));
}

/** `<2 hex>/<name>`. */
function byPrefix(directory: string, isName: (name: string) => boolean): Found[] {
  return namesIn(directory)
    .filter((prefix) => /^[0-9a-f]{2}$/.test(prefix))
    .flatMap((prefix) => named(join(directory, prefix), (name) => name.startsWith(prefix) && isName(name)));
}

/** Somebody's file where a directory of the store's belongs holds no entries. */
function namesIn(directory: string): string[] {
  return statOf(directory)?.isDirectory() === true ? listNames(directory) : [];
}

/** `<ident>/<prefix>/<name>`: the only files of a store that lie at different depths. */
function indexFiles(root: string): Found[] {
  const found: Found[] = [];
  const waiting = [""];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for (const child of directoryEntries(join(root, key))) {
      const path = key === "" ? child.name : `${key}/${child.name}`;
      if (child.isDirectory()) waiting.push(path);
      else if (child.isFile() && path.split("/").length >= 3) found.push({ key: path, path: join(root, path) });
    }
  }
  return found;
}

function directoryEntries(directory: string): { name: string; isDirectory(): boolean; isFile(): boolean }[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw storeFailure(error, directory);
  }
}
