import { lstatSync, readdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { foldName, isSameTime, modesCount } from "../system/index.ts";
import type { DirectoryEntry, TreeFile, TreeList } from "./stat-list.ts";
import { errnoOf, StoreError } from "./store-error.ts";

/** What the builder of a tree says it wrote. */
export interface BuiltFile {
  /** Relative to the tree, `/` separates. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

interface Walked {
  readonly directories: Map<string, DirectoryEntry>;
  readonly files: Map<string, TreeFile>;
}

/**
 * Lists what lies in `directory`, and refuses names and sizes that its builder did not report.
 *
 * Some file systems list other spellings than the builder's: all lower case, or one of two that differ only in case. The list has the
 * builder's, because a hub may lie elsewhere.
 *
 * @throws {StoreError} store/tree-invalid.
 */
export function surveyTree(directory: string, built: readonly BuiltFile[]): TreeList {
  const { directories, files } = walk(directory);
  const reported = new Map(built.map(({ path, size }) => [path, size]));
  const unreported = [...files.keys()].filter((path) => !reported.has(path));
  const unlisted = [...reported.keys()].filter((path) => !files.has(path));
  const spelled = new Set<string>();
  for (const path of unlisted) {
    const file = fileAt(directory, path);
    if (file === undefined) throw treeInvalid(directory, `${JSON.stringify(path)} was reported, but is not there`);
    files.set(path, file);
    addDirectories(directory, path, directories);
    spelled.add(foldName(path));
  }
  for (const path of unreported) {
    if (!spelled.has(foldName(path)))
      throw treeInvalid(directory, `${JSON.stringify(path)} is there, but was not reported`);
    files.delete(path);
  }
  for (const [path, size] of reported) {
    const actual = files.get(path)?.size;
    if (actual !== size)
      throw treeInvalid(directory, `${JSON.stringify(path)} has ${actual ?? "no"} bytes, reported were ${size}`);
  }
  if (spelled.size > 0) dropOtherSpellings(directories, reported);
  return { directories: [...directories.values()].sort(byPath), files: [...files.values()].sort(byPath) };
}

function walk(directory: string): Walked {
  const found: Walked = { directories: new Map(), files: new Map() };
  const waiting = ["."];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const at = join(directory, path);
    found.directories.set(path, directoryAt(at, path));
    for (const child of readdirSync(at, { withFileTypes: true })) {
      const name = path === "." ? child.name : `${path}/${child.name}`;
      if (child.isDirectory()) waiting.push(name);
      else found.files.set(name, factsOf(name, lstatSync(join(directory, name))));
    }
  }
  return found;
}

function directoryAt(at: string, path: string): DirectoryEntry {
  const stat = lstatSync(at, { bigint: true });
  return { path, mode: Number(stat.mode & 0o7777n), mtimeNs: stat.mtimeNs };
}

function factsOf(path: string, { size, mode, mtimeMs }: Omit<TreeFile, "path">): TreeFile {
  return { path, size, mode, mtimeMs };
}

function fileAt(directory: string, path: string): TreeFile | undefined {
  const stat = lstatSync(join(directory, path), { throwIfNoEntry: false });
  return stat === undefined || stat.isDirectory() ? undefined : factsOf(path, stat);
}

function addDirectories(directory: string, path: string, directories: Map<string, DirectoryEntry>): void {
  for (let at = dirname(path); !directories.has(at); at = dirname(at))
    directories.set(at, directoryAt(join(directory, at), at));
}

/** A directory that was only listed in another spelling holds nothing under that one. */
function dropOtherSpellings(directories: Map<string, DirectoryEntry>, reported: ReadonlyMap<string, number>): void {
  const used = new Set<string>(["."]);
  for (const path of reported.keys()) for (let at = dirname(path); at !== "."; at = dirname(at)) used.add(at);
  const folded = new Set([...used].map(foldName));
  for (const path of directories.keys()) if (!used.has(path) && folded.has(foldName(path))) directories.delete(path);
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function treeInvalid(where: string, what: string): StoreError {
  return new StoreError({
    code: "store/tree-invalid",
    what,
    where,
    help: "report this as a bug of cargo-hub, with the name of the crate",
  });
}

/** The entries of a tree that are not as its list says, by lstat; directories with a trailing `/`. */
export function changedPaths(directory: string, list: TreeList): string[] {
  const changed: string[] = [];
  const otherMode: string[] = [];
  const fileModes = new Set<number>();
  let known: KnownNames | undefined;
  for (const entry of list.directories) {
    const stat = ifThere(() => lstatSync(join(directory, entry.path), { bigint: true, throwIfNoEntry: false }));
    if (stat === undefined || !stat.isDirectory()) changed.push(`${entry.path}/`);
    else if (Number(stat.mode & 0o7777n) !== entry.mode) otherMode.push(`${entry.path}/`);
    else if (stat.mtimeNs !== entry.mtimeNs) {
      known ??= knownNames(list);
      changed.push(...foreignNames(directory, entry.path, known));
    }
  }
  for (const { path, size, mode, mtimeMs } of list.files) {
    const stat = ifThere(() => lstatSync(join(directory, path), { throwIfNoEntry: false }));
    const isSame = stat !== undefined && stat.size === size && isSameTime(mtimeMs, stat.mtimeMs);
    if (!isSame || (stat.mode & TYPE) !== (mode & TYPE)) changed.push(path);
    else {
      if (stat.isFile()) fileModes.add(stat.mode & PERMISSIONS);
      if (stat.mode !== mode) otherMode.push(path);
    }
  }
  // Where a file system has no modes, they are what it was mounted with this time.
  const isWrong = otherMode.length > 0 && modesCount({ fileSystemType: statfsSync(directory).type, fileModes });
  return isWrong ? [...changed, ...otherMode] : changed;
}

const TYPE = 0o170000;
const PERMISSIONS = 0o7777;

/** Nothing there, or a file where a directory belongs. */
function ifThere<Stat>(look: () => Stat | undefined): Stat | undefined {
  try {
    return look();
  } catch (error) {
    if (errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The names of a list, and those among them that a file system without letter case takes for one. */
interface KnownNames {
  readonly exact: ReadonlySet<string>;
  readonly bySpelling: ReadonlyMap<string, readonly string[]>;
}

/** Made once for all directories: after a copy of the store every one of them may have another time. */
function knownNames({ files, directories }: TreeList): KnownNames {
  const paths = [...files, ...directories].map(({ path }) => path);
  const bySpelling = new Map<string, string[]>();
  for (const path of paths) {
    const folded = foldName(path);
    const same = bySpelling.get(folded);
    if (same === undefined) bySpelling.set(folded, [path]);
    else same.push(path);
  }
  return { exact: new Set(paths), bySpelling };
}

/**
 * Names in one directory that the list does not have; missing ones show by their own lstat. Another spelling of a name that the file
 * system finds, but does not list, is no other file.
 */
function foreignNames(directory: string, path: string, { exact, bySpelling }: KnownNames): string[] {
  const prefix = path === "." ? "" : `${path}/`;
  const names = readdirSync(join(directory, path)).map((name) => prefix + name);
  const listed = new Set(names);
  const isSpelling = (name: string): boolean =>
    (bySpelling.get(foldName(name)) ?? []).some((other) => !listed.has(other) && isThere(directory, other));
  return names.filter((name) => !exact.has(name) && !isSpelling(name));
}

function isThere(directory: string, path: string): boolean {
  return ifThere(() => lstatSync(join(directory, path), { throwIfNoEntry: false })) !== undefined;
}
