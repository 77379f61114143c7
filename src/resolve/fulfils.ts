import { matchesRequirement, type Version } from "../semver/index.ts";
import type { Candidate, Dependency } from "./candidate.ts";

/** Whether a package has the version that a dependency asks for; names and sources are not looked at. */
export function fulfils(
  { requirement, locked }: Pick<Dependency, "requirement" | "locked">,
  { version }: Pick<Candidate, "version">,
): boolean {
  if (locked !== undefined) return sameVersion(locked, version);
  return requirement === undefined || matchesRequirement(requirement, version);
}

/** Whether both are one version, build metadata included. */
export function sameVersion(a: Version, b: Version): boolean {
  return (
    a === b ||
    (a.major === b.major && a.minor === b.minor && a.patch === b.patch && a.pre === b.pre && a.build === b.build)
  );
}
