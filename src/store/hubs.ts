import { type BigIntStats, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isSha256, type Sha256 } from "../cargo/index.ts";
import { sha256Of } from "./crates.ts";
import { listNames, writeWhole } from "./partial.ts";
import type { Store } from "./roots.ts";
import { errnoOf, storeFailure } from "./store-error.ts";
import { treePath } from "./trees.ts";

/** A hub that was filled from this store: what gc keeps. */
export interface HubRoot {
  /** Absolute path of the hub, its `.cargo` directory. */
  readonly path: string;
  /** SHA-256 of its hub.lock when it was last filled. */
  readonly lockDigest: Sha256;
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

const HEADER = "cargo-hub root 1\n";

/**
 * Says that a hub was filled from this store. Its older root file is replaced.
 *
 * @throws {StoreError} store/disk-full, store/not-writable, store/io-error.
 */
export function registerHub(store: Store, hub: HubRoot): void {
  const id = sha256Of(hub.path).slice(0, 16);
  writeWhole(store, join(store.root, "hubs", id), formatHubRoot(hub));
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
    const path = join(directory, name);
    const text = readIfPresent(path);
    if (text === undefined) continue;
    const hub = parseHubRoot(text);
    if (hub === undefined) damaged.push(path);
    else hubs.push(hub);
  }
  return { hubs: hubs.sort((a, b) => (a.path < b.path ? -1 : 1)), damaged: damaged.sort() };
}

/**
 * Which registered hubs hold a hard link to a file of a tree: one of them changed it. Ask before the tree is moved aside.
 *
 * @param path The file, relative to the tree.
 * @throws {StoreError} store/io-error, store/not-writable when the store can not be read. Hubs that can not be read are left out.
 */
export function hubsSharing(store: Store, sha: Sha256, path: string): HubShare[] {
  const own = lstatOf(join(treePath(store, sha), path));
  if (own === undefined || own.nlink < 2n) return [];
  const shares: HubShare[] = [];
  for (const hub of listHubs(store).hubs) {
    for (const directory of packageDirectories(hub.path)) {
      const file = join(directory, path);
      const stat = lstatOf(file);
      if (stat !== undefined && stat.dev === own.dev && stat.ino === own.ino) shares.push({ hub, file });
    }
  }
  return shares;
}

/** `registry/src/<ident>/<name>-<version>` of a hub. */
function packageDirectories(hub: string): string[] {
  const sources = join(hub, "registry", "src");
  return namesOf(sources).flatMap((ident) => namesOf(join(sources, ident)).map((name) => join(sources, ident, name)));
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

function formatHubRoot({ path, lockDigest }: HubRoot): string {
  const text = `${HEADER}${lockDigest}\n${JSON.stringify(path)}\n`;
  return `${text}sha256 ${sha256Of(text)}\n`;
}

function parseHubRoot(text: string): HubRoot | undefined {
  const [lockDigest, quoted] = text.slice(HEADER.length).split("\n");
  if (!isSha256(lockDigest) || quoted === undefined || !quoted.startsWith('"')) return undefined;
  const end = text.lastIndexOf("sha256 ");
  if (text.slice(end) !== `sha256 ${sha256Of(text.slice(0, end))}\n`) return undefined;
  const path: unknown = JSON.parse(quoted);
  return typeof path === "string" && formatHubRoot({ path, lockDigest }) === text ? { path, lockDigest } : undefined;
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw storeFailure(error, path);
  }
}
