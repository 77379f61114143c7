import { compareVersions, matchesRequirement, parseRequirement, type Version } from "../semver/index.ts";
import type { Candidate } from "./candidate.ts";

/** In which order candidates are tried. */
export interface Preferences {
  /** Rust versions of the workspace; a candidate is the better the more of them it can be built with. Empty: it does not matter. */
  readonly rustVersions: readonly Version[];
  /** Packages to keep if possible. */
  readonly prefers: ((candidate: Candidate) => boolean) | undefined;
}

/** Sorts candidates that stand with the greatest version first: preferred ones, then by Rust version, then as they were. */
export type CandidateSorter = (candidates: readonly Candidate[]) => readonly Candidate[];

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
    const byRust = rustVersions.length === 0 ? candidates : bestFirst(candidates, compatibleCount);
    return prefers === undefined ? byRust : bestFirst(byRust, (candidate) => Number(prefers(candidate)));
  };
}

/** Sorts by a score, the highest first; those with equal ones stay as they stand. */
function bestFirst(candidates: readonly Candidate[], scoreOf: (candidate: Candidate) => number): readonly Candidate[] {
  const scores = candidates.map(scoreOf);
  if (scores.every((score) => score === scores[0])) return candidates;
  return candidates
    .map((candidate, at) => ({ candidate, score: scores[at] ?? 0 }))
    .sort((a, b) => b.score - a.score)
    .map(({ candidate }) => candidate);
}

/** The greatest version first. */
export function byVersion(a: Pick<Candidate, "version">, b: Pick<Candidate, "version">): number {
  return compareVersions(b.version, a.version);
}
