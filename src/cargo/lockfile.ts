import type { Sha256 } from "./sha256.ts";
import type { LockfileVersion, SourceId } from "./source-id.ts";

/** One edge as a lockfile writes it: only as much as makes it unambiguous. `lockedDependencies` resolves it. */
export interface LockedDependency {
  readonly name: string;
  /** The version's text; absent when the lockfile holds one version of `name` only. */
  readonly version?: string | undefined;
  /** Without a commit; absent for path packages, and when there is one source of `name` and `version` only. */
  readonly source?: SourceId | undefined;
}

/** One `[[package]]`, or one `[[patch.unused]]`, which has no dependencies. */
export interface LockedPackage {
  readonly name: string;
  /** A version that `parseVersion` reads, as written. */
  readonly version: string;
  /** Absent for path packages. Equal sources of one lockfile are one object. */
  readonly source?: SourceId | undefined;
  /** What the registry's index promised for the crate file; absent for path and git packages. */
  readonly checksum?: Sha256 | undefined;
  readonly dependencies: readonly LockedDependency[];
  /** The package that stands in for this one by a manifest's `[replace]`. */
  readonly replace?: LockedDependency | undefined;
}

/** A Cargo.lock. */
export interface Lockfile {
  readonly version: LockfileVersion;
  /** Comment lines at the top beside Cargo's own two, each with its `#`. */
  readonly comments: readonly string[];
  /** In the order of the text. */
  readonly packages: readonly LockedPackage[];
  /** Patches that the graph does not use, in the order of the text: Cargo's own order of them is random. */
  readonly patchUnused: readonly LockedPackage[];
  /** `[metadata]` without the checksums that version 1 keeps there. */
  readonly metadata: ReadonlyMap<string, string>;
}
