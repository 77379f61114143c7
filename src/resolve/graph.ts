import { type Candidate, compareCandidates } from "./candidate.ts";
import { refuseCollisions, refuseCycles } from "./graph-checks.ts";
import type { ResolvedGraph, ResolvedPackage } from "./outcome.ts";
import { packageName } from "./package-name.ts";

/** What the graph is made from when the search is done. */
export interface GraphParts {
  /** Every package in the graph, in any order. */
  readonly candidates: Iterable<Candidate>;
  readonly patches: readonly Candidate[];
  readonly replacementOf: (candidate: Candidate) => Candidate | undefined;
}

/**
 * Takes the graph out of the candidates, which know who needs them.
 *
 * @throws {Stop} when the graph has a cycle, or two packages that a lockfile can not tell apart.
 */
export function graphOf({ candidates, patches, replacementOf }: GraphParts): ResolvedGraph {
  const inGraph = [...candidates].sort(compareCandidates);
  refuseCycles({ packages: inGraph, replacementOf });
  refuseCollisions(inGraph);
  const indices = new Map(inGraph.map((candidate, index) => [candidate, index]));
  const dependencies: Set<number>[] = inGraph.map(() => new Set());
  for (const [index, candidate] of inGraph.entries()) {
    for (const { parent } of candidate.node?.parents ?? []) dependencies[indices.get(parent) ?? -1]?.add(index);
  }
  const packages = inGraph.map((candidate, index): ResolvedPackage => {
    const replacement = replacementOf(candidate);
    return {
      ...packageName(candidate),
      checksum: candidate.contents().checksum,
      dependencies: [...(dependencies[index] ?? [])],
      replacement: replacement === undefined ? undefined : indices.get(replacement),
      features: [...(candidate.node?.active ?? [])].sort(),
    };
  });
  const unusedPatches = patches.filter((patch) => !indices.has(patch)).map(packageName);
  return { packages, unusedPatches };
}
