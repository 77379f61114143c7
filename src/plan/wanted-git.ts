import { formatSourceId, gitIdent, type LockedPackage, type SourceId } from "../cargo/index.ts";
import { PlanError } from "./plan-error.ts";
import { badName, type CrateKey, compareWanted, crateKey, isPackageId, type PlacedLockfile } from "./wanted.ts";

/** A package of a git repository that the hub must hold. */
export interface WantedGitPackage extends CrateKey {
  /** With the commit. */
  readonly sourceId: SourceId;
  /** Directory name of the repository below `registry/{cache,src}` and `git/db`. */
  readonly gident: string;
  readonly commit: string;
  /** The lockfile that asked first, for error messages. */
  readonly wantedBy: string;
}

/**
 * The union of the git packages of `lockfiles`, sorted; those of patches that nothing uses as well, because Cargo looks them up all the same.
 *
 * @throws {PlanError} plan/bad-package-id, plan/no-commit.
 */
export function wantedGitPackages(lockfiles: readonly PlacedLockfile[]): WantedGitPackage[] {
  const wanted = new Map<string, WantedGitPackage>();
  for (const { path, lockfile } of lockfiles) {
    for (const locked of [...lockfile.packages, ...lockfile.patchUnused]) {
      if (locked.source?.kind !== "git") continue;
      const found = wantedGitPackage(locked, locked.source, path);
      if (!wanted.has(crateKey(found))) wanted.set(crateKey(found), found);
    }
  }
  return [...wanted.values()].toSorted(compareWanted);
}

function wantedGitPackage(locked: LockedPackage, sourceId: SourceId, path: string): WantedGitPackage {
  const { name, version } = locked;
  if (!isPackageId(locked)) throw badName(locked, path);
  const { precise: commit } = sourceId;
  if (commit === undefined) {
    throw new PlanError({
      code: "plan/no-commit",
      what: `${name} ${version} of ${formatSourceId(sourceId)} is not locked to a commit, so nobody can tell which bytes are meant`,
      where: path,
      help: `run \`cargo update -p ${name}\` to let cargo write the commit`,
    });
  }
  const source = formatSourceId(sourceId);
  return { source, sourceId, gident: gitIdent(sourceId.url), name, version, commit, wantedBy: path };
}

/**
 * Refuses two commits of one source: a directory source can stand for one of them only.
 *
 * @throws {PlanError} plan/git-commit-conflict.
 */
export function refuseCommitConflicts(packages: readonly WantedGitPackage[]): void {
  const first = new Map<string, WantedGitPackage>();
  for (const found of packages) {
    const source = formatSourceId({ ...found.sourceId, precise: undefined });
    const { kind, value } = found.sourceId.reference ?? { kind: "", value: "" };
    const key = `${found.gident} ${kind} ${value}`; // whatever way the URL is spelled
    const other = first.get(key);
    if (other === undefined) first.set(key, found);
    else if (other.commit !== found.commit) {
      throw new PlanError({
        code: "plan/git-commit-conflict",
        what: `${other.wantedBy} locks ${source} to the commit ${other.commit}, but here it is ${found.commit}, and in mode directory Cargo can see only one of them`,
        where: found.wantedBy,
        help: 'lock both projects to one commit, give each a hub of its own, or set `mode = "cargo-home"` in hub.toml',
      });
    }
  }
}
