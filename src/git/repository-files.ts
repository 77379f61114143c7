import type { GitReference } from "../cargo/index.ts";
import type { CommitPack } from "./commit-pack.ts";
import { packIndex } from "./pack-index.ts";

/** A file of a bare repository, with its path below the repository's directory. */
export type RepositoryFile =
  | { readonly path: string; readonly content: Uint8Array }
  /** The bytes of the canonical pack of this commit; a link to it will do. */
  | { readonly path: string; readonly packOf: string };

/** A reference by its full name, and the commit it points to. */
export interface CommitReference {
  readonly name: string;
  readonly commit: string;
}

/** What goes into a repository. */
export interface RepositoryContent {
  readonly packs: readonly CommitPack[];
  readonly references: readonly CommitReference[];
}

/**
 * The files of cargo's `git/db/<gident>/` for these commits: a pure function of them, see docs/formats/git.md. There are no empty directories.
 *
 * @param content.packs One for each commit, in any order. @param content.references From {@link databaseReference}; each to one of these commits.
 * @returns Sorted by path.
 */
export function databaseFiles({ packs: given, references }: RepositoryContent): RepositoryFile[] {
  const packs = [...new Map(given.map((pack) => [pack.commit, pack])).values()];
  const commits = packs.map(({ commit }) => commit).sort();
  return sortedByPath([
    text("HEAD", HEAD),
    text("config", configText(true) + WITHOUT_HISTORY),
    ...packedReferences(references),
    ...commits.map((commit) => text(`refs/commit/${commit}`, `${commit}\n`)),
    ...packs.flatMap(packFiles),
  ]);
}

/**
 * The reference by which cargo finds the commit of a git dependency when there is no lockfile.
 *
 * @param reference As the dependency says it; undefined for the default branch.
 * @returns Undefined when cargo needs none: the `rev` is the beginning of the commit's id.
 */
export function databaseReference(reference: GitReference | undefined, commit: string): CommitReference | undefined {
  const name = referenceName(reference, commit);
  return name === undefined ? undefined : { name, commit };
}

function referenceName(reference: GitReference | undefined, commit: string): string | undefined {
  if (reference === undefined) return "refs/remotes/origin/HEAD";
  const { kind, value } = reference;
  if (kind === "branch") return `refs/remotes/origin/${value}`;
  if (kind === "tag") return `refs/remotes/origin/tags/${value}`;
  if (commit.startsWith(value.toLowerCase())) return undefined;
  if (value.startsWith("refs/")) return value;
  return value.startsWith("origin/") ? `refs/remotes/${value}` : `refs/tags/${value}`;
}

const HEAD = "ref: refs/heads/master\n";

/** Histories are cut off here: whoever fetches must not tell a server "I have this commit", which would mean "and all before it". */
const WITHOUT_HISTORY = "[fetch]\n\tnegotiationAlgorithm = noop\n";

/** `config` as git itself writes it on Linux. */
export function configText(bare: boolean): string {
  return `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = ${bare}\n`;
}

/** HEAD, which points nowhere, as cargo's own. */
export function headFile(): RepositoryFile {
  return text("HEAD", HEAD);
}

/** The pack of a commit and its index. */
export function packFiles(pack: CommitPack): RepositoryFile[] {
  const stem = `objects/pack/pack-${pack.trailer}`;
  return [
    { path: `${stem}.pack`, packOf: pack.commit },
    { path: `${stem}.idx`, content: packIndex(pack) },
  ];
}

function packedReferences(references: readonly CommitReference[]): RepositoryFile[] {
  if (references.length === 0) return [];
  // A union of several lockfiles may know one branch at two commits; then the order in which they come must not matter.
  const byCommit = [...references].sort((a, b) => (a.commit < b.commit ? -1 : 1));
  const byName = new Map(byCommit.map(({ name, commit }) => [name, commit]));
  const lines = [...byName].map(([name, commit]) => ({ name: Buffer.from(name), line: `${commit} ${name}\n` }));
  lines.sort((a, b) => Buffer.compare(a.name, b.name));
  const head = "# pack-refs with: peeled fully-peeled sorted \n";
  return [text("packed-refs", head + lines.map(({ line }) => line).join(""))];
}

/** A file of UTF-8 text. */
export function text(path: string, content: string): RepositoryFile {
  return { path, content: Buffer.from(content) };
}

/** By path, as UTF-16 code units. */
export function sortedByPath(files: readonly RepositoryFile[]): RepositoryFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}
