import type { LockedDependency, LockedPackage } from "./lockfile.ts";
import { formatSourceId, type GitReference, type LockfileVersion, type SourceId, sameSource } from "./source-id.ts";

/** How the keys of checksums begin in the `[metadata]` of a version 1 lockfile. */
export const CHECKSUM_PREFIX = "checksum ";

/** The value of such a key for a package that has no checksum, such as one from git. */
export const NO_CHECKSUM = "<none>";

/** The key of a package's checksum in the `[metadata]` of a version 1 lockfile. */
export function checksumKey(name: string, version: string, source: SourceId): string {
  return `${CHECKSUM_PREFIX}${name} ${version} (${formatSourceId(referredSource(source, 1), 1)})`;
}

/**
 * A source as dependency strings name it: without the commit. Versions 1 and 2 are of the time when the default
 * branch was always `master`, and name that branch as the default one.
 */
export function referredSource({ kind, url, reference }: SourceId, version: LockfileVersion): SourceId {
  return version <= 2 && isMaster(reference) ? { kind, url } : { kind, url, reference };
}

function isMaster(reference: GitReference | undefined): boolean {
  return reference?.kind === "branch" && reference.value === "master";
}

/**
 * Gives dependencies that versions 1 and 2 could not tell from the default branch their branch `master` back, so that
 * the packages mean the same in every version.
 */
export function withMasterNamed(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  const fromGit = packages.filter(({ source }) => source?.kind === "git");
  if (!fromGit.some(({ source }) => isMaster(source?.reference))) return packages;
  const named = new Map<LockedDependency, LockedDependency>();
  const name = (dependency: LockedDependency): LockedDependency => {
    const known = named.get(dependency) ?? nameMaster(dependency, fromGit);
    named.set(dependency, known);
    return known;
  };
  return packages.map((entry) => ({
    ...entry,
    dependencies: entry.dependencies.map(name),
    replace: entry.replace === undefined ? undefined : name(entry.replace),
  }));
}

function nameMaster(dependency: LockedDependency, fromGit: readonly LockedPackage[]): LockedDependency {
  const { name, version, source } = dependency;
  if (source?.kind !== "git" || source.reference !== undefined) return dependency;
  const sources = fromGit
    .filter((entry) => entry.name === name && entry.version === version)
    .flatMap((entry) => entry.source ?? [])
    .filter((candidate) => sameSource(referredSource(candidate, 1), source));
  const master = sources.find(({ reference }) => isMaster(reference));
  if (master === undefined || sources.length > 1) return dependency;
  return { name, version, source: { kind: "git", url: source.url, reference: master.reference } };
}
