import { compareSourceIds, compareUtf8, type DependencyKind, type FeatureTable, type Sha256 } from "../cargo/index.ts";
import { compareVersions, type Requirement, type Version } from "../semver/index.ts";
import type { Expansion } from "./expansion.ts";
import type { Source } from "./sources.ts";

/**
 * The place in the graph that only one package can hold: a name, a source, and the part of the version that stays the same
 * as long as versions are compatible.
 */
export interface Slot {
  holder: Candidate | undefined;
  /** The age of the search when the holder came; says nothing without a holder. */
  age: number;
}

/** A package that a dependency could be, by name, version and source: there is one object for each. */
export interface Candidate {
  readonly name: string;
  readonly version: Version;
  readonly versionText: string;
  readonly source: Source;
  /** The commit of a git package. */
  readonly commit: string | undefined;
  readonly slot: Slot;
  readonly links: string | undefined;
  readonly rustVersion: string | undefined;
  /** What it depends on; of a registry's package read when first asked for. */
  contents(): Contents;
  /** Made when it first comes into the graph: most candidates never do. */
  node: Node | undefined;
}

/** What the search knows of a package in the graph. */
export interface Node {
  /** Features that are active now. */
  readonly active: Set<string>;
  /** Who needs it now, in the order of activation; an edge may stand there several times. */
  readonly parents: Edge[];
  /** What it needs, by features; does not change while the search goes on. */
  readonly expansions: Map<FeatureRequest, Expansion>;
}

/** What one package depends on. */
export interface Contents {
  readonly checksum: Sha256 | undefined;
  readonly dependencies: readonly Dependency[];
  /** With the implicit features of optional dependencies. */
  readonly features: FeatureTable;
  /** Names of dependencies that are optional in at least one place. */
  readonly optional: ReadonlySet<string>;
}

/** A package and the dependency by which it needs another. */
export interface Edge {
  readonly parent: Candidate;
  readonly dependency: Dependency;
}

/** The features a dependency asks for; equal requests are one object. */
export interface FeatureRequest {
  /** Sorted, each once; `"all"` is for workspace members, which are resolved with everything. */
  readonly features: readonly string[] | "all";
  readonly defaultFeatures: boolean;
}

/** One dependency of one package. */
export interface Dependency {
  /** The name in Cargo.toml. */
  readonly name: string;
  readonly packageName: string;
  readonly source: Source;
  readonly requirement: Requirement | undefined;
  readonly kind: DependencyKind;
  readonly optional: boolean;
  readonly defaultFeatures: boolean;
  readonly features: readonly string[];
  readonly target: string | undefined;
  /** What it asks for by itself. */
  readonly request: FeatureRequest;
  /** The exact version the previous lockfile pins it to. */
  readonly locked: Version | undefined;
  /** With `locked`: the commit of a git package. */
  readonly lockedCommit: string | undefined;
  /** Stands for what is asked of the source: equal texts have equal answers. */
  readonly query: string;
}

/** Cargo's order of packages: name, version, source. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  if (a === b) return 0;
  if (a.name !== b.name) return compareUtf8(a.name, b.name);
  return compareVersions(a.version, b.version) || compareSourceIds(a.source.id, b.source.id);
}

/** The age at which a package came, or `undefined` when it is not in the graph now. */
export function activeSince(candidate: Candidate): number | undefined {
  return candidate.slot.holder === candidate ? candidate.slot.age : undefined;
}

/** The node of a candidate that is in the graph, or comes into it now. */
export function nodeOf(candidate: Candidate): Node {
  candidate.node ??= { active: new Set(), parents: [], expansions: new Map() };
  return candidate.node;
}
