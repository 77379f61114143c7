import type { PackageIdSpec, SourceId } from "../cargo/index.ts";
import type { MissingFeature } from "./enabled.ts";
import type { IndexState } from "./index-package.ts";

/** A package by name, version and source. */
export interface PackageName {
  readonly name: string;
  readonly version: string;
  readonly source: SourceId;
}

/** What a package asks of another one. */
export interface AskedDependency {
  /** The name in Cargo.toml. */
  readonly name: string;
  readonly packageName: string;
  readonly source: SourceId;
  /** As cargo prints it; `*` when any version will do. */
  readonly requirement: string;
  /** The exact version that the previous lockfile or `--precise` asks for. */
  readonly locked: string | undefined;
  readonly features: readonly string[];
  readonly optional: boolean;
  readonly kind: "normal" | "dev" | "build";
  readonly target: string | undefined;
}

/** A package and how the one before it in a chain asks for it; the first one, a workspace member, is asked for by nobody. */
export interface ChainLink {
  readonly package: PackageName;
  readonly asked: AskedDependency | undefined;
}

/** Why a version can not be taken. */
export type Exclusion =
  | { readonly kind: "requirement" }
  | { readonly kind: Exclude<IndexState, "offered"> }
  /** Another version that is compatible with this one is needed already. */
  | { readonly kind: "version-in-use"; readonly by: PackageName }
  | { readonly kind: "links-in-use"; readonly links: string; readonly by: PackageName }
  | { readonly kind: "missing-feature"; readonly feature: string; readonly reason: MissingFeature }
  /** Nothing is wrong with it, but one of its own dependencies can not be had beside these packages. */
  | { readonly kind: "dependencies"; readonly beside: readonly PackageName[] }
  /** The previous lockfile, or `--precise`, asks for exactly another version. */
  | { readonly kind: "not-the-locked-one" };

/** A version of the package that could not be settled. */
export interface ExcludedVersion {
  readonly version: string;
  readonly source: SourceId;
  readonly exclusion: Exclusion;
  /** As the index has it. */
  readonly rustVersion: string | undefined;
}

/** A package that stands in the way, and why it is there. */
export interface Obstacle {
  readonly package: PackageName;
  readonly reason: ConflictReason;
  /** From a workspace member down to the package. */
  readonly chain: readonly ChainLink[];
}

/** In what way a package excludes a candidate. */
export type ConflictReason =
  | { readonly kind: "version" }
  | { readonly kind: "links"; readonly links: string }
  | { readonly kind: "missing-feature"; readonly feature: string; readonly reason: MissingFeature };

/** No choice of versions fulfils all requirements. */
export interface NoSolution {
  readonly kind: "no-solution";
  /** The dependency at which the search ended: none of its versions can be taken. */
  readonly asked: AskedDependency;
  /** From a workspace member to the package that asks. */
  readonly chain: readonly ChainLink[];
  /** Every version there is, greatest first. */
  readonly versions: readonly ExcludedVersion[];
  readonly obstacles: readonly Obstacle[];
}

/** What is wrong with an entry of `[patch]`. */
export interface PatchFailure {
  readonly kind: "patch";
  readonly problem:
    | { readonly kind: "nothing-matches"; readonly found: readonly string[] }
    | { readonly kind: "several-match"; readonly found: readonly string[] }
    | { readonly kind: "same-source" }
    | { readonly kind: "twice"; readonly version: string };
  readonly asked: AskedDependency;
  /** What is patched. */
  readonly url: string;
}

/** What is wrong with an entry of `[replace]`. */
export interface ReplacementFailure {
  readonly kind: "replacement";
  readonly problem: "nothing-matches" | "several-match" | "other-version" | "overlap";
  readonly replaced: PackageName;
  readonly asked: AskedDependency;
}

/** Why there is no lockfile. */
export type ResolveFailure =
  | NoSolution
  | PatchFailure
  | ReplacementFailure
  /** What shall be updated is not one package of the lockfile. */
  | {
      readonly kind: "update-spec";
      readonly problem: "nothing-matches" | "several-match";
      readonly spec: PackageIdSpec;
      /** Those that match, or else those that have at least the name. */
      readonly candidates: readonly PackageName[];
    }
  /** The text after `--precise` is no version. */
  | { readonly kind: "precise-version"; readonly to: string; readonly package: PackageName; readonly what: string }
  /** A directory or a repository that is needed can not be read. */
  | { readonly kind: "unavailable"; readonly source: SourceId; readonly fault: unknown }
  /** The registry has another checksum for a version than the previous lockfile. */
  | {
      readonly kind: "checksum-changed";
      readonly package: PackageName;
      readonly locked: string;
      /** `undefined` when the source has no checksums. */
      readonly found: string | undefined;
    }
  /** Packages that need each other, each by the one before it and the first by the last. */
  | { readonly kind: "cycle"; readonly chain: readonly ChainLink[] }
  /** Two packages that a lockfile can not tell apart. */
  | { readonly kind: "collision"; readonly packages: readonly [PackageName, PackageName] }
  /** Two packages that are both needed link one native library. */
  | { readonly kind: "links-twice"; readonly links: string; readonly packages: readonly [PackageName, PackageName] }
  | { readonly kind: "feature-cycle"; readonly package: PackageName; readonly feature: string }
  /** The search was given up: that many candidates were tried. */
  | { readonly kind: "too-much-work"; readonly steps: number };

/** Leaves the search; never leaves this room. */
export class Stop extends Error {
  readonly failure: ResolveFailure;

  constructor(failure: ResolveFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}
