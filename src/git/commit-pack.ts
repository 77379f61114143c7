import { type CheckedPack, checkPack, damaged, type PackedObject } from "./check-pack.ts";
import { GitError } from "./git-error.ts";
import { GIT_LIMITS, type GitLimits } from "./limits.ts";
import { openPackBytes, type PackBytes, type PackPlace } from "./pack-bytes.ts";
import { measureTree, treeOfCommit } from "./snapshot.ts";
import { BLOCK_HEAD_BYTES, STORED_BLOCK_BYTES, ZLIB_HEAD } from "./stored-zlib.ts";
import { parseTree, type TreeEntry } from "./tree.ts";

/** A canonical pack of which every byte was checked when it was opened. Close it with {@link closePack}. */
export interface CommitPack {
  readonly commit: string;
  readonly tree: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The SHA-1 at its end, by which git names the file. */
  readonly trailer: string;
  readonly objects: ReadonlyMap<string, PackedObject>;
  readonly bytes: PackBytes;
}

/**
 * Opens the pack of one commit and checks it completely: framing, every object's id, the trees, and that it holds just what
 * the commit reaches.
 *
 * @param commit The commit it must be of.
 * @throws {GitError} `git/pack-damaged`, `git/tree-refused`, `git/too-large`.
 */
export function openPack(place: PackPlace, commit: string, limits: GitLimits = GIT_LIMITS): CommitPack {
  const bytes = openPackBytes(place);
  try {
    const checked = checkPack(bytes, limits);
    return checkObjects(bytes, { checked, commit, limits });
  } catch (error) {
    bytes.close();
    throw error;
  }
}

/** Lets go of the file. The pack can not be read afterwards. */
export function closePack(pack: CommitPack): void {
  pack.bytes.close();
}

interface Check {
  readonly checked: CheckedPack;
  readonly commit: string;
  readonly limits: GitLimits;
}

function checkObjects(bytes: PackBytes, { checked, commit, limits }: Check): CommitPack {
  const objects = new Map(checked.objects.map((object) => [object.id, object]));
  const [first] = checked.objects;
  if (first?.type !== "commit" || first.id !== commit)
    throw damaged(bytes, `it begins with ${first?.type ?? "nothing"} ${first?.id ?? ""}, not with commit ${commit}`);
  const tree = treeOfCommit(contentOf(bytes, first), commit);
  const find = (id: string, type: PackedObject["type"]): PackedObject => {
    const object = objects.get(id);
    if (object?.type === type) return object;
    throw damaged(bytes, `${type} ${id} is ${object === undefined ? "missing" : `there as a ${object.type}`}`, { id });
  };
  const source = {
    tree: (id: string): TreeEntry[] => parseTree(contentOf(bytes, find(id, "tree")), id),
    blobBytes: (id: string) => find(id, "blob").sizeBytes,
  };
  const { trees, blobs } = measureTree(source, tree, limits);
  const stranger = checked.objects.find(({ id }) => id !== commit && !trees.has(id) && !blobs.has(id));
  if (stranger !== undefined)
    throw damaged(bytes, `${stranger.type} ${stranger.id} is no part of the commit`, stranger);
  const { sha256, trailer } = checked;
  return { commit, tree, sha256, trailer, sizeBytes: bytes.sizeBytes, objects, bytes };
}

/**
 * The content of a file or link, whole in memory: at most the limit of a blob.
 *
 * @throws {GitError} `git/object-damaged` when the pack holds no such blob.
 */
export function readBlob(pack: CommitPack, id: string): Buffer {
  return contentOf(pack.bytes, packed(pack, { id, type: "blob" }));
}

/** The content of a blob in pieces of at most 64 KiB, each valid until the next is asked for. */
export function* blobPieces(pack: CommitPack, id: string): Generator<Uint8Array, void> {
  yield* piecesOf(pack.bytes, packed(pack, { id, type: "blob" }));
}

/** The names of one directory, in git's order. */
export function readTree(pack: CommitPack, id: string): TreeEntry[] {
  return parseTree(contentOf(pack.bytes, packed(pack, { id, type: "tree" })), id);
}

/** The size of a blob, without reading it. */
export function blobSizeBytes(pack: CommitPack, id: string): number {
  return packed(pack, { id, type: "blob" }).sizeBytes;
}

function packed(pack: CommitPack, { id, type }: Pick<PackedObject, "id" | "type">): PackedObject {
  const object = pack.objects.get(id);
  if (object?.type === type) return object;
  throw new GitError({
    code: "git/object-damaged",
    what: `the pack of commit ${pack.commit} has no ${type} ${id}`,
    where: pack.bytes.where,
    help: "run `cargo-hub verify --repair`, which fetches it again",
    object: id,
  });
}

function contentOf(bytes: PackBytes, object: PackedObject): Buffer {
  const content = Buffer.allocUnsafe(object.sizeBytes);
  let at = 0;
  for (const piece of piecesOf(bytes, object)) {
    content.set(piece, at);
    at += piece.length;
  }
  return content;
}

function* piecesOf(bytes: PackBytes, { sizeBytes, streamOffset }: PackedObject): Generator<Uint8Array, void> {
  let offset = streamOffset + ZLIB_HEAD.length + BLOCK_HEAD_BYTES;
  for (let left = sizeBytes; left > 0; left -= STORED_BLOCK_BYTES) {
    yield bytes.read(offset, Math.min(left, STORED_BLOCK_BYTES));
    offset += STORED_BLOCK_BYTES + BLOCK_HEAD_BYTES;
  }
}
