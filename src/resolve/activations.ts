import {
  activeSince,
  type Candidate,
  type Dependency,
  type Edge,
  type FeatureRequest,
  nodeOf,
  type Slot,
} from "./candidate.ts";
import type { ConflictReason } from "./failure.ts";
import { Stop } from "./failure.ts";
import { packageName } from "./package-name.ts";
import type { Packages } from "./packages.ts";

/** Packages that keep a dependency from being settled, each with the first reason found. */
export type Conflicts = ReadonlyMap<Candidate, ConflictReason>;

/** What came of bringing a package into the graph. */
export type Occupation =
  | { readonly kind: "new" | "more-features" | "nothing-to-do" }
  | { readonly kind: "conflict"; readonly with: Candidate; readonly reason: ConflictReason };

/** A point to go back to: the age, and how many changes of each kind there were. */
export interface Mark {
  readonly age: number;
  readonly edges: number;
  readonly slots: number;
  readonly links: number;
  readonly features: number;
}

const NEW: Occupation = { kind: "new" };
const MORE_FEATURES: Occupation = { kind: "more-features" };
const NOTHING_TO_DO: Occupation = { kind: "nothing-to-do" };

/** The packages in the graph, with a record of every change, so that the search can go back to any earlier state. */
export class Activations {
  /** Rises with every attempt to bring a package in; goes back with the state. */
  age = 0;
  readonly #links = new Map<string, Candidate>();
  readonly #packages: Packages;
  // The record. Changes of different kinds do not touch each other, so each kind is undone by itself.
  readonly #linked: Candidate[] = [];
  readonly #held: { readonly slot: Slot; readonly holder: Candidate | undefined; readonly age: number }[] = [];
  readonly #owned: string[] = [];
  readonly #activated: { readonly active: Set<string>; readonly features: readonly string[] }[] = [];

  constructor(packages: Packages) {
    this.#packages = packages;
  }

  mark(): Mark {
    return {
      age: this.age,
      edges: this.#linked.length,
      slots: this.#held.length,
      links: this.#owned.length,
      features: this.#activated.length,
    };
  }

  goBack({ age, edges, slots, links, features }: Mark): void {
    this.age = age;
    while (this.#linked.length > edges) this.#linked.pop()?.node?.parents.pop();
    while (this.#held.length > slots) {
      const held = this.#held.pop();
      if (held === undefined) continue;
      held.slot.holder = held.holder;
      held.slot.age = held.age;
    }
    while (this.#owned.length > links) this.#links.delete(this.#owned.pop() ?? "");
    while (this.#activated.length > features) {
      const activated = this.#activated.pop();
      for (const feature of activated?.features ?? []) activated?.active.delete(feature);
    }
  }

  /** Who owns a native library. */
  linksOwner(links: string): Candidate | undefined {
    return this.#links.get(links);
  }

  /** Whether a package is in the graph with these features already. */
  isActive(candidate: Candidate, request: FeatureRequest): boolean {
    return candidate.slot.holder === candidate && hasFeatures(candidate, request);
  }

  /** Records who needs `candidate`. */
  link(candidate: Candidate, edge: Edge): void {
    nodeOf(candidate).parents.push(edge);
    this.#linked.push(candidate);
  }

  /** Brings a package in, unless it is there. `dependency` is missing for members and for packages that replace another. */
  occupy(candidate: Candidate, request: FeatureRequest, dependency?: Dependency): Occupation {
    const { slot } = candidate;
    if (slot.holder !== undefined) return hasFeatures(candidate, request) ? NOTHING_TO_DO : MORE_FEATURES;
    if (candidate.links !== undefined) this.#takeLinks(candidate.links, candidate);
    this.#hold(slot, candidate);
    if (dependency === undefined || dependency.source === candidate.source) return NEW;
    // A patch stands in for a package of the source that the dependency names: its place there is taken as well.
    const patched = this.#packages.package(dependency.source, candidate.name).slot(candidate.version);
    const before = patched.holder;
    this.#hold(patched, candidate);
    return before === undefined ? NEW : { kind: "conflict", with: before, reason: { kind: "version" } };
  }

  activate(candidate: Candidate, features: ReadonlySet<string>): void {
    const { active } = nodeOf(candidate);
    const added: string[] = [];
    for (const feature of features) {
      if (active.has(feature)) continue;
      active.add(feature);
      added.push(feature);
    }
    if (added.length > 0) this.#activated.push({ active, features: added });
  }

  /** The age of the newest of `parent` and the packages in `conflicts`; `undefined` when one of them is not in the graph. */
  newestAge(parent: Candidate, conflicts: Conflicts): number | undefined {
    let newest = activeSince(parent);
    if (newest === undefined) return undefined;
    for (const candidate of conflicts.keys()) {
      const age = activeSince(candidate);
      if (age === undefined) return undefined;
      newest = Math.max(newest, age);
    }
    return newest;
  }

  #hold(slot: Slot, candidate: Candidate): void {
    const { holder, age } = slot;
    this.#held.push({ slot, holder, age });
    slot.holder = candidate;
    slot.age = this.age;
  }

  #takeLinks(links: string, candidate: Candidate): void {
    const before = this.#links.get(links);
    if (before !== undefined) {
      throw new Stop({ kind: "links-twice", links, packages: [packageName(before), packageName(candidate)] });
    }
    this.#links.set(links, candidate);
    this.#owned.push(links);
  }
}

/** Whether a package in the graph has all features asked for; one that was asked for everything counts as lacking some. */
function hasFeatures(candidate: Candidate, { features, defaultFeatures }: FeatureRequest): boolean {
  if (features === "all") return false;
  const { active } = nodeOf(candidate);
  for (const feature of features) if (!active.has(feature)) return false;
  return !defaultFeatures || active.has("default") || !candidate.contents().features.has("default");
}
