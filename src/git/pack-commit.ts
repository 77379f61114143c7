import { existsSync, rmSync } from "node:fs";
import type { GitReference } from "../cargo/index.ts";
import { closePack, openPack } from "./commit-pack.ts";
import { GitError, type GitErrorCode, located } from "./git-error.ts";
import { checkReference, referenceText } from "./git-reference.ts";
import { type FetchDepth, fetchInto, type GitRemote } from "./git-remote.ts";
import { checkCommit } from "./git-source.ts";
import { packSnapshot, type SnapshotSource } from "./pack-snapshot.ts";
import { listSubmodules, type Submodule } from "./submodules.ts";

/** A commit that is wanted. */
export interface WantedCommit {
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** What the dependency asks for; undefined for the default branch. It leads to the commit where a server gives no single commits. */
  readonly reference?: GitReference | undefined;
  /** The file that becomes the pack; it must not exist, its directory must. */
  readonly target: string;
}

/** A pack that was written and checked. */
export interface PackedCommit {
  readonly commit: string;
  readonly tree: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Its submodules, as cargo would fetch them. Those of the submodules are not among them. */
  readonly submodules: readonly Submodule[];
  /** The place it came from, or `remote`. */
  readonly from: string;
}

/**
 * Writes the canonical pack of one commit: from a place that has it, else from the remote, with as little history as the server allows.
 *
 * @throws {GitError} `git/commit-missing`, `git/reference-refused`, `git/object-format`, `git/offline`, `git/unreachable`, `git/unauthorized`,
 *   `git/repository-missing`, `git/stalled`, `git/program-missing`, `git/failed`, `git/tree-refused`, `git/submodule-refused`, `git/too-large`,
 *   `git/object-damaged`, `git/write-failed`. The target is gone then.
 */
export async function packCommit(remote: GitRemote, wanted: WantedCommit): Promise<PackedCommit> {
  const { commit, reference, target } = wanted;
  if (existsSync(target)) throw targetExists(target);
  try {
    checkCommit(commit, remote.url.shown);
    checkReference(reference);
    const from = await findAndPack(remote, wanted);
    return { ...describe(remote, { commit, target }), from };
  } catch (error) {
    rmSync(target, { force: true });
    throw located(error, remote.url.shown);
  }
}

async function findAndPack(remote: GitRemote, { commit, reference, target }: WantedCommit): Promise<string> {
  const { settings, repository } = remote;
  const pack = async (source: SnapshotSource): Promise<boolean> => {
    if ((await packSnapshot(settings, { source, commit, target })) === "packed") return true;
    rmSync(target, { force: true });
    return false;
  };
  for (const borrowed of remote.places) {
    try {
      if (await pack({ repository, borrowed })) return borrowed;
    } catch (error) {
      // A damaged repository on this machine is no reason not to ask the remote.
      if (!hasCode(error, "git/failed", "git/object-damaged")) throw error;
      rmSync(target, { force: true });
    }
  }
  if (await pack({ repository })) return "remote";
  const steps = fetchSteps(commit, reference);
  for (const [index, step] of steps.entries()) {
    try {
      if ((await fetchInto(remote, step)) === "fetched" && (await pack({ repository }))) return "remote";
    } catch (error) {
      // Servers say in many words that they do not give single commits; what is wrong is known when nothing works.
      if (index === steps.length - 1 || !hasCode(error, "git/failed", "git/repository-missing")) throw error;
    }
  }
  throw commitMissing(remote, { commit, reference });
}

function hasCode(error: unknown, ...codes: readonly GitErrorCode[]): boolean {
  return error instanceof GitError && codes.includes(error.code);
}

/** What to ask a server for, one after another: the commit alone, what the dependency names, all that cargo would fetch. */
function fetchSteps(
  commit: string,
  reference: GitReference | undefined,
): { readonly refspecs: readonly string[]; readonly depth: FetchDepth }[] {
  const named = namedReference(reference);
  return [
    { refspecs: [`+${commit}:refs/hub/commit/${commit}`], depth: "commit" },
    ...(named === undefined ? [] : [{ refspecs: [`+${named}:refs/hub/named`], depth: "all" } as const]),
    { refspecs: EVERYTHING, depth: "all" },
  ];
}

/** What cargo fetches when it does not know where a commit is. */
export const EVERYTHING: readonly string[] = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];

function namedReference(reference: GitReference | undefined): string | undefined {
  if (reference === undefined) return "HEAD";
  const { kind, value } = reference;
  if (kind === "branch") return `refs/heads/${value}`;
  if (kind === "tag") return `refs/tags/${value}`;
  return value.startsWith("refs/") ? value : undefined;
}

function describe(
  remote: GitRemote,
  { commit, target }: Pick<WantedCommit, "commit" | "target">,
): Omit<PackedCommit, "from"> {
  const pack = openPack({ path: target }, commit);
  try {
    const { tree, sha256, sizeBytes } = pack;
    return { commit, tree, sha256, sizeBytes, submodules: listSubmodules(pack, remote.url) };
  } finally {
    closePack(pack);
  }
}

function targetExists(target: string): GitError {
  return new GitError({
    code: "git/write-failed",
    what: "something is already there, and nothing is overwritten",
    where: target,
    help: "move it away or remove it, then run the command again",
  });
}

function commitMissing({ url }: GitRemote, { commit, reference }: Omit<WantedCommit, "target">): GitError {
  return new GitError({
    code: "git/commit-missing",
    what: `commit ${commit}, locked for ${referenceText(reference)}, is no longer in the repository`,
    where: url.shown,
    help: "run `cargo update` for the packages of this repository, or restore the commit there under a tag",
  });
}
