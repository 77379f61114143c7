import { compareVersions, matchesRequirement, parseRequirement, type Version } from "../semver/index.ts";
import type { Candidate } from "./candidate.ts";

/** In which order candidates are tried. */
export interface Preferences {
  /** Rust versions of the workspace; a candidate is the better the more of them it can be built with. Empty: it does not matter. */
  readonly rustVersions: readonly Version[];
  /** Packages to keep if possible. */
  readonly prefers: ((candidate: Candidate) => boolean) | undefined;
}

/** Sorts candidates: preferred ones, then by Rust version, then the greatest version. */
export type CandidateSorter = (candidates: Candidate[]) => readonly Candidate[];

/** @param preferences Equal for all dependencies of a resolution. */
export function candidateSorter({ rustVersions, prefers }: Preferences): CandidateSorter {
  const compatibleCounts = new Map<string, number>();
  const compatibleCount = ({ rustVersion }: Candidate): number => {
    if (rustVersion === undefined) return rustVersions.length;
    let count = compatibleCounts.get(rustVersion);
    if (count === undefined) {
      const requirement = parseRequirement(rustVersion);
      count = rustVersions.filter((version) => matchesRequirement(requirement, version)).length;
      compatibleCounts.set(rustVersion, count);
    }
    return count;
  };
  return (candidates) => {
    if (candidates.length < 2) return candidates;
    candidates.sort((a, b) => compareVersions(b.version, a.version));
    if (rustVersions.length > 0) candidates.sort((a, b) => compatibleCount(b) - compatibleCount(a));
    if (prefers !== undefined) candidates.sort((a, b) => Number(prefers(b)) - Number(prefers(a)));
    return candidates;
  };
}
