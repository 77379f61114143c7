import type { Sha256, SourceId } from "../cargo/index.ts";
import type { ResolveFailure } from "./failure.ts";

/** A package of the graph. */
export interface ResolvedPackage {
  readonly name: string;
  readonly version: string;
  /** Of a git package with its commit. */
  readonly source: SourceId;
  /** Of a registry's package. */
  readonly checksum: Sha256 | undefined;
  /** Indices of the packages it needs, in cargo's order, each once. */
  readonly dependencies: readonly number[];
  /** Index of the package that stands in for it by `[replace]`. */
  readonly replacement: number | undefined;
  /** Sorted. */
  readonly features: readonly string[];
}

/** Everything a lockfile says, and the features that are active when all members are built with all of theirs. */
export interface ResolvedGraph {
  /** In cargo's order: by name, version, source. */
  readonly packages: readonly ResolvedPackage[];
  /** Patches that no package of the graph comes from. */
  readonly unusedPatches: readonly Pick<ResolvedPackage, "name" | "version" | "source">[];
}

/** What a search took. */
export interface Effort {
  /** Candidates tried, for all dependencies together; some again after the search came back. */
  readonly steps: number;
  /** How often it came back to an earlier choice. */
  readonly returns: number;
  /** Sets of packages it learnt can not be together with some dependency. */
  readonly conflictsStored: number;
  /** Candidates it passed over because of such a set. */
  readonly candidatesPruned: number;
}

/** What resolution ends in. */
export type ResolveOutcome =
  | { readonly kind: "resolved"; readonly graph: ResolvedGraph; readonly effort: Effort }
  | { readonly kind: "failed"; readonly failure: ResolveFailure; readonly effort: Effort };
