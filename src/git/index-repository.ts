import { openPack } from "./commit-pack.ts";
import { GIT_LIMITS } from "./limits.ts";
import { type ObjectType, objectId } from "./objects.ts";
import { packOrder, startPack } from "./pack-writer.ts";
import { configText, headFile, packFiles, type RepositoryFile, sortedByPath, text } from "./repository-files.ts";
import { formatTree, type TreeEntry } from "./tree.ts";

/** The repository of a trimmed index. */
export interface IndexRepository {
  /** The one commit. */
  readonly commit: string;
  /** Below `registry/index/<ident>/`, sorted by path; none is a link to a pack. */
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[];
  /** Path in the index → id of its blob, which is the index version in cargo's cache files. */
  readonly blobs: ReadonlyMap<string, string>;
}

/**
 * Makes the git repository that cargo reads for a registry with a git index. The same files give the same bytes.
 *
 * @param files Path in the index (`config.json`, `<prefix>/<name>`) → content. Paths are plain: no empty steps, no dots.
 * @throws {GitError} `git/too-large`.
 * @see docs/formats/git.md, "The index repository".
 */
export function indexRepository(files: ReadonlyMap<string, Uint8Array>): IndexRepository {
  const objects = new Map<string, Made>();
  const add = (type: ObjectType, content: Buffer): string => {
    const id = objectId(type, content);
    objects.set(id, { id, type, content });
    return id;
  };
  const root: Directory = new Map();
  const blobs = new Map<string, string>();
  for (const [path, content] of files) {
    const id = add("blob", Buffer.from(content));
    blobs.set(path, id);
    placeFile(root, path.split("/"), id);
  }
  const tree = addTree(root, add);
  const commit = add("commit", Buffer.from(commitText(tree)));
  const pack = packed([...objects.values()]);
  const opened = openPack(pack, commit, GIT_LIMITS);
  const written = sortedByPath([
    headFile(),
    text("config", configText(true)),
    text("refs/remotes/origin/HEAD", `${commit}\n`),
    ...packFiles(opened),
  ]);
  return { commit, blobs, files: written.map((file) => withContent(file, pack)) };
}

interface Made {
  readonly id: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** Name → what is below it, or the id of a blob. */
type Directory = Map<string, Directory | string>;

function placeFile(directory: Directory, [name = "", ...rest]: readonly string[], id: string): void {
  if (rest.length === 0) {
    directory.set(name, id);
    return;
  }
  const present = directory.get(name);
  const below: Directory = present instanceof Map ? present : new Map();
  directory.set(name, below);
  placeFile(below, rest, id);
}

function addTree(directory: Directory, add: (type: ObjectType, content: Buffer) => string): string {
  const entries = [...directory].map(([name, below]): TreeEntry => {
    const isFile = typeof below === "string";
    return { name: Buffer.from(name), kind: isFile ? "file" : "tree", id: isFile ? below : addTree(below, add) };
  });
  return add("tree", formatTree(entries));
}

const AUTHOR = "cargo-hub <cargo-hub@localhost> 0 +0000";

function commitText(tree: string): string {
  return `tree ${tree}\nauthor ${AUTHOR}\ncommitter ${AUTHOR}\n\nindex of a hub\n`;
}

function packed(objects: readonly Made[]): Buffer {
  const pieces: Buffer[] = [];
  const writer = startPack(objects.length, (bytes) => {
    pieces.push(Buffer.from(bytes));
  });
  for (const { id, type, content } of packOrder(objects)) {
    writer.begin({ id, type, sizeBytes: content.length });
    writer.write(content);
    writer.end();
  }
  writer.finish();
  return Buffer.concat(pieces);
}

function withContent(file: RepositoryFile, pack: Buffer): { readonly path: string; readonly content: Uint8Array } {
  return "content" in file ? file : { path: file.path, content: pack };
}
