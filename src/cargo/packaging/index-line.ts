import { formatRequirement, type Requirement } from "../../semver/index.ts";
import type { FeatureTable } from "../features.ts";
import { parseManifest } from "../manifest.ts";
import type { ManifestDependency } from "../manifest-dependencies.ts";
import type { ManifestFacts } from "../manifest-facts.ts";
import type { Sha256 } from "../sha256.ts";
import { CRATES_IO, parseSourceId, type SourceId, sameSource } from "../source-id.ts";
import { compareUtf8 } from "../utf8-order.ts";
import { faultAt } from "./shape.ts";

/** What an index line says that a manifest does not. */
export interface IndexLineParts {
  /** SHA-256 of the crate file. */
  readonly checksum: Sha256;
  /** The registry whose index the line is for. */
  readonly registry: SourceId;
}

interface Place extends IndexLineParts {
  readonly text: string;
  readonly at: string;
}

/**
 * The index line of a packed crate: what a registry makes of what `cargo publish` sends, with crates.io's keys in
 * crates.io's order. Not yanked, and without a publication time.
 *
 * @param text The crate's Cargo.toml.
 * @param at Where it stands, for error messages: a path.
 * @returns One JSON object, without a newline.
 * @throws {ManifestError} `cargo/manifest-invalid`, also for a dependency that no index line can state: without a version, or
 *   in a registry of which only the name is known.
 * @throws {TomlError} `toml/syntax`.
 * @see The Cargo Book, "Registry Index" and "Publish".
 */
export function indexLineOf(text: string, at: string, parts: IndexLineParts): string {
  const facts = parseManifest(text, at);
  const place: Place = { ...parts, text, at };
  if (facts.name === undefined) throw faultAt({ document: place, path: ["workspace"] }, "the manifest has no package");
  const { old, newer } = splitFeatures(facts.features);
  const line: Record<string, unknown> = {
    name: facts.name,
    vers: facts.version ?? "0.0.0",
    deps: facts.dependencies.flatMap((dependency) => dependencyOf(dependency, place)),
    cksum: parts.checksum,
    features: old,
  };
  if (newer !== undefined) line["features2"] = newer;
  line["yanked"] = false;
  addKnown(line, facts);
  if (newer !== undefined) line["v"] = 2;
  return JSON.stringify(line);
}

function addKnown(line: Record<string, unknown>, { links, rustVersion }: ManifestFacts): void {
  if (links !== undefined) line["links"] = links;
  if (rustVersion !== undefined) line["rust_version"] = rustVersion;
}

/** Features that cargo before 1.60 can not read stand apart, where it does not look. */
function splitFeatures(features: FeatureTable): { old: object; newer: object | undefined } {
  const names = [...features.keys()].sort(compareUtf8);
  const entries = names.map((name) => [name, features.get(name) ?? []] as const);
  const newer = entries.filter(([, values]) => values.some(isNewer));
  const old = entries.filter(([, values]) => !values.some(isNewer));
  return { old: Object.fromEntries(old), newer: newer.length === 0 ? undefined : Object.fromEntries(newer) };
}

function isNewer(value: string): boolean {
  return value.startsWith("dep:") || value.includes("?/");
}

function dependencyOf(dependency: ManifestDependency, place: Place): readonly object[] {
  const { name, packageName, requirement, features, optional, defaultFeatures, target, kind } = dependency;
  if (requirement === undefined && kind === "dev") return [];
  const registry = registryOf(dependency, place);
  return [
    {
      name,
      req: formatRequirement(stated(requirement, dependency, place)),
      features,
      optional,
      default_features: defaultFeatures,
      target: target ?? null,
      kind,
      ...(registry === undefined ? {} : { registry }),
      ...(packageName === name ? {} : { package: packageName }),
    },
  ];
}

function stated(requirement: Requirement | undefined, dependency: ManifestDependency, place: Place): Requirement {
  if (requirement !== undefined) return requirement;
  throw dependencyFault(dependency, place, "has no version");
}

/** The index URL of a dependency's registry; `undefined` when it is the crate's own. */
function registryOf(dependency: ManifestDependency, place: Place): string | undefined {
  const { source } = dependency;
  if (source.kind === "registry" || source.kind === "workspace") {
    throw dependencyFault(dependency, place, "does not say where its registry is");
  }
  const id =
    source.kind === "registry-index"
      ? parseSourceId(source.url.startsWith("sparse+") ? source.url : `registry+${source.url}`, place.at)
      : CRATES_IO;
  if (sameSource(id, place.registry)) return undefined;
  return id.kind === "sparse" ? `sparse+${id.url}` : id.url;
}

function dependencyFault({ name, kind, target }: ManifestDependency, { text, at }: Place, what: string): Error {
  const table = kind === "normal" ? "dependencies" : `${kind}-dependencies`;
  const path = target === undefined ? [table, name] : ["target", target, table, name];
  return faultAt({ document: { text, at }, path }, `dependency \`${name}\` ${what}, which an index line needs`);
}
