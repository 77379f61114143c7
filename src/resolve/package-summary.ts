import type { DependencyKind, FeatureTable, SourceId } from "../cargo/index.ts";
import type { Requirement } from "../semver/index.ts";

/** A dependency of a package, its source known. */
export interface SummaryDependency {
  /** The name in Cargo.toml, which features use. */
  readonly name: string;
  /** The package's own name; differs from `name` when the dependency is renamed. */
  readonly packageName: string;
  readonly source: SourceId;
  /** `undefined` for any version, pre-releases too: a path or git dependency without `version`. */
  readonly requirement: Requirement | undefined;
  readonly kind: DependencyKind;
  /** A target triple or a `cfg(…)` expression; `undefined` for every platform. */
  readonly target: string | undefined;
  readonly features: readonly string[];
  readonly optional: boolean;
  readonly defaultFeatures: boolean;
}

/** What resolution needs to know of a package that comes with its manifest: a workspace's member, a path or a git package. */
export interface PackageSummary {
  readonly name: string;
  /** A version that `parseVersion` reads. */
  readonly version: string;
  /** For a git package with the commit it was read from. */
  readonly source: SourceId;
  /** In the order in which cargo resolves them. */
  readonly dependencies: readonly SummaryDependency[];
  /** As written, without the implicit features of optional dependencies. */
  readonly features: FeatureTable;
  readonly links: string | undefined;
  /** One to three numbers. */
  readonly rustVersion: string | undefined;
}
