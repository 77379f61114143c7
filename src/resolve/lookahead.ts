import type { Candidate, FeatureRequest } from "./candidate.ts";
import { enabledBy } from "./enabled.ts";
import { EVERYTHING } from "./feature-requests.ts";
import type { IndexNeed, Need } from "./need.ts";
import type { Queries } from "./queries.ts";

/** A package with features, whose dependencies are not all known. */
interface Open {
  readonly candidate: Candidate;
  readonly request: FeatureRequest;
}

/**
 * Guesses what will be needed: follows the first candidate of every dependency from the members on. Most graphs are resolved
 * like this, so that an index far away is asked for whole levels of the graph at once.
 */
export class Lookahead {
  readonly #queries: Queries;
  readonly #seen = new Map<Candidate, Set<FeatureRequest>>();
  #open: Open[];

  constructor(queries: Queries, members: readonly Candidate[]) {
    this.#queries = queries;
    this.#open = members.map((candidate) => ({ candidate, request: EVERYTHING }));
  }

  /** What is lacking and not in `needed`. */
  likely(needed: readonly Need[]): readonly IndexNeed[] {
    const found = new Set<IndexNeed>();
    const stillOpen: Open[] = [];
    const pending = this.#open;
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (this.#follow(next, { pending, found })) stillOpen.push(next);
    }
    this.#open = stillOpen;
    for (const need of needed) if (need.kind === "index") found.delete(need);
    return [...found];
  }

  /** Adds what a package needs; true when some of it is not known yet. */
  #follow(open: Open, to: { readonly pending: Open[]; readonly found: Set<IndexNeed> }): boolean {
    const { packages } = this.#queries;
    const enabled = enabledBy(open.candidate.contents(), open.request, packages.requests);
    if (enabled.kind !== "enabled") return false;
    let isOpen = false;
    for (const { dependency, request } of enabled.dependencies) {
      const lacking: Need[] = [];
      const [first] = this.#queries.candidates(dependency, lacking) ?? [];
      for (const need of lacking) if (need.kind === "index") to.found.add(need);
      isOpen ||= lacking.length > 0;
      if (first !== undefined && this.#isNew(first, request)) to.pending.push({ candidate: first, request });
    }
    return isOpen;
  }

  #isNew(candidate: Candidate, request: FeatureRequest): boolean {
    const requests = this.#seen.get(candidate) ?? new Set();
    this.#seen.set(candidate, requests);
    if (requests.has(request)) return false;
    requests.add(request);
    return true;
  }
}
