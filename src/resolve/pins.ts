import type { Version } from "../semver/index.ts";
import type { Candidate } from "./candidate.ts";
import type { UnpinnedDependency } from "./packages.ts";

/** The exact package a dependency is held to. */
export interface Pin {
  readonly version: Version;
  readonly versionText: string;
  /** Of a git package. */
  readonly commit: string | undefined;
}

/** What the previous lockfile says about a dependency of `owner`, or nothing when it is free. */
export interface Pins {
  /** True when nothing is pinned. */
  readonly isEmpty: boolean;
  pin(owner: Candidate, dependency: PinnableDependency): Pin | undefined;
}

/** What a pin is found by. */
export type PinnableDependency = Pick<UnpinnedDependency, "packageName" | "source" | "requirement">;
