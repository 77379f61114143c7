import {
  constants,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Sha256 } from "../cargo/index.ts";
import { changeMode, copyFile, haveSameBytes, removePath } from "./careful-files.ts";
import { type CrateRead, cratePath, readCrate } from "./crates.ts";
import type { Store } from "./roots.ts";
import { isLink, type TreeFile, type TreeList } from "./stat-list.ts";
import { errnoOf, StoreError, storeFailure } from "./store-error.ts";
import { renewTree, treePath } from "./trees.ts";

/** How files get from the store to a hub; `auto` takes the first that works of reflink, hard link, copy. */
export type LinkMode = "auto" | LinkMethod;

/** One way to share or copy a file's content. */
export type LinkMethod = "reflink" | "hardlink" | "copy";

/** How many files went which way. */
export type LinkCounts = Readonly<Record<LinkMethod, number>>;

/** What became of a crate file that was to be linked. */
export type LinkedCrate =
  | { readonly kind: "linked"; readonly how: LinkMethod }
  | Exclude<CrateRead, { kind: "intact" }>;

/** Errors that say "not this way", as opposed to "not at all". */
const otherWay: ReadonlySet<string> = new Set([
  "EXDEV",
  "EPERM",
  "EACCES",
  "EMLINK",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EINVAL",
  "ENOTTY",
]);

/** First method worth trying, per pair of devices (`from:to`), for the life of the process. */
const remembered = new Map<string, LinkMethod>();

interface Linker {
  readonly mode: LinkMode;
  readonly pair: string;
  /** Both ends on one device; then EXDEV speaks of a mount, not of the device. */
  readonly sameDevice: boolean;
  readonly counts: Record<LinkMethod, number>;
  /** Method tried first for the next file; only ever moves down the list. */
  first: LinkMethod;
}

/**
 * Makes `target` a copy of a tree: directories with their modes, files by reflink, hard link or copy. Copies keep mode and mtime.
 *
 * @param job.list The list of the intact tree, from checkTree or addTree. @param job.target Must not exist; its parent must.
 * @throws {StoreError} store/target-exists; store/name-collision when two files with different content are one there; store/link-unsupported
 * in a forced mode; store/tree-vanished when the tree is moved aside meanwhile; store/disk-full, store/not-writable, store/io-error. `target` is removed again.
 */
export function linkTree(
  store: Store,
  job: { readonly sha: Sha256; readonly list: TreeList; readonly target: string; readonly mode: LinkMode },
): LinkCounts {
  const { list, target } = job;
  const source = treePath(store, job.sha);
  renewTree(store, job.sha);
  const mask = makeTarget(target);
  try {
    const linker = openLinker({ from: source, to: target, mode: job.mode });
    for (const { path, mode } of list.directories) if (path !== ".") makeDirectoryOnce(`${target}/${path}`, mode);
    for (const file of list.files)
      linkOnce(linker, file, { from: `${source}/${file.path}`, to: `${target}/${file.path}` });
    // Last, and children first: a directory may be one that nothing can be put into.
    for (const { path, mode } of list.directories.toReversed()) {
      const made = (path === "." ? 0o777 : mode) & ~mask;
      if (made !== mode) changeMode(`${target}/${path}`, mode);
    }
    return linker.counts;
  } catch (error) {
    removePath(target, { recursive: true });
    if (errnoOf(error) === "ENOENT") throw treeVanished(source, error);
    throw storeFailure(error, target);
  }
}

/**
 * Puts a crate file at `target`, re-hashed first unless the caller just did that.
 *
 * @param job.target Must not exist; its parent must. @param job.checked The caller read or put these bytes a moment ago, so they are not hashed again.
 * @throws {StoreError} store/target-exists, store/link-unsupported, store/disk-full, store/not-writable, store/io-error.
 */
export function linkCrate(
  store: Store,
  job: { readonly sha: Sha256; readonly target: string; readonly mode: LinkMode; readonly checked: boolean },
): LinkedCrate {
  const from = cratePath(store, job.sha);
  if (!job.checked) {
    const read = readCrate(store, job.sha);
    if (read.kind !== "intact") return read;
  }
  const how = linkStoredFile(from, job);
  return how === undefined ? { kind: "absent" } : { kind: "linked", how };
}

/**
 * Puts one file of the store at `target`.
 *
 * @param job.target Must not exist; its parent must.
 * @returns Undefined when the file is not there.
 * @throws {StoreError} store/target-exists, store/link-unsupported, store/disk-full, store/not-writable, store/io-error.
 */
export function linkStoredFile(
  from: string,
  job: { readonly target: string; readonly mode: LinkMode },
): LinkMethod | undefined {
  const stat = lstatSync(from, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  try {
    const linker = openLinker({ from, to: dirname(job.target), mode: job.mode });
    return linkFile(linker, stat, { from, to: job.target });
  } catch (error) {
    if (errnoOf(error) === "ENOENT" && lstatSync(from, { throwIfNoEntry: false }) === undefined) return undefined;
    if (errnoOf(error) === "EEXIST") throw targetExists(job.target, error);
    throw storeFailure(error, job.target);
  }
}

/** @returns The permission bits that the process's umask takes from new directories. */
function makeTarget(target: string): number {
  try {
    mkdirSync(target, { mode: 0o777 });
    return 0o777 & ~lstatSync(target).mode;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") throw targetExists(target, error);
    throw storeFailure(error, target);
  }
}

function openLinker({ from, to, mode }: { from: string; to: string; mode: LinkMode }): Linker {
  const source = statSync(from).dev;
  const target = statSync(to).dev;
  const pair = `${source}:${target}`;
  return {
    mode,
    pair,
    sameDevice: source === target,
    counts: { reflink: 0, hardlink: 0, copy: 0 },
    first: mode === "auto" ? (remembered.get(pair) ?? "reflink") : mode,
  };
}

interface Ends {
  readonly from: string;
  readonly to: string;
}

function linkFile(linker: Linker, file: Pick<TreeFile, "mode" | "mtimeMs">, ends: Ends): LinkMethod {
  for (let method = linker.first; ; method = method === "reflink" ? "hardlink" : "copy") {
    try {
      place(method, file, ends);
      linker.counts[method] += 1;
      return method;
    } catch (error) {
      const code = errnoOf(error) ?? "";
      if (!otherWay.has(code) || method === "copy") throw error;
      if (linker.mode !== "auto") throw linkUnsupported(method, ends, error);
      if (code !== "EMLINK" && code !== "EPERM" && code !== "EACCES") stepDown(linker, method, code);
    }
  }
}

/** Another spelling of a directory may be there already, where letter case does not count. */
function makeDirectoryOnce(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST" || !lstatSync(path).isDirectory()) throw error;
  }
}

/** {@link linkFile}; of two files that the target's file system takes for one, the second must have the content of the first. */
function linkOnce(linker: Linker, file: TreeFile, ends: Ends): void {
  try {
    linkFile(linker, file, ends);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
    if (isLink(file.mode) || !haveSameBytes(ends.from, ends.to)) throw nameCollision(file.path, ends.to, error);
  }
}

/** Remembers that `method` does not work between two devices, or for this one call when only a mount point is in the way. */
function stepDown(linker: Linker, method: LinkMethod, code: string): void {
  linker.first = method === "reflink" ? "hardlink" : "copy";
  if (method === "reflink" || code !== "EXDEV" || !linker.sameDevice) remembered.set(linker.pair, linker.first);
}

function place(method: LinkMethod, file: Pick<TreeFile, "mode" | "mtimeMs">, { from, to }: Ends): void {
  if (method === "hardlink") linkSync(from, to);
  else if (isLink(file.mode)) {
    symlinkSync(readlinkSync(from), to);
    lutimesSync(to, file.mtimeMs / 1000, file.mtimeMs / 1000);
  } else {
    const reflink = method === "reflink" ? constants.COPYFILE_FICLONE_FORCE : 0;
    copyFile(from, to, reflink);
    utimesSync(to, file.mtimeMs / 1000, file.mtimeMs / 1000);
  }
}

function targetExists(target: string, cause: unknown): StoreError {
  return new StoreError({
    code: "store/target-exists",
    what: "something is already there, and nothing is overwritten",
    where: target,
    help: "move it away or remove it, then run the command again",
    cause,
  });
}

function nameCollision(path: string, where: string, cause: unknown): StoreError {
  return new StoreError({
    code: "store/name-collision",
    what: `${JSON.stringify(path)} differs only in letter case from another file of the package, and the file system takes them for one`,
    where,
    help: "put the project on a file system that tells upper from lower case",
    cause,
  });
}

function linkUnsupported(method: LinkMethod, { from, to }: Ends, cause: unknown): StoreError {
  return new StoreError({
    code: "store/link-unsupported",
    what: `a ${method} of ${from} is not possible here (${errnoOf(cause) ?? "unknown error"})`,
    where: to,
    help: "use --link auto, or put store and project on one file system (CARGO_HUB_STORE)",
    cause,
  });
}

function treeVanished(source: string, cause: unknown): StoreError {
  return new StoreError({
    code: "store/tree-vanished",
    what: "a file of the tree disappeared while it was being linked",
    where: source,
    help: "run the command again; if it happens each time, look for a program that cleans the cache directory",
    cause,
  });
}
