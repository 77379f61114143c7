import { GitError } from "./git-error.ts";
import type { GitSettings } from "./git-program.ts";
import { GIT_LIMITS } from "./limits.ts";
import { type ObjectHead, type ObjectStream, openObjectStream } from "./object-stream.ts";
import { type ObjectType, objectId } from "./objects.ts";
import { entryBytes, PACK_HEAD_BYTES, PACK_TRAILER_BYTES } from "./pack-entry.ts";
import { openFileSink, type PackWriter, packOrder, startPack } from "./pack-writer.ts";
import { treeOfCommit } from "./snapshot.ts";
import { parseTree } from "./tree.ts";

/** Where objects are read from: our own repository, with or without the objects of another. */
export interface SnapshotSource {
  readonly repository: string;
  /** The directory of a bare repository somebody else wrote. Only its objects are looked at, its configuration is not. */
  readonly borrowed?: string;
}

/** The most that all trees of a commit may have; they are kept in memory while the pack is written. */
const ALL_TREE_BYTES = 256 * 1024 * 1024;

/**
 * Writes the canonical pack of a commit. What is written is still to be checked with `openPack`, which knows all limits.
 *
 * @param target A file that does not exist yet.
 * @returns `missing` when the source lacks an object of it.
 * @throws {GitError} `git/object-damaged`, `git/tree-refused`, `git/too-large`, `git/write-failed`, `git/program-missing`, `git/failed`.
 */
export async function packSnapshot(
  settings: GitSettings,
  { source, commit, target }: { readonly source: SnapshotSource; readonly commit: string; readonly target: string },
): Promise<"packed" | "missing"> {
  const { repository, borrowed } = source;
  const env = borrowed === undefined ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: listedPath(`${borrowed}/objects`) };
  const stream = openObjectStream(settings, { repository, env });
  try {
    const known = await gather(stream, commit);
    const sink = openFileSink(target);
    try {
      const wanted = packOrder([...known.values()]);
      const writer = startPack(wanted.length, (bytes) => sink.put(bytes));
      await writeObjects(stream, { wanted, writer });
      writer.finish();
    } finally {
      sink.close();
    }
    return "packed";
  } catch (error) {
    if (error === MISSING) return "missing";
    throw error;
  } finally {
    stream.close();
  }
}

/** Thrown through the steps of this file when an object is not there. */
const MISSING = new Error("an object is missing");

/** Quoted as git wants a path that holds the separator or begins with a quote. */
function listedPath(path: string): string {
  return /[":;]/.test(path) ? `"${path.replaceAll(/["\\]/g, (character) => `\\${character}`)}"` : path;
}

interface KnownObject {
  readonly id: string;
  readonly type: ObjectType;
  /** Of commit and trees, which were read already. */
  readonly content?: Buffer;
}

/** Reads the commit and its trees, level by level, and thereby learns the ids of its blobs. */
async function gather(stream: ObjectStream, commit: string): Promise<Map<string, KnownObject>> {
  const known = new Map<string, KnownObject>();
  stream.ask([commit]);
  const content = await readWhole(stream, "commit");
  known.set(commit, { id: commit, type: "commit", content });
  let left = ALL_TREE_BYTES;
  for (let level = [treeOfCommit(content, commit)]; level.length > 0; ) {
    stream.ask(level);
    const below = new Set<string>();
    for (const id of level) {
      const tree = await readWhole(stream, "tree");
      if (objectId("tree", tree) !== id) throw damagedObject(id, "hashes to something else");
      known.set(id, { id, type: "tree", content: tree });
      left -= tree.length;
      for (const entry of parseTree(tree, id)) {
        if (entry.kind === "submodule" || known.has(entry.id)) continue;
        if (entry.kind === "tree") below.add(entry.id);
        else known.set(entry.id, { id: entry.id, type: "blob" });
      }
    }
    if (known.size + below.size > GIT_LIMITS.objects)
      throw tooLarge(`it has more than ${GIT_LIMITS.objects} objects`, commit);
    if (left < 0) throw tooLarge(`its trees have more than ${ALL_TREE_BYTES} bytes`, commit);
    level = [...below];
  }
  return known;
}

async function readWhole(stream: ObjectStream, type: "commit" | "tree"): Promise<Buffer> {
  const head = await nextHead(stream, type);
  const limit = type === "commit" ? GIT_LIMITS.commitBytes : GIT_LIMITS.treeBytes;
  if (head.sizeBytes > limit) throw tooLarge(`a ${type} has ${head.sizeBytes} bytes, more than ${limit}`, head.id);
  const pieces: Buffer[] = [];
  for await (const piece of stream.pieces(head)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function nextHead(stream: ObjectStream, type: ObjectType): Promise<ObjectHead> {
  const head = await stream.next();
  if (head === undefined) throw MISSING;
  if (head.type !== type) throw damagedObject(head.id, `is a ${head.type} where a ${type} is named`);
  return head;
}

interface Writing {
  readonly wanted: readonly KnownObject[];
  readonly writer: PackWriter;
}

async function writeObjects(stream: ObjectStream, { wanted, writer }: Writing): Promise<void> {
  stream.ask(wanted.filter(({ content }) => content === undefined).map(({ id }) => id));
  let written = PACK_HEAD_BYTES + PACK_TRAILER_BYTES;
  for (const { id, type, content } of wanted) {
    if (content !== undefined) {
      writer.begin({ id, type, sizeBytes: content.length });
      writer.write(content);
      written += entryBytes(type, content.length);
    } else {
      const head = await nextHead(stream, type);
      written += entryBytes(type, head.sizeBytes);
      if (head.sizeBytes > GIT_LIMITS.blobBytes)
        throw tooLarge(`a file of it has ${head.sizeBytes} bytes, more than ${GIT_LIMITS.blobBytes}`, id);
      if (written > GIT_LIMITS.packBytes)
        throw tooLarge(`its pack would have more than ${GIT_LIMITS.packBytes} bytes`, id);
      writer.begin({ id, type, sizeBytes: head.sizeBytes });
      for await (const piece of stream.pieces(head)) writer.write(piece);
    }
    writer.end();
  }
}

function damagedObject(id: string, reason: string): GitError {
  return new GitError({
    code: "git/object-damaged",
    what: `object ${id} ${reason}`,
    help: "run the command again; if it stays the same, tell the repository's owner to run `git fsck`",
    object: id,
  });
}

function tooLarge(reason: string, object: string): GitError {
  return new GitError({
    code: "git/too-large",
    what: `the commit is too large: ${reason}`,
    help: "depend on a smaller repository; see the limits in docs/formats/git.md",
    object,
  });
}
