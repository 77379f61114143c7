import { formatSourceId } from "../cargo/index.ts";
import { formatRequirement, formatVersion } from "../semver/index.ts";
import type { Conflicts } from "./activations.ts";
import { type Candidate, compareCandidates, type Dependency } from "./candidate.ts";
import type { ConflictReason } from "./failure.ts";

/** Tells when a package came into the graph; `undefined` for one that counts as absent. */
export type Since = (candidate: Candidate) => number | undefined;

/** Which stored sets are looked for. */
export interface ConflictSearch {
  readonly since: Since;
  /** Only sets with this package; its own age does not count. */
  readonly containing?: Candidate;
  /** Only sets whose other packages are older than this. */
  readonly olderThan?: number;
}

/** Sets of packages, each kept along the path of its packages in cargo's order. */
type Trie = Leaf | Branch;

interface Leaf {
  readonly kind: "leaf";
  readonly conflicts: Conflicts;
}

interface Branch {
  readonly kind: "branch";
  readonly children: Map<Candidate, Trie>;
  /** The keys of `children` in cargo's order; made when needed. */
  order: readonly Candidate[] | undefined;
}

/**
 * Remembers for each dependency the sets of packages beside which it can not be settled. Never forgets: a set stays true
 * whatever the search does.
 */
export class ConflictCache {
  readonly #sets = new Map<string, Branch | Leaf>();
  readonly #mentioned = new Map<Candidate, Set<string>>();
  readonly #keys = new WeakMap<Dependency, string>();

  /** How many sets were stored. */
  size = 0;

  /** A stored set whose packages are all in the graph: of several one that lets the search go back furthest. */
  find(dependency: Dependency, search: ConflictSearch): Conflicts | undefined {
    if (this.#sets.size === 0) return undefined;
    const trie = this.#sets.get(this.#key(dependency));
    if (trie === undefined) return undefined;
    const { since, containing, olderThan = Number.POSITIVE_INFINITY } = search;
    return findIn(trie, since, { containing, olderThan })?.conflicts;
  }

  /** Whether `candidate` is in any set that is stored for `dependency`. */
  mentions(candidate: Candidate, dependency: Dependency): boolean {
    return this.#mentioned.get(candidate)?.has(this.#key(dependency)) === true;
  }

  /** Whether `candidate` is in any set at all. */
  isMentioned(candidate: Candidate): boolean {
    return this.#mentioned.has(candidate);
  }

  insert(dependency: Dependency, conflicts: ReadonlyMap<Candidate, ConflictReason>): void {
    this.size += 1;
    const key = this.#key(dependency);
    const path = [...conflicts.keys()].sort(compareCandidates);
    this.#sets.set(key, inserted(this.#sets.get(key), path, new Map(conflicts)));
    for (const candidate of path) {
      const keys = this.#mentioned.get(candidate);
      if (keys === undefined) this.#mentioned.set(candidate, new Set([key]));
      else keys.add(key);
    }
  }

  /** Dependencies that say the same are one, whoever has them. */
  #key(dependency: Dependency): string {
    let key = this.#keys.get(dependency);
    if (key === undefined) {
      key = dependencyKey(dependency);
      this.#keys.set(dependency, key);
    }
    return key;
  }
}

function dependencyKey(dependency: Dependency): string {
  const { name, packageName, source, requirement, locked } = dependency;
  return JSON.stringify([
    packageName,
    name,
    formatSourceId(source.id),
    requirement === undefined ? null : formatRequirement(requirement),
    locked === undefined ? null : formatVersion(locked),
    dependency.kind,
    dependency.optional,
    dependency.defaultFeatures,
    dependency.features,
    dependency.target ?? null,
  ]);
}

/** The trie with a set added, which is `trie` itself if it can be; a set of which a part is stored already says nothing new. */
function inserted(trie: Trie | undefined, path: readonly Candidate[], conflicts: Conflicts): Trie {
  const last = path.at(-1);
  if (last === undefined) return { kind: "leaf", conflicts };
  if (trie?.kind === "leaf") return trie;
  const top = trie ?? newBranch();
  let branch = top;
  for (const candidate of path.slice(0, -1)) {
    const next = branch.children.get(candidate) ?? newBranch();
    if (next.kind === "leaf") return top;
    if (!branch.children.has(candidate)) addChild(branch, candidate, next);
    branch = next;
  }
  addChild(branch, last, { kind: "leaf", conflicts });
  return top;
}

function newBranch(): Branch {
  return { kind: "branch", children: new Map(), order: undefined };
}

function addChild(branch: Branch, candidate: Candidate, child: Trie): void {
  if (!branch.children.has(candidate)) branch.order = undefined;
  branch.children.set(candidate, child);
}

interface Bounds {
  readonly containing: Candidate | undefined;
  readonly olderThan: number;
}

interface FoundSet {
  readonly conflicts: Conflicts;
  /** The age of its newest package, without `containing`. */
  readonly age: number;
}

function findIn(trie: Trie, since: Since, { containing, olderThan }: Bounds): FoundSet | undefined {
  if (trie.kind === "leaf") return containing === undefined ? { conflicts: trie.conflicts, age: 0 } : undefined;
  trie.order ??= [...trie.children.keys()].sort(compareCandidates);
  let bound = olderThan;
  let best: FoundSet | undefined;
  for (const candidate of trie.order) {
    if (containing !== undefined && candidate !== containing && compareCandidates(candidate, containing) > 0) break;
    const age = since(candidate);
    const isWanted = candidate === containing;
    if (age === undefined || (age >= bound && !isWanted)) continue;
    const child = trie.children.get(candidate);
    if (child === undefined) continue;
    const found = findIn(child, since, { containing: isWanted ? undefined : containing, olderThan: bound });
    if (found === undefined) continue;
    const newest = isWanted ? found.age : Math.max(age, found.age);
    if (newest < bound) {
      best = { conflicts: found.conflicts, age: newest };
      bound = newest;
    }
  }
  return best;
}
