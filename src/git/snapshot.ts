import { quote } from "../errors/index.ts";
import { GitError } from "./git-error.ts";
import type { GitLimits } from "./limits.ts";
import { isObjectId } from "./objects.ts";
import type { TreeEntry } from "./tree.ts";

/** Where {@link measureTree} gets what it needs; both throw when the object is not there. */
export interface ObjectSource {
  /** The content of a tree. */
  tree(id: string): TreeEntry[];
  blobBytes(id: string): number;
}

/**
 * The tree that a commit names.
 *
 * @throws {GitError} `git/object-damaged` when the content is no commit.
 */
export function treeOfCommit(content: Buffer, id: string): string {
  const match = /^tree ([0-9a-f]{40})\n(?:parent [0-9a-f]{40}\n)*author /.exec(
    content.toString("latin1", 0, content.length),
  );
  const tree = match?.[1];
  if (tree !== undefined && isObjectId(tree)) return tree;
  throw new GitError({
    code: "git/object-damaged",
    what: `object ${id} is stored as a commit, but does not read as one`,
    help: "tell the repository's owner to run `git fsck`",
    object: id,
  });
}

/** What a tree comes to when each tree in it is counted as often as it is named. */
interface TreeMeasure {
  readonly entries: number;
  readonly fileBytes: number;
  readonly longestPath: number;
  readonly pathBytes: number;
}

/**
 * Adds up what the files of a tree would come to on a disk, in time that is linear in the number of objects: trees that name one another
 * many times over can say more files in a few hundred bytes than any disk holds.
 *
 * @returns The ids of all trees and blobs below and including `root`.
 * @throws {GitError} `git/too-large`; what `source` throws.
 */
export function measureTree(source: ObjectSource, root: string, limits: GitLimits): ReachableObjects {
  const measures = new Map<string, TreeMeasure>();
  const blobs = new Set<string>();
  const stack = [{ id: root, entries: source.tree(root), at: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.entries[top.at];
    if (next !== undefined) {
      top.at += 1;
      if (next.kind !== "tree" || measures.has(next.id)) continue;
      // A path has at least two bytes for each directory.
      if (stack.length * 2 > limits.pathBytes) throw tooLarge(root, "its directories are too deep");
      stack.push({ id: next.id, entries: source.tree(next.id), at: 0 });
      continue;
    }
    stack.pop();
    const measure = addUp(top.entries, { source, measures, blobs });
    check(root, measure, limits);
    measures.set(top.id, measure);
  }
  return { trees: new Set(measures.keys()), blobs };
}

/** Ids of what a tree reaches; submodules are not followed. */
export interface ReachableObjects {
  readonly trees: ReadonlySet<string>;
  readonly blobs: ReadonlySet<string>;
}

interface Sums {
  readonly source: ObjectSource;
  readonly measures: ReadonlyMap<string, TreeMeasure>;
  readonly blobs: Set<string>;
}

function addUp(treeEntries: readonly TreeEntry[], { source, measures, blobs }: Sums): TreeMeasure {
  let [entries, fileBytes, longestPath, pathBytes] = [0, 0, 0, 0];
  for (const { name, kind, id } of treeEntries) {
    const below = kind === "tree" ? measures.get(id) : undefined;
    const inside = below?.entries ?? 0;
    entries += 1 + inside;
    pathBytes += name.length * (1 + inside) + inside + (below?.pathBytes ?? 0);
    longestPath = Math.max(
      longestPath,
      name.length + (below === undefined || inside === 0 ? 0 : 1 + below.longestPath),
    );
    if (kind === "tree") fileBytes += below?.fileBytes ?? 0;
    else if (kind !== "submodule") {
      blobs.add(id);
      fileBytes += source.blobBytes(id);
    }
  }
  return { entries, fileBytes, longestPath, pathBytes };
}

function check(root: string, measure: TreeMeasure, limits: GitLimits): void {
  if (measure.entries > limits.entries)
    throw tooLarge(root, `it has ${measure.entries} entries, more than ${limits.entries}`);
  if (measure.fileBytes > limits.fileBytes)
    throw tooLarge(root, `its files have ${measure.fileBytes} bytes, more than ${limits.fileBytes}`);
  if (measure.longestPath > limits.pathBytes)
    throw tooLarge(root, `it has a path of ${measure.longestPath} bytes, more than ${limits.pathBytes}`);
  if (measure.pathBytes > limits.totalPathBytes)
    throw tooLarge(root, `its paths have ${measure.pathBytes} bytes, more than ${limits.totalPathBytes}`);
}

function tooLarge(root: string, reason: string): GitError {
  return new GitError({
    code: "git/too-large",
    what: `tree ${root} is too large: ${reason}`,
    help: "depend on a smaller repository; see the limits in docs/formats/git.md",
    object: root,
  });
}

/**
 * A name of a tree as text.
 *
 * @throws {GitError} `git/tree-refused` when it is not UTF-8.
 */
export function nameText(name: Buffer, tree: string): string {
  const text = utf8Name(name);
  if (text !== undefined) return text;
  throw new GitError({
    code: "git/tree-refused",
    what: `tree ${tree} holds the name ${quote(name.toString("utf8"))}, which is not UTF-8`,
    help: "rename the file in the repository, or depend on a commit that does not have it",
    object: tree,
  });
}

/** A name as text; undefined when it is not UTF-8. */
export function utf8Name(name: Buffer): string | undefined {
  const text = name.toString("utf8");
  return Buffer.from(text, "utf8").equals(name) ? text : undefined;
}
