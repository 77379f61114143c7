import { compareVersions } from "../../semver/index.ts";
import type { FeatureTable } from "../features.ts";
import { compareUtf8 } from "../utf8-order.ts";
import type { DependencyEntry } from "./dependency-entry.ts";
import { ManifestEditError } from "./edit-error.ts";
import { featureValue } from "./feature-references.ts";
import type { FoundPackage } from "./found-package.ts";
import { similarName } from "./similar-name.ts";

/**
 * The version whose features may be asked for: the least one that a requirement allows, so that they exist whatever is
 * locked; a pre-release only when there is no other.
 */
export function leastVersion(versions: readonly FoundPackage[]): FoundPackage | undefined {
  let least: FoundPackage | undefined;
  for (const found of versions) {
    if (least === undefined || orderForFeatures(found, least) < 0) least = found;
  }
  return least;
}

function orderForFeatures({ version: a }: FoundPackage, { version: b }: FoundPackage): number {
  return Number(a.pre !== "") - Number(b.pre !== "") || compareVersions(a, b);
}

/** Which features of a package an entry switches on. */
export interface FeatureSelection {
  /** In byte order, without `default`; also those that the package does not have. */
  readonly activated: readonly string[];
  /** The others, in byte order. */
  readonly deactivated: readonly string[];
}

/** What an entry and what it inherits ask for, followed through the package's features; not through its dependencies. */
export function selectFeatures(
  { features, defaultFeatures }: DependencyEntry,
  inherited: readonly string[],
  available: FeatureTable,
): FeatureSelection {
  const activated = new Set([...(features ?? []), ...((defaultFeatures ?? true) ? ["default"] : []), ...inherited]);
  // A set that grows while it is walked is walked to its end.
  for (const feature of activated) {
    for (const value of available.get(feature) ?? []) {
      if (featureValue(value).kind === "feature") activated.add(value);
    }
  }
  activated.delete("default");
  const deactivated = [...available.keys()].filter((feature) => feature !== "default" && !activated.has(feature));
  return { activated: [...activated].sort(compareUtf8), deactivated: deactivated.sort(compareUtf8) };
}

/** More features than these are counted and not listed. */
export const MOST_LISTED_FEATURES = 30;

/** @throws {ManifestEditError} `cargo/no-such-feature` when an entry asks for features that the package does not have. */
export function refuseUnknownFeatures(
  entry: DependencyEntry,
  inherited: readonly string[],
  available: FeatureTable,
): void {
  const asked = new Set([...(entry.features ?? []), ...inherited]);
  const unknown = [...asked].filter((feature) => !available.has(feature)).sort(compareUtf8);
  if (unknown.length === 0) return;
  const { activated, deactivated } = selectFeatures(entry, inherited, available);
  const enabled = activated.filter((feature) => !unknown.includes(feature));
  const similar = unknown.flatMap((feature) => similarName(feature, [...deactivated, ...enabled]) ?? []);
  const unrecognized = `unrecognized feature${unknown.length === 1 ? "" : "s"} for crate ${entry.name}: ${unknown.join(", ")}`;
  throw new ManifestEditError({
    code: "cargo/no-such-feature",
    what: similar.length > 0 ? unrecognized : `${unrecognized}${knownFeatures(entry, enabled, deactivated)}`,
    help:
      similar.length > 0
        ? similar.map((name) => `a feature with a similar name exists: \`${name}\``).join("\nhelp: ")
        : "ask for features that the crate has",
  });
}

function knownFeatures({ name }: DependencyEntry, enabled: readonly string[], disabled: readonly string[]): string {
  const all = enabled.length + disabled.length;
  if (all === 0) return `\n\nno features available for crate ${name}`;
  const first = disabled.length === 0 ? "" : listed("disabled", disabled, disabled.length);
  return enabled.length === 0 ? first : first + listed("enabled", enabled, all);
}

function listed(state: string, features: readonly string[], shown: number): string {
  if (shown > MOST_LISTED_FEATURES) return `\n\n${features.length} ${state} features available`;
  return `\n\n${state} features:\n    ${inLines(features).join("\n    ")}`;
}

/** Names joined by commas, in lines of less than 80 characters. */
export function inLines(names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < 78) lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(name);
  }
  return lines;
}
