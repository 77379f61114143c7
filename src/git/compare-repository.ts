import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { CommitPack } from "./commit-pack.ts";
import { GitError } from "./git-error.ts";
import type { RepositoryFile } from "./repository-files.ts";

/** How a repository on disk differs from what was written. Each path is in one list only. */
export interface RepositoryComparison {
  /** Files that must be there. */
  readonly missing: readonly string[];
  /** Files with other bytes, or links and directories in their place. */
  readonly changed: readonly string[];
  /** What cargo or git added: a later fetch into the repository explains it. */
  readonly added: readonly string[];
  /** What nobody adds by using the repository, such as hooks or the objects of somebody else. */
  readonly foreign: readonly string[];
}

/** What must be there. */
export interface ExpectedRepository {
  readonly files: readonly RepositoryFile[];
  /** The packs that `packOf` speaks of. */
  readonly packs: readonly CommitPack[];
}

/** What cargo and git make while they fetch; and what cargo makes when it begins anew. */
const BY_USE =
  /^(?:FETCH_HEAD|ORIG_HEAD|packed-refs|shallow|description|info\/(?:exclude|refs)|logs\/.+|refs\/.+|objects\/(?:[0-9a-f]{2}\/[0-9a-f]{38}|pack\/(?:pack-[0-9a-f]{40}\.(?:pack|idx|rev|keep|bitmap)|multi-pack-index)|info\/(?:packs|commit-graph|commit-graphs\/.+)))$/;

/** More files than this are not a repository that cargo uses. */
const LISTED_FILES = 100_000;

/**
 * Compares a bare repository on disk with what `databaseFiles` or `indexRepository` said, byte for byte.
 *
 * @throws {GitError} `git/too-large` when the directory holds more files than any repository in use.
 */
export function compareRepository(directory: string, { files, packs }: ExpectedRepository): RepositoryComparison {
  const missing: string[] = [];
  const changed: string[] = [];
  for (const file of files) {
    const verdict = compareFile(join(directory, file.path), file, packs);
    if (verdict === "missing") missing.push(file.path);
    if (verdict === "changed") changed.push(file.path);
  }
  const expected = new Set(files.map(({ path }) => path));
  const others = filesBelow(directory).filter((path) => !expected.has(path));
  return {
    missing,
    changed,
    added: others.filter((path) => BY_USE.test(path)),
    foreign: others.filter((path) => !BY_USE.test(path)),
  };
}

function compareFile(path: string, file: RepositoryFile, packs: readonly CommitPack[]): "same" | "missing" | "changed" {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return "missing";
  if (!stat.isFile()) return "changed";
  if ("content" in file)
    return stat.size === file.content.length && readFileSync(path).equals(file.content) ? "same" : "changed";
  const pack = packs.find(({ commit }) => commit === file.packOf);
  return pack !== undefined && stat.size === pack.sizeBytes && hasBytesOf(path, pack) ? "same" : "changed";
}

const PIECE_BYTES = 1024 * 1024;

function hasBytesOf(path: string, pack: CommitPack): boolean {
  const file = openSync(path, "r");
  try {
    if (fstatSync(file).size !== pack.sizeBytes) return false;
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (let offset = 0; offset < pack.sizeBytes; ) {
      const length = readSync(file, piece, 0, PIECE_BYTES, offset);
      if (length === 0 || !piece.subarray(0, length).equals(pack.bytes.read(offset, length))) return false;
      offset += length;
    }
    return true;
  } finally {
    closeSync(file);
  }
}

/** Paths of everything below a directory that is no directory, sorted. Links are not followed. */
function filesBelow(directory: string): string[] {
  const found: string[] = [];
  const pending = [""];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of namesIn(join(directory, at))) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) pending.push(path);
      else found.push(path);
      if (found.length + pending.length > LISTED_FILES) throw tooMany(directory);
    }
  }
  return found.sort();
}

function namesIn(directory: string): { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return [];
    throw error;
  }
}

function tooMany(directory: string): GitError {
  return new GitError({
    code: "git/too-large",
    what: `the repository holds more than ${LISTED_FILES} files`,
    where: directory,
    help: "remove the directory and run `cargo-hub fill`",
  });
}
