import { compareVersions, matchesRequirement, parseRequirement, type Version } from "../../semver/index.ts";
import { parsePartialVersion } from "../package-id-spec.ts";
import type { FoundPackage } from "./found-package.ts";

/** The Rust that a dependency has to work with. */
export interface RustLimit {
  /** One to three numbers, or the whole version of a rustc. */
  readonly version: string;
  /** Whether the package asks for it; otherwise it is the rustc that would build it. */
  readonly isDeclared: boolean;
}

/** Which version `cargo add` takes when none is asked for. */
export type LatestVersion =
  /** `passedOver` is a greater version that needs another Rust. */
  | { readonly kind: "found"; readonly package: FoundPackage; readonly passedOver: FoundPackage | undefined }
  | { readonly kind: "none" }
  /** Every version needs another Rust than the limit. */
  | { readonly kind: "none-compatible"; readonly latest: FoundPackage };

/**
 * The greatest release, or the greatest pre-release when there is no other; among those that work with `limit`.
 *
 * @param versions What a registry offers, in any order.
 */
export function latestVersion(versions: readonly FoundPackage[], limit: RustLimit | undefined): LatestVersion {
  const sorted = versions.toSorted(
    (a, b) => Number(a.version.pre === "") - Number(b.version.pre === "") || compareVersions(a.version, b.version),
  );
  const latest = sorted.at(-1);
  if (latest === undefined) return { kind: "none" };
  const compatible = sorted.findLast(({ rustVersion }) => limit === undefined || works(rustVersion, limit.version));
  if (compatible === undefined) return { kind: "none-compatible", latest };
  const isOlder = compareVersions(compatible.version, latest.version) < 0;
  return { kind: "found", package: isOlder ? compatible : latest, passedOver: isOlder ? latest : undefined };
}

function works(needed: string | undefined, available: string): boolean {
  const rust = parsePartialVersion(available);
  if (needed === undefined || rust === undefined) return true;
  const whole: Version = { major: rust.major, minor: rust.minor ?? 0, patch: rust.patch ?? 0, pre: "", build: "" };
  return matchesRequirement(parseRequirement(needed), whole);
}
