import { CRATES_IO, type GitReference, type SourceId, sameSource } from "../source-id.ts";
import { type CargoConfig, configPath, type Located } from "./cargo-config.ts";
import { ConfigError } from "./config-error.ts";
import { type ConfigOrigin, type ConfigTable, type ConfigValue, compareOrigins, formatOrigin } from "./config-value.ts";
import { wrongValue } from "./environment.ts";

/** Cargo's own name for the public registry. */
export const CRATES_IO_NAME = "crates-io";

/** Where a configured source's packages are. */
export interface SourceLocation {
  readonly kind: "registry" | "sparse" | "git" | "directory" | "local-registry";
  /** Absolute path, or URL without `sparse+`. */
  readonly location: string;
  /** The source as a lockfile would name it; undefined for directories, which lockfiles never name. */
  readonly source: SourceId | undefined;
  readonly definedIn: ConfigOrigin;
}

/** One `[source.NAME]`, merged. */
export interface ConfiguredSource {
  readonly name: string;
  /** Undefined for `[source.crates-io]` without a location of its own: the public registry. */
  readonly location: SourceLocation | undefined;
  readonly replaceWith: Located<string> | undefined;
}

/** The keys that give a location; exactly one must be there. */
const locationKeys = ["registry", "local-registry", "directory", "git"] as const;
const referenceKeys = ["branch", "tag", "rev"] as const;

/**
 * The `[source]` table.
 *
 * A variable named after a table as it is written (`CARGO_SOURCE_crates-io_REPLACE_WITH` for
 * `[source.crates-io]`) overrides a key of it; cargo does that too. No variable makes a table.
 *
 * @returns By name, in the order of the files. `crates-io` is there only when a file has it.
 * @throws {ConfigError} `cargo/config-source-location` for none or several locations, a bad URL, or a branch, tag or
 *   revision without `git`; `cargo/config-source-duplicate` for one location under two names; `cargo/config-value`.
 */
export function configuredSources(config: CargoConfig): ReadonlyMap<string, ConfiguredSource> {
  const sources = new Map<string, ConfiguredSource>();
  const table = config.root.value.get("source");
  if (table === undefined) return sources;
  if (table.kind !== "table") throw wrongType("source", "a table", table);
  for (const [name, value] of table.value) {
    if (value.kind !== "table") throw wrongType(`source.${name}`, "a table", value);
    const source = configuredSource(config, name, value);
    refuseDuplicate(source, sources);
    sources.set(name, source);
  }
  return sources;
}

function configuredSource(config: CargoConfig, name: string, table: ConfigTable): ConfiguredSource {
  const field = (key: string): Located<string> | undefined => fieldOf(config, { name, table, key });
  const locations = locationKeys.flatMap((key) => {
    const value = field(key);
    return value === undefined ? [] : [{ key, value }];
  });
  const reference = referenceKeys.flatMap((kind) => {
    const value = field(kind);
    return value === undefined ? [] : [{ kind, value }];
  })[0];
  const replaceWith = field("replace-with");
  const [first, second] = locations;
  if (second !== undefined) {
    const keys = locations.map(({ key }) => `\`${key}\``).join(" and ");
    throw badLocation(name, second.value.origin, `it has ${keys}, but may have only one location`);
  }
  if (reference !== undefined && first?.key !== "git") {
    throw badLocation(name, reference.value.origin, `it has \`${reference.kind}\`, which needs a \`git\` beside it`);
  }
  if (first === undefined && name === CRATES_IO_NAME) return { name, location: undefined, replaceWith };
  if (first === undefined) throw badLocation(name, table.origin, "it has no location");
  const { key, value } = first;
  if (key === "directory" || key === "local-registry") {
    const location = configPath(value.value, value.origin, config.cwd);
    return { name, location: { kind: key, location, source: undefined, definedIn: value.origin }, replaceWith };
  }
  const url = urlOf(name, value);
  const location = key === "git" ? gitLocation(url, reference, value.origin) : registryLocation(url, value.origin);
  return { name, location, replaceWith };
}

/** A registry's URL, with `sparse+` or without, as a place. */
export function registryLocation(url: string, definedIn: ConfigOrigin): SourceLocation {
  const kind = url.startsWith("sparse+") ? "sparse" : "registry";
  const location = kind === "sparse" ? url.slice("sparse+".length) : url;
  return { kind, location, source: { kind, url: location }, definedIn };
}

function gitLocation(
  url: string,
  reference: { kind: GitReference["kind"]; value: Located<string> } | undefined,
  definedIn: ConfigOrigin,
): SourceLocation {
  const source: SourceId =
    reference === undefined
      ? { kind: "git", url }
      : { kind: "git", url, reference: { kind: reference.kind, value: reference.value.value } };
  return { kind: "git", location: url, source, definedIn };
}

function fieldOf(
  config: CargoConfig,
  { name, table, key }: { name: string; table: ConfigTable; key: string },
): Located<string> | undefined {
  const value = table.value.get(key);
  const variable = `CARGO_SOURCE_${name}_${key.replaceAll("-", "_").toUpperCase()}`;
  const text = config.env[variable];
  if (value !== undefined && value.kind !== "string") throw wrongType(`source.${name}.${key}`, "a string", value);
  const origin: ConfigOrigin = { kind: "environment", name: variable };
  if (text === undefined || (value !== undefined && compareOrigins(origin, value.origin) < 0)) return value;
  return { value: text, origin };
}

function urlOf(name: string, { value, origin }: Located<string>): string {
  try {
    return new URL(value).href;
  } catch {
    throw badLocation(name, origin, `\`${value}\` is not an absolute URL`);
  }
}

/** Two names for one place: cargo could not tell which name a lockfile's source has. */
function refuseDuplicate(source: ConfiguredSource, others: ReadonlyMap<string, ConfiguredSource>): void {
  const { name, location } = source;
  if (location === undefined) return;
  const twin = [...others.values()].find((other) => samePlace(other.location, location));
  const isPublic = location.source !== undefined && sameSource(location.source, CRATES_IO);
  const owner = twin?.name ?? (isPublic && name !== CRATES_IO_NAME ? CRATES_IO_NAME : undefined);
  if (owner !== undefined) throw duplicateSource(name, owner, location);
}

/** True when both are one place to cargo. */
export function samePlace(left: SourceLocation | undefined, right: SourceLocation): boolean {
  if (left === undefined || left.kind !== right.kind) return false;
  if (left.source === undefined || right.source === undefined) return left.location === right.location;
  return sameSource(left.source, right.source);
}

/** The error for two names with one location. */
export function duplicateSource(name: string, owner: string, location: SourceLocation): ConfigError {
  return new ConfigError({
    code: "cargo/config-source-duplicate",
    what: `\`[source.${name}]\` has the location ${location.location}, which \`[source.${owner}]\` has already`,
    where: formatOrigin(location.definedIn),
    help: `remove one of the two, and let \`replace-with\` name the other`,
  });
}

function badLocation(name: string, origin: ConfigOrigin, what: string): ConfigError {
  return new ConfigError({
    code: "cargo/config-source-location",
    what: `\`[source.${name}]\` can not be used: ${what}`,
    where: formatOrigin(origin),
    help: "give it exactly one of `registry`, `local-registry`, `directory` and `git`",
  });
}

function wrongType(key: string, expected: string, found: ConfigValue): ConfigError {
  return wrongValue(key, expected, { found: `of type ${found.kind}`, where: formatOrigin(found.origin) });
}
