import { blobSizeBytes, type CommitPack, readTree } from "./commit-pack.ts";
import { utf8Name } from "./snapshot.ts";
import type { EntryKind, TreeEntry } from "./tree.ts";

/** A file, link or submodule of a commit. */
export interface RepositoryEntry {
  /** From the repository's root, `/` between names. */
  readonly path: string;
  readonly kind: Exclude<EntryKind, "tree">;
  /** Id of the blob; for a submodule the commit it stands at. */
  readonly id: string;
  /** 0 for a submodule. */
  readonly sizeBytes: number;
}

/** What stands at a path of a commit. */
export type FoundEntry = RepositoryEntry | { readonly path: string; readonly kind: "tree"; readonly id: string };

/**
 * All files, links and submodules below a directory, in git's order. Nothing is followed: a link is a link, and a submodule's files are in
 * another pack.
 *
 * @param directory Path without a slash at its ends; `""` for the root. Nothing is listed when there is no such directory.
 * @param unnamed Is told the directory of each name that is not UTF-8; what stands behind it is left out.
 */
export function* listFiles(
  pack: CommitPack,
  directory = "",
  unnamed: (directory: string) => void = () => {},
): Generator<RepositoryEntry, void> {
  const top = findEntry(pack, directory);
  if (top?.kind !== "tree") return;
  const namesOf = (tree: string, path: string): Generator<FoundEntry, void> => entriesOf(pack, { tree, path }, unnamed);
  const stack = [namesOf(top.id, directory)];
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    const step = level.next();
    if (step.done === true) stack.pop();
    else if (step.value.kind === "tree") stack.push(namesOf(step.value.id, step.value.path));
    else yield step.value;
  }
}

/**
 * What stands at `path`, or undefined. Links are not followed.
 *
 * @param path Without a slash at its ends; `""` for the root.
 */
export function findEntry(pack: CommitPack, path: string): FoundEntry | undefined {
  let found: FoundEntry = { path: "", kind: "tree", id: pack.tree };
  if (path === "") return found;
  for (const step of path.split("/")) {
    if (found.kind !== "tree") return undefined;
    const name = Buffer.from(step, "utf8");
    const entry = readTree(pack, found.id).find((candidate) => candidate.name.equals(name));
    if (entry === undefined) return undefined;
    found = foundEntry(pack, entry, found.path === "" ? step : `${found.path}/${step}`);
  }
  return found;
}

function* entriesOf(
  pack: CommitPack,
  { tree, path }: { readonly tree: string; readonly path: string },
  unnamed: (directory: string) => void,
): Generator<FoundEntry, void> {
  const above = path === "" ? "" : `${path}/`;
  for (const entry of readTree(pack, tree)) {
    const name = utf8Name(entry.name);
    if (name === undefined) unnamed(path);
    else yield foundEntry(pack, entry, above + name);
  }
}

function foundEntry(pack: CommitPack, { kind, id }: TreeEntry, path: string): FoundEntry {
  if (kind === "tree") return { path, kind, id };
  return { path, kind, id, sizeBytes: kind === "submodule" ? 0 : blobSizeBytes(pack, id) };
}
