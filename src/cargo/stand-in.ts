import { tomlKey, tomlString } from "../toml/index.ts";
import type { IndexDependency, IndexEntry } from "./index-entry.ts";
import { CRATES_IO, isCratesIo, type SourceId } from "./source-id.ts";

/** A file of a package, as text. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** What a stand-in is made for. */
export interface StandIn {
  readonly entry: IndexEntry;
  /** The registry that the entry is in. */
  readonly source: SourceId;
  /** What whoever tries to compile it is told. */
  readonly message: string;
  /** The lowest cargo that must be able to load it, as `1.70`; undefined: any known. */
  readonly rustVersion: string | undefined;
}

/**
 * A package that stands in a directory source for one that cargo could not load: it can be resolved, but not compiled.
 *
 * Its manifest says what the index line says of dependencies and features, in words that the oldest cargo knows. Features that such a
 * cargo has no words for (`dep:`, `crate?/feature` before 1.60) are left empty.
 */
export function standInFiles(standIn: StandIn): TextFile[] {
  const { links } = standIn.entry;
  const failure = `compile_error!(${rustString(standIn.message)});\n`;
  const library = { path: "src/lib.rs", text: failure };
  const script = { path: "build.rs", text: `${failure}fn main() {}\n` };
  return [{ path: "Cargo.toml", text: manifestText(standIn) }, ...(links === undefined ? [] : [script]), library];
}

/** A Rust string literal; escapes are those that Rust has as well. */
function rustString(text: string): string {
  const plain = Array.from(text, (character) => (character < " " || character === "\u007f" ? " " : character)).join("");
  return `"${plain.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function manifestText({ entry, source, rustVersion }: StandIn): string {
  const { name, versionText, links } = entry;
  const link = links === undefined ? "" : `links = ${tomlString(links)}\nbuild = "build.rs"\n`;
  let text =
    "# Written by cargo-hub: stands in for a package that cargo could not load.\n" +
    `[package]\nname = ${tomlString(name)}\nversion = ${tomlString(versionText)}\nauthors = []\n${link}` +
    `\n[lib]\npath = "src/lib.rs"\n\n[features]\n${featureLines(entry, rustVersion)}`;
  for (const dependency of entry.dependencies)
    if (dependency.kind !== "dev") text += dependencyTable(dependency, source);
  return text;
}

function featureLines({ features }: IndexEntry, rustVersion: string | undefined): string {
  const minor = rustVersion === undefined ? Number.POSITIVE_INFINITY : Number(/^1\.(\d+)/.exec(rustVersion)?.[1] ?? 0);
  const isKnown = (value: string): boolean => minor >= 60 || !/^dep:|\?\//.test(value);
  return [...features]
    .map(([feature, values]) => `${tomlKey(feature)} = [${values.filter(isKnown).map(tomlString).join(", ")}]\n`)
    .join("");
}

function dependencyTable(dependency: IndexDependency, source: SourceId): string {
  const { name, packageName, requirementText, optional, defaultFeatures, features, target, kind } = dependency;
  const table = kind === "build" ? "build-dependencies" : "dependencies";
  const platform = target === undefined ? "" : `target.${tomlKey(target)}.`;
  const registry = registryOf(dependency, source);
  return (
    `\n[${platform}${table}.${tomlKey(name)}]\nversion = ${tomlString(requirementText)}\n` +
    (packageName === name ? "" : `package = ${tomlString(packageName)}\n`) +
    (registry === undefined ? "" : `registry-index = ${tomlString(registry)}\n`) +
    (optional ? "optional = true\n" : "") +
    (defaultFeatures ? "" : "default-features = false\n") +
    (features.length === 0 ? "" : `features = [${features.map(tomlString).join(", ")}]\n`)
  );
}

/** In a manifest no registry means the public one, in an index line the line's own. */
function registryOf({ registry }: IndexDependency, source: SourceId): string | undefined {
  const url = registry ?? (source.kind === "sparse" ? `sparse+${source.url}` : source.url);
  if (registry === undefined && isCratesIo(source)) return undefined;
  return url === CRATES_IO.url ? undefined : url;
}
