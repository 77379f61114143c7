import { directoryOf, joinPath } from "../slash-path.ts";
import { compareUtf8 } from "../utf8-order.ts";
import { ownFiles } from "./file-list.ts";

/** One blob of a commit's tree. */
export interface RepositoryEntry {
  /** From the top of the repository, with slashes. */
  readonly path: string;
  readonly kind: "file" | "executable" | "link";
  /** The text of a link: where it leads, seen from its directory. */
  readonly target?: string | undefined;
}

/** A file of a package that comes from git. */
export interface GitPackageFile {
  /** Seen from the package. */
  readonly path: string;
  /** The blob with its content: a path of a file or executable in the repository. */
  readonly from: string;
  readonly isExecutable: boolean;
}

/** A package with more files than this is no package: links to directories can multiply a small tree without end. */
export const MOST_GIT_PACKAGE_FILES = 200_000;

/**
 * The files of a package in a repository, as a directory source holds them; `undefined` when there are more than
 * {@link MOST_GIT_PACKAGE_FILES}.
 *
 * Like `cargo vendor`: links are followed, to files and to directories; packages in directories below are left out, and so
 * are git's own files, which would hide others from whoever commits the directory. Unlike it, `include` and `exclude` leave
 * nothing out, since a build from a checkout sees everything as well; and a link that leads nowhere, in a circle or out of
 * the repository is left out where cargo vendor fails.
 *
 * @param directory The package's directory, from the top of the repository; `""` for the top.
 */
export function gitPackageFiles(
  entries: readonly RepositoryEntry[],
  directory: string,
): readonly GitPackageFile[] | undefined {
  const tree: Tree = { entries: new Map(), children: new Map() };
  for (const entry of entries) addEntry(tree, entry);
  const files = new Map<string, GitPackageFile>();
  if (!collect({ tree, files }, { at: "", from: directory, above: [directory] })) return undefined;
  const own = ownFiles([...files.keys()]).filter((path) => !isGitFile(path) && path !== ".cargo-ok");
  return own.sort(compareUtf8).flatMap((path) => files.get(path) ?? []);
}

interface Tree {
  readonly entries: Map<string, RepositoryEntry>;
  /** Directory → names in it. */
  readonly children: Map<string, Set<string>>;
}

function addEntry({ entries, children }: Tree, entry: RepositoryEntry): void {
  entries.set(entry.path, entry);
  for (let path = entry.path; path !== ""; path = directoryOf(path)) {
    const parent = directoryOf(path);
    const names = children.get(parent) ?? new Set<string>();
    names.add(path.slice(parent === "" ? 0 : parent.length + 1));
    children.set(parent, names);
  }
}

interface Collection {
  readonly tree: Tree;
  readonly files: Map<string, GitPackageFile>;
}

interface Visit {
  /** The directory as the package has it. */
  readonly at: string;
  /** The directory of the repository whose content it has. */
  readonly from: string;
  /** The directories of the repository on the way here: a link back to one of them is a circle. */
  readonly above: readonly string[];
}

/** False when there are too many files. */
function collect(collection: Collection, { at, from, above }: Visit): boolean {
  const { tree, files } = collection;
  for (const name of tree.children.get(from) ?? []) {
    const path = at === "" ? name : `${at}/${name}`;
    const place = resolved(tree, from === "" ? name : `${from}/${name}`);
    if (place === undefined) continue;
    const entry = tree.entries.get(place);
    if (entry !== undefined) {
      files.set(path, { path, from: place, isExecutable: entry.kind === "executable" });
      if (files.size > MOST_GIT_PACKAGE_FILES) return false;
    } else if (!above.includes(place)) {
      if (!collect(collection, { at: path, from: place, above: [...above, place] })) return false;
    }
  }
  return true;
}

const MOST_LINKS = 40;

/** Where a path of the repository leads when every link on the way is followed: to a file or a directory of it. */
function resolved({ entries, children }: Tree, path: string): string | undefined {
  let place = path;
  for (let followed = 0; followed <= MOST_LINKS; followed += 1) {
    const link = firstLink(entries, place);
    if (link === undefined) return entries.has(place) || children.has(place) ? place : undefined;
    const target = link.target ?? "";
    if (target === "" || target.startsWith("/")) return undefined;
    place = joinPath(joinPath(directoryOf(link.path), target), place.slice(link.path.length + 1));
    if (place === ".." || place.startsWith("../")) return undefined;
  }
  return undefined;
}

function firstLink(entries: ReadonlyMap<string, RepositoryEntry>, path: string): RepositoryEntry | undefined {
  for (let end = path.indexOf("/"); ; end = path.indexOf("/", end + 1)) {
    const entry = entries.get(end === -1 ? path : path.slice(0, end));
    if (entry?.kind === "link") return entry;
    if (end === -1) return undefined;
  }
}

function isGitFile(path: string): boolean {
  const names = path.split("/");
  return names.includes(".git") || [".gitattributes", ".gitignore"].includes(names.at(-1) ?? "");
}
