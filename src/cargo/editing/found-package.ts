import { parseVersion, type Version } from "../../semver/index.ts";
import { type FeatureTable, implicitFeatures } from "../features.ts";
import type { IndexEntry } from "../index-entry.ts";
import type { ManifestFacts } from "../manifest-facts.ts";
import type { GitReference } from "../source-id.ts";

/**
 * What `add` has to know of the world outside the manifests.
 *
 * - `index`: every version that a registry offers (not the yanked ones) in the index file of that name, whatever its
 *   letter case. What `[patch]` says does not count.
 * - `directory`: the one package there. `repository`: all packages in it.
 */
export type PackageQuestion =
  /** `registry` is a name in Cargo's configuration; `undefined` for crates.io. */
  { readonly kind: "index"; readonly registry: string | undefined; readonly name: string } | PackageOrigin;

/** A package that answers a {@link PackageQuestion}. */
export interface FoundPackage {
  readonly name: string;
  readonly version: Version;
  /** With the implicit features of optional dependencies. */
  readonly features: FeatureTable;
  /** One to three numbers. */
  readonly rustVersion: string | undefined;
}

/** A place outside every registry; directories are absolute and folded. */
export type PackageOrigin =
  | { readonly kind: "directory"; readonly directory: string }
  | { readonly kind: "repository"; readonly url: string; readonly reference: GitReference | undefined };

/** A part of an edit that may ask. */
export type Asking<Result> = Generator<PackageQuestion, Result, readonly FoundPackage[]>;

/** Those versions of an index file that a registry offers. */
export function offeredPackages(entries: readonly IndexEntry[]): readonly FoundPackage[] {
  return entries
    .filter(({ yanked }) => !yanked)
    .map(({ name, version, features, dependencies, rustVersion }) => ({
      name,
      version,
      features: new Map([...features, ...implicitFeatures(features, dependencies)]),
      rustVersion,
    }));
}

/** The package that a manifest describes, its inherited fields filled in. */
export function packageOfManifest(manifest: ManifestFacts): FoundPackage {
  const { features, dependencies } = manifest;
  return {
    name: manifest.name ?? "",
    version: parseVersion(manifest.version ?? "0.0.0"),
    features: new Map([...features, ...implicitFeatures(features, dependencies)]),
    rustVersion: manifest.rustVersion,
  };
}
