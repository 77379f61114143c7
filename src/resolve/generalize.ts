import type { Activations, Conflicts } from "./activations.ts";
import { activeSince, type Candidate, compareCandidates, type Dependency } from "./candidate.ts";
import type { ConflictCache } from "./conflict-cache.ts";
import type { ConflictReason } from "./failure.ts";
import { parentsOf } from "./parents.ts";
import type { Queries } from "./queries.ts";

/** A dependency that could not be settled. */
export interface Unsettled {
  readonly parent: Candidate;
  readonly dependency: Dependency;
  /** What kept it from being settled. */
  readonly conflicts: Conflicts;
}

/** Where the search stands. */
export interface Standing {
  readonly activations: Activations;
  readonly queries: Queries;
  readonly cache: ConflictCache;
}

/**
 * Looks for older reasons than the newest of `conflicts`, so that the search can go back further: when nothing that could
 * have come in its place helps either, then whoever needs it is the reason. What is found is stored.
 */
export function generalized(unsettled: Unsettled, standing: Standing): Conflicts | undefined {
  const newest = newestOf(unsettled.conflicts);
  if (newest === undefined || isAncestor(newest.candidate, unsettled.parent)) return undefined;
  const reason = unsettled.conflicts.get(newest.candidate);
  if (reason === undefined) return undefined;
  for (const [parent, dependencies] of parentsOf(newest.candidate)) {
    const age = activeSince(parent);
    if (age === undefined || age >= newest.age) continue;
    for (const dependency of dependencies) {
      const others = knownConflicts(dependency, { unsettled, standing, newest });
      if (others === undefined) continue;
      const combined = new Map<Candidate, ConflictReason>(unsettled.conflicts);
      for (const { conflicts } of others) for (const [candidate, why] of conflicts) combined.set(candidate, why);
      for (const { other } of others) combined.delete(other);
      combined.set(parent, reason);
      standing.cache.insert(unsettled.dependency, combined);
      return combined;
    }
  }
  return undefined;
}

interface Newest {
  readonly candidate: Candidate;
  readonly age: number;
}

/** The newest package, of equals the last in cargo's order; `undefined` when one is not in the graph, or there is none. */
function newestOf(conflicts: Conflicts): Newest | undefined {
  let newest: Newest | undefined;
  for (const candidate of conflicts.keys()) {
    const age = activeSince(candidate);
    if (age === undefined) return undefined;
    const isNewer =
      newest === undefined ||
      age > newest.age ||
      (age === newest.age && compareCandidates(candidate, newest.candidate) > 0);
    if (isNewer) newest = { candidate, age };
  }
  return newest;
}

/**
 * Whether `above` is found among those who need `below`, directly or through others. Cargo looks at the last package first
 * and gives up as soon as it comes to one that nobody needs; so does this, for it decides what is stored.
 */
function isAncestor(above: Candidate, below: Candidate): boolean {
  const seen = new Set([below]);
  const pending = [below];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const parents = parentsOf(next);
    if (parents.length === 0) return false;
    for (const [parent] of parents) {
      if (parent === above) return true;
      if (seen.has(parent)) continue;
      seen.add(parent);
      pending.push(parent);
    }
  }
  return false;
}

interface Critical {
  readonly unsettled: Unsettled;
  readonly standing: Standing;
  readonly newest: Newest;
}

interface OtherChoice {
  readonly other: Candidate;
  readonly conflicts: Conflicts;
}

/** For every package that `dependency` could be, a stored reason why the unsettled one would fail beside it too. */
function knownConflicts(dependency: Dependency, { unsettled, standing, newest }: Critical): OtherChoice[] | undefined {
  const candidates = standing.queries.candidates(dependency, []) ?? [];
  const found: OtherChoice[] = [];
  for (let at = candidates.length - 1; at >= 0; at -= 1) {
    const other = candidates[at];
    if (other === undefined) continue;
    const conflicts = standing.cache.find(unsettled.dependency, {
      since: (candidate) => (candidate === other ? newest.age : activeSince(candidate)),
      containing: other,
      olderThan: newest.age,
    });
    if (conflicts === undefined) return undefined;
    found.push({ other, conflicts });
  }
  return found;
}
