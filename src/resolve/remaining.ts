import type { Activations } from "./activations.ts";
import type { Candidate } from "./candidate.ts";
import type { ConflictReason } from "./failure.ts";

/** The candidates of one dependency that were not tried yet. It looks one ahead, so that it knows whether there is a choice. */
export interface Remaining {
  readonly candidates: readonly Candidate[];
  /** The first candidate that was not looked at. */
  at: number;
  /** One that was looked at and can be tried. */
  ahead: Candidate | undefined;
}

/** A candidate to try, and whether another one could be tried after it. */
export interface Choice {
  readonly candidate: Candidate;
  readonly hasAnother: boolean;
}

export function remainingOf(candidates: readonly Candidate[]): Remaining {
  return { candidates, at: 0, ahead: undefined };
}

/**
 * The next candidate that can be beside what is in the graph.
 *
 * @param conflicts Takes the packages that rule out the candidates passed over on the way.
 */
export function nextChoice(
  remaining: Remaining,
  activations: Activations,
  conflicts: Map<Candidate, ConflictReason>,
): Choice | undefined {
  const { candidates } = remaining;
  while (remaining.at < candidates.length) {
    const candidate = candidates[remaining.at];
    remaining.at += 1;
    if (candidate === undefined) continue;
    const { holder } = candidate.slot;
    if (holder !== undefined && holder !== candidate) {
      if (!conflicts.has(holder)) conflicts.set(holder, { kind: "version" });
      continue;
    }
    const { links } = candidate;
    const owner = links === undefined ? undefined : activations.linksOwner(links);
    if (links !== undefined && owner !== undefined && owner !== candidate) {
      if (!conflicts.has(owner)) conflicts.set(owner, { kind: "links", links });
      continue;
    }
    const before = remaining.ahead;
    remaining.ahead = candidate;
    if (before !== undefined) return { candidate: before, hasAnother: true };
  }
  const last = remaining.ahead;
  remaining.ahead = undefined;
  return last === undefined ? undefined : { candidate: last, hasAnother: false };
}
