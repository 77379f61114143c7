import { quote } from "../errors/index.ts";
import { GitError } from "./git-error.ts";

/** What stands behind a name in a tree. */
export type EntryKind = "file" | "executable" | "link" | "tree" | "submodule";

/** One name of a tree. */
export interface TreeEntry {
  /** As bytes; {@link nameText} makes it text. */
  readonly name: Buffer;
  readonly kind: EntryKind;
  /** Id of a blob, a tree, or for a submodule of a commit in another repository. */
  readonly id: string;
}

const BLANK = 0x20;
const SLASH = 0x2f;
const ID_BYTES = 20;

/**
 * Reads a tree and refuses one that could harm whoever writes its files to a disk.
 *
 * @param id Its name, for error messages.
 * @throws {GitError} `git/tree-refused`.
 * @see docs/formats/git.md, "What a tree may hold".
 */
export function parseTree(bytes: Uint8Array, id: string): TreeEntry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: TreeEntry[] = [];
  const names = new Set<string>();
  for (let at = 0; at < buffer.length; ) {
    const blank = buffer.indexOf(BLANK, at);
    const nul = buffer.indexOf(0, at);
    const end = nul + 1 + ID_BYTES;
    if (blank === -1 || nul === -1 || blank > nul || blank - at > 6 || end > buffer.length)
      throw refused(id, `holds something that is no entry at byte ${at}`);
    const name = buffer.subarray(blank + 1, nul);
    const kind = kindOf(buffer.toString("latin1", at, blank));
    if (kind === undefined) throw refused(id, `has an unknown mode at ${quote(name.toString())}`);
    const reason = harmIn(name);
    if (reason !== undefined) throw refused(id, `holds the name ${quote(name.toString())}, which ${reason}`);
    const entry = { name, kind, id: buffer.toString("hex", nul + 1, end) };
    const previous = entries.at(-1);
    const key = name.toString("latin1");
    if (names.has(key)) throw refused(id, `names ${quote(name.toString())} twice`);
    if (previous !== undefined && compareEntries(previous, entry) >= 0)
      throw refused(id, `is not sorted at ${quote(name.toString())}`);
    names.add(key);
    entries.push(entry);
    at = end;
  }
  return entries;
}

/** The bytes of a tree, in git's order. Names must be harmless and without duplicates. */
export function formatTree(entries: readonly TreeEntry[]): Buffer {
  const sorted = [...entries].sort(compareEntries);
  return Buffer.concat(
    sorted.flatMap(({ name, kind, id }) => [
      Buffer.from(`${MODES[kind]} `),
      name,
      Buffer.from([0]),
      Buffer.from(id, "hex"),
    ]),
  );
}

/** The modes that git writes today. */
const MODES: Readonly<Record<EntryKind, string>> = {
  file: "100644",
  executable: "100755",
  link: "120000",
  tree: "40000",
  submodule: "160000",
};

/** Old versions of git and other programs wrote leading zeros and other permission bits; git still reads them so. */
function kindOf(mode: string): EntryKind | undefined {
  if (!/^[0-7]{5,6}$/.test(mode)) return undefined;
  const bits = Number.parseInt(mode, 8);
  switch (bits & 0o170000) {
    case 0o100000:
      return (bits & 0o100) === 0 ? "file" : "executable";
    case 0o120000:
      return "link";
    case 0o040000:
      return "tree";
    case 0o160000:
      return "submodule";
    default:
      return undefined;
  }
}

/** By bytes, a tree as if its name ended in a slash. */
function compareEntries(a: TreeEntry, b: TreeEntry): number {
  const shared = Math.min(a.name.length, b.name.length);
  const order = Buffer.compare(a.name.subarray(0, shared), b.name.subarray(0, shared));
  return order !== 0 ? order : byteAt(a, shared) - byteAt(b, shared) || a.name.length - b.name.length;
}

function byteAt({ name, kind }: TreeEntry, at: number): number {
  return name[at] ?? (kind === "tree" ? SLASH : 0);
}

/** Characters that HFS+ leaves out when it compares names. */
const hfsIgnored = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Why a name must not be written to a disk, if so. */
function harmIn(name: Buffer): string | undefined {
  if (name.length === 0) return "is empty";
  if (name.includes(SLASH)) return "has a slash";
  const text = name.toString("utf8");
  if (text === "." || text === "..") return "leaves its directory";
  // NTFS drops dots and blanks at the end and takes `:` for a stream's name; the short name of `.git` is `git~1`.
  const bare = text
    .replaceAll(hfsIgnored, "")
    .replace(/:.*$/s, "")
    .replace(/[. ]+$/, "");
  if (/^(?:\.git|git~1)$/i.test(bare)) return "some file system takes for .git";
  const steps = text.split("\\");
  if (steps.length > 1 && steps.some((step) => /^(?:\.{1,2}|\.git)[. ]*$/i.test(step)))
    return "leaves its directory on Windows";
  return undefined;
}

function refused(id: string, reason: string): GitError {
  return new GitError({
    code: "git/tree-refused",
    what: `tree ${id} ${reason}`,
    help: "do not use this commit; tell the repository's owner what it contains",
    object: id,
  });
}
