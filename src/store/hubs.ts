import { type BigIntStats, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { isSha256, type Sha256 } from "../cargo/index.ts";
import { sha256Of } from "./crates.ts";
import { keepHubLock } from "./hub-locks.ts";
import { parseJson } from "./json.ts";
import { listNames, writeWhole } from "./partial.ts";
import type { Store } from "./roots.ts";
import { errnoOf, storeFailure } from "./store-error.ts";
import { treePath } from "./trees.ts";

/** A hub that was filled from this store: what gc keeps. */
export interface HubRoot {
  /** Absolute path of the root file. */
  readonly file: string;
  /** Absolute path of the hub, its `.cargo` directory. */
  readonly path: string;
  /** SHA-256 of its hub.lock when it was last filled. */
  readonly lockDigest: Sha256;
  /** `<device>:<inode>` of the hub's directory then; undefined in a root file of version 1. */
  readonly inode: string | undefined;
  /** When the root file was written, milliseconds since 1970. */
  readonly writtenMs: number;
}

/** The root files of a store; each is in exactly one list. */
export interface HubRoots {
  readonly hubs: readonly HubRoot[];
  /** Absolute paths of root files that can not be read as such: gc must not delete on their word. */
  readonly damaged: readonly string[];
}

/** A hub's file that is the same inode as a tree's file. */
export interface HubShare {
  readonly hub: HubRoot;
  /** Absolute path of the file in the hub. */
  readonly file: string;
}

const HEADERS = ["cargo-hub root 1\n", "cargo-hub root 2\n"] as const;

/**
 * Says that a hub was filled from this store. Its older root file is replaced, and its hub.lock is kept beside.
 *
 * @param hub.path The hub's directory, which must exist; by whichever symbolic links it is reached, it is one hub.
 * @throws {StoreError} store/disk-full, store/not-writable, store/io-error.
 */
export function registerHub(store: Store, hub: { readonly path: string; readonly lockText: string }): void {
  const { path, inode } = identify(hub.path);
  const lockDigest = keepHubLock(store, hub.lockText);
  writeWhole(store, rootPath(store, path), formatHubRoot({ path, lockDigest, inode }));
}

/**
 * Where the root file of a hub lies, or would.
 *
 * @param hub The hub's directory, which must exist. @throws {StoreError} store/io-error, store/not-writable when it can not be looked at.
 */
export function hubRootPath(store: Pick<Store, "root">, hub: string): string {
  return rootPath(store, identify(hub).path);
}

function rootPath(store: Pick<Store, "root">, resolvedHub: string): string {
  return join(store.root, "hubs", idOf(resolvedHub));
}

/**
 * All hubs that were filled from this store, also those that are gone from the disk since; sorted by path.
 *
 * @throws {StoreError} store/io-error, store/not-writable when they can not be read.
 */
export function listHubs(store: Store): HubRoots {
  const directory = join(store.root, "hubs");
  const hubs: HubRoot[] = [];
  const damaged: string[] = [];
  for (const name of listNames(directory)) {
    const file = join(directory, name);
    const read = readIfPresent(file);
    if (read === undefined) continue;
    const hub = parseHubRoot(read.text);
    if (hub === undefined) damaged.push(file);
    else hubs.push({ file, ...hub, writtenMs: read.writtenMs });
  }
  return { hubs: hubs.sort((a, b) => (a.path < b.path ? -1 : 1)), damaged: damaged.sort() };
}

/**
 * The hub that a damaged root file speaks of, when its path can still be read: the file's own name, a digest of the path, vouches for it.
 *
 * @param file Absolute path of the root file. @throws {StoreError} store/io-error, store/not-writable when it can not be read.
 */
export function hubOfDamagedRoot(file: string): string | undefined {
  const lines = readIfPresent(file)?.text.split("\n") ?? [];
  return lines
    .filter((line) => line.startsWith('"'))
    .map(parseJson)
    .filter((path) => typeof path === "string")
    .find((path) => idOf(path) === basename(file));
}

/** `<device>:<inode>` of a directory, by which it is known after a rename; undefined when it can not be looked at. */
export function inodeOfDirectory(path: string): string | undefined {
  const stat = statOf(path);
  return stat?.isDirectory() === true ? `${stat.dev}:${stat.ino}` : undefined;
}

/** So many files of a tree are looked for in hubs: who changed one by a link has links to the others. */
const MOST_SOUGHT = 8;

/**
 * Which registered hubs hold hard links to files of a tree: one of them changed these. Ask before the tree is moved aside.
 *
 * @param paths The files, relative to the tree; a few of them are looked for. @returns one file for each such hub.
 * @throws {StoreError} store/io-error, store/not-writable when the store can not be read. Hubs that can not be read are left out.
 */
export function hubsSharing(store: Store, sha: Sha256, paths: readonly string[]): HubShare[] {
  const sought = new Map<string, string>();
  for (const path of paths) {
    const own = lstatOf(join(treePath(store, sha), path));
    if (own !== undefined && !own.isDirectory() && own.nlink > 1n) sought.set(path, `${own.dev}:${own.ino}`);
    if (sought.size === MOST_SOUGHT) break;
  }
  if (sought.size === 0) return [];
  return listHubs(store).hubs.flatMap((hub) => {
    const file = findShared(hub.path, sought);
    return file === undefined ? [] : [{ hub, file }];
  });
}

/** A file of a hub's packages that has one of these inodes, by its path. */
function findShared(hub: string, sought: ReadonlyMap<string, string>): string | undefined {
  for (const directory of packageDirectories(hub)) {
    for (const [path, inode] of sought) {
      const file = join(directory, path);
      const stat = lstatOf(file);
      if (stat !== undefined && `${stat.dev}:${stat.ino}` === inode) return file;
    }
  }
  return undefined;
}

/** `registry/src/<ident>/<name>-<version>` of a hub, and those that are put aside in a directory there whose name begins with a dot. */
function packageDirectories(hub: string): string[] {
  const sources = join(hub, "registry", "src");
  return namesOf(sources)
    .flatMap((ident) => below(join(sources, ident)))
    .flatMap((path) => (basename(path).startsWith(".") ? below(path) : [path]));
}

function below(directory: string): string[] {
  return namesOf(directory).map((name) => join(directory, name));
}

/** Names in a directory of a hub, which may be gone, unreadable or something else by now. */
function namesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

function lstatOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function idOf(path: string): string {
  return sha256Of(path).slice(0, 16);
}

/** One name for a hub, however it is reached. */
function identify(hub: string): { readonly path: string; readonly inode: string } {
  try {
    const path = realpathSync.native(hub);
    const { dev, ino } = statSync(path, { bigint: true });
    return { path, inode: `${dev}:${ino}` };
  } catch (error) {
    throw storeFailure(error, hub);
  }
}

type RootText = Pick<HubRoot, "path" | "lockDigest" | "inode">;

function formatHubRoot({ path, lockDigest, inode }: RootText): string {
  const [first, second] = HEADERS;
  const head = inode === undefined ? `${first}${lockDigest}\n` : `${second}${lockDigest}\n${inode}\n`;
  const text = `${head}${JSON.stringify(path)}\n`;
  return `${text}sha256 ${sha256Of(text)}\n`;
}

function parseHubRoot(text: string): RootText | undefined {
  const header = HEADERS.find((each) => text.startsWith(each));
  const end = text.lastIndexOf("sha256 ");
  if (header === undefined || text.slice(end) !== `sha256 ${sha256Of(text.slice(0, end))}\n`) return undefined;
  const [lockDigest, ...rest] = text.slice(header.length, end - 1).split("\n");
  const [inode, quoted] = header === HEADERS[0] ? [undefined, ...rest] : rest;
  if (!isSha256(lockDigest) || quoted === undefined || !quoted.startsWith('"')) return undefined;
  const path = parseJson(quoted);
  if (typeof path !== "string" || !isAbsolute(path)) return undefined;
  return formatHubRoot({ path, lockDigest, inode }) === text ? { path, lockDigest, inode } : undefined;
}

function readIfPresent(path: string): { readonly text: string; readonly writtenMs: number } | undefined {
  try {
    const { mtimeMs } = lstatSync(path);
    return { text: readFileSync(path, "utf8"), writtenMs: mtimeMs };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw storeFailure(error, path);
  }
}
