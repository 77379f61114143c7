import type { RepositoryEntry } from "../../cargo/index.ts";
import { type CommitPack, listFiles, type RepositoryEntry as PackedEntry, readBlob } from "../../git/index.ts";
import { HubRoomError } from "../hub-room-error.ts";

/** A file or link of a repository as a checkout with its submodules shows it. */
export interface WorkEntry {
  /** From the root of the checkout; `/` separates. */
  readonly path: string;
  readonly kind: "file" | "executable" | "link";
  readonly sizeBytes: number;
  /** The pack that holds its content. */
  readonly pack: CommitPack;
  readonly id: string;
}

/** What a checkout of a repository would hold, without making one. */
export interface WorkTree {
  /** For error messages. */
  readonly url: string;
  readonly entries: ReadonlyMap<string, WorkEntry>;
  /** The same as the pure room takes them, with what links say. */
  readonly listing: readonly RepositoryEntry[];
  /** Directory → names in it, in git's order. */
  readonly directories: ReadonlyMap<string, readonly string[]>;
  /** Directories in which submodules stand; cargo does not look for packages in them by itself. */
  readonly submodules: ReadonlySet<string>;
  /** Directories with a name in them that is not UTF-8; what stands behind it is not in the tree. */
  readonly unnamed: ReadonlySet<string>;
}

/** A pack and the directory at which its files stand: the repository's own at `""`, submodules further down. */
export interface Mount {
  readonly at: string;
  readonly pack: CommitPack;
}

/** Joins the packs of a repository and of its submodules to one tree. */
export function openWorkTree(url: string, mounts: readonly Mount[]): WorkTree {
  const entries = new Map<string, WorkEntry>();
  const directories = new Map<string, string[]>([["", []]]);
  const submodules = new Set<string>();
  const unnamed = new Set<string>();
  for (const { at, pack } of mounts) {
    if (at !== "") submodules.add(at);
    const found = listFiles(pack, "", (directory) => unnamed.add(joined(at, directory)));
    for (const entry of found) addEntry(entry, { at, pack, entries, directories });
  }
  const listing = [...entries.values()].map((entry): RepositoryEntry => {
    const { path, kind } = entry;
    return kind === "link" ? { path, kind, target: readEntry(entry).toString("utf8") } : { path, kind };
  });
  return { url, entries, listing, directories, submodules, unnamed };
}

interface Addition extends Mount {
  readonly entries: Map<string, WorkEntry>;
  readonly directories: Map<string, string[]>;
}

function addEntry({ path: below, kind, id, sizeBytes }: PackedEntry, to: Addition): void {
  const path = joined(to.at, below);
  if (kind === "submodule") addDirectory(path, to.directories);
  else {
    to.entries.set(path, { path, kind, id, sizeBytes, pack: to.pack });
    addName(path, to.directories);
  }
}

function addDirectory(path: string, directories: Map<string, string[]>): void {
  if (directories.has(path)) return;
  directories.set(path, []);
  addName(path, directories);
}

function addName(path: string, directories: Map<string, string[]>): void {
  const slash = path.lastIndexOf("/");
  const parent = path.slice(0, Math.max(0, slash));
  addDirectory(parent, directories);
  directories.get(parent)?.push(path.slice(slash + 1));
}

/** `directory/name`; `""` is the root. */
export function joined(directory: string, name: string): string {
  return directory === "" || name === "" ? directory + name : `${directory}/${name}`;
}

/** Where a path leads to: links followed, one after the other. */
export type Resolved =
  | { readonly kind: "file"; readonly entry: WorkEntry }
  | { readonly kind: "directory"; readonly path: string }
  /** `outside`: a link leads out of the repository; `circle`: links lead to each other. */
  | { readonly kind: "absent" | "outside" | "circle" };

const mostLinks = 40;

/** Follows every link in `path`, as a system does that opens it in a checkout. */
export function resolvePath(tree: WorkTree, path: string): Resolved {
  let steps = path.split("/").filter((step) => step !== "" && step !== ".");
  let at = "";
  for (let links = 0; ; ) {
    const step = steps.shift();
    if (step === undefined) return { kind: "directory", path: at };
    if (step === "..") {
      if (at === "") return { kind: "outside" };
      at = parentOf(at);
      continue;
    }
    const next = joined(at, step);
    const entry = tree.entries.get(next);
    if (entry?.kind === "link") {
      links += 1;
      const target = readEntry(entry).toString("utf8");
      if (links > mostLinks) return { kind: "circle" };
      if (isAbsolute(target)) return { kind: "outside" };
      steps = [...target.split("/").filter((name) => name !== "" && name !== "."), ...steps];
    } else if (entry !== undefined) return steps.length === 0 ? { kind: "file", entry } : { kind: "absent" };
    else if (tree.directories.has(next)) at = next;
    else return { kind: "absent" };
  }
}

function isAbsolute(target: string): boolean {
  return target.startsWith("/") || /^[A-Za-z]:|^\\/.test(target);
}

/** The directory above; `""` is the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The content of a file, or of a link as it stands. */
export function readEntry({ pack, id }: WorkEntry): Buffer {
  return readBlob(pack, id);
}

/** The text of a file, links followed; undefined when there is none. @throws {HubRoomError} hub/git-package-invalid when it is not UTF-8. */
export function readTextAt(tree: WorkTree, path: string): string | undefined {
  const found = resolvePath(tree, path);
  if (found.kind !== "file") return undefined;
  const bytes = readEntry(found.entry);
  const text = bytes.toString("utf8");
  if (Buffer.from(text).equals(bytes)) return text;
  throw new HubRoomError({
    code: "hub/git-package-invalid",
    what: `${path} is not UTF-8`,
    where: tree.url,
    help: "tell the repository's owner, or depend on another commit",
  });
}
