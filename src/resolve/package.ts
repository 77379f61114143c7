import type { Version, VersionNumber } from "../semver/index.ts";
import type { Candidate, Slot } from "./candidate.ts";
import type { IndexPackage } from "./index-package.ts";
import type { IndexNeed } from "./need.ts";
import type { Source } from "./sources.ts";

/** A name in a source, and everything found out about it. */
export class Package {
  readonly source: Source;
  readonly name: string;
  readonly need: IndexNeed;
  /** Set when the index has answered, or when the package came with its manifest. */
  isKnown = false;
  index: IndexPackage | undefined;
  /** Packages with manifests, instead of an index. */
  readonly local: Candidate[] = [];
  /** Candidate lists by what was asked. */
  readonly queries = new Map<string, readonly Candidate[]>();
  readonly #slots = new Map<VersionNumber | string, Slot>();
  readonly #candidates: (Candidate | undefined)[] = [];

  constructor(source: Source, name: string) {
    this.source = source;
    this.name = name;
    this.need = { kind: "index", source: source.id, name };
  }

  /** The slot that a version takes: versions are compatible when their first number that is not zero is the same. */
  slot({ major, minor, patch }: Version): Slot {
    const key = major !== 0 ? major : minor !== 0 ? `0.${minor}` : `0.0.${patch}`;
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { holder: undefined, age: 0 };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  /** Who is in its slots now: packages of its own, or patches that stand in for them. */
  *holders(): Generator<Candidate> {
    for (const { holder } of this.#slots.values()) if (holder !== undefined) yield holder;
  }

  /** The candidate of a version in the index, by its position, if it was made. */
  candidateAt(position: number): Candidate | undefined {
    return this.#candidates[position];
  }

  keep(position: number, candidate: Candidate): void {
    this.#candidates[position] = candidate;
  }
}
