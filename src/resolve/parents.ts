import { type Candidate, compareCandidates, type Dependency } from "./candidate.ts";

/** Who needs a package, in cargo's order, each with its different dependencies on it. */
export function parentsOf(candidate: Candidate): readonly (readonly [Candidate, ReadonlySet<Dependency>])[] {
  const parents = new Map<Candidate, Set<Dependency>>();
  for (const { parent, dependency } of candidate.node?.parents ?? []) {
    const dependencies = parents.get(parent);
    if (dependencies === undefined) parents.set(parent, new Set([dependency]));
    else dependencies.add(dependency);
  }
  return [...parents].sort(([a], [b]) => compareCandidates(a, b));
}
