import { HubError } from "../errors/index.ts";
import { parseRequirement, parseVersion, type Requirement, type Version, VersionError } from "../semver/index.ts";
import { type FeatureTable, featureTableProblem } from "./features.ts";
import { isPlatform } from "./platform.ts";
import { isPublicationTime } from "./publication-time.ts";
import { isRustVersion } from "./rust-version.ts";
import { isSha256, type Sha256 } from "./sha256.ts";

/** What can be wrong with a line of a registry index. */
export type IndexEntryErrorCode = "cargo/index-entry-invalid" | "cargo/index-schema-unknown";

/** A line of a registry index that can not be used. */
export class IndexEntryError extends HubError<IndexEntryErrorCode> {}

/** The newest schema (`v`) of index lines that is understood, as by cargo 1.95. */
export const NEWEST_INDEX_SCHEMA = 2;

/** Which build a dependency is for. */
export type DependencyKind = "normal" | "dev" | "build";

/** A dependency as an index line states it. */
export interface IndexDependency {
  /** The name in Cargo.toml, which features use; differs from `packageName` when the dependency is renamed. */
  readonly name: string;
  /** The package's name in its registry. */
  readonly packageName: string;
  readonly requirement: Requirement;
  /** The requirement as it is written. */
  readonly requirementText: string;
  /** Features asked for, without the empty ones that old lines contain. */
  readonly features: readonly string[];
  readonly optional: boolean;
  readonly defaultFeatures: boolean;
  /** A target triple or a `cfg(…)` expression; `undefined` for every platform. */
  readonly target: string | undefined;
  readonly kind: DependencyKind;
  /** Index URL of another registry; `undefined` for the registry the line is in. */
  readonly registry: string | undefined;
}

/** One version of one package, as a line of a registry index states it. */
export interface IndexEntry {
  /** In the package's own letter case. */
  readonly name: string;
  readonly version: Version;
  /** The version as it is written, which is the only way to write it. */
  readonly versionText: string;
  readonly checksum: Sha256;
  readonly yanked: boolean;
  /** In the order of the line. */
  readonly dependencies: readonly IndexDependency[];
  /** `features` and `features2` merged; without the implicit ones of optional dependencies. */
  readonly features: FeatureTable;
  readonly links: string | undefined;
  /** One to three numbers, as written. */
  readonly rustVersion: string | undefined;
  /** When the version was published, `2025-11-12T19:30:12Z`. */
  readonly pubtime: string | undefined;
  /** The line's `v`; 1 when it has none. */
  readonly schema: number;
}

/** What a line of a registry index is. Cargo offers only `entry` to its resolver. */
export type IndexLine =
  | { readonly kind: "entry"; readonly entry: IndexEntry }
  | { readonly kind: "unsupported-schema"; readonly v: number }
  | { readonly kind: "invalid"; readonly reason: string };

/**
 * Reads one line of a registry index file. Unknown keys are ignored: the format grows.
 *
 * The rules are cargo's, with one more: a `cksum` that is not a SHA-256 in lower-case hexadecimal makes the line
 * invalid here, where cargo finds out when it has downloaded the crate file.
 *
 * @param line One JSON object, without its newline.
 * @param at Where the line stands, for error messages: `libc:3`.
 * @throws {IndexEntryError} `cargo/index-entry-invalid`, naming the first thing that can not be used, or
 *   `cargo/index-schema-unknown` when the line's `v` is newer than {@link NEWEST_INDEX_SCHEMA}.
 * @see The Cargo Book, "Registry Index".
 */
export function parseIndexEntry(line: string, at: string): IndexEntry {
  const read = readIndexEntry(line);
  if (read.kind === "entry") return read.entry;
  throw read.kind === "unsupported-schema" ? schemaUnknown(read.v, at) : entryInvalid(read.reason, at);
}

function schemaUnknown(v: number, at: string): IndexEntryError {
  return new IndexEntryError({
    code: "cargo/index-schema-unknown",
    what: `the index line has schema ${v}, but ${NEWEST_INDEX_SCHEMA} is the newest one known`,
    where: at,
    help: "choose another version of the package in Cargo.lock, or use a newer cargo-hub",
  });
}

function entryInvalid(reason: string, at: string): IndexEntryError {
  return new IndexEntryError({
    code: "cargo/index-entry-invalid",
    what: `the index line is not usable: ${reason}`,
    where: at,
    help: "choose another version of the package, or tell the registry's operators about this line",
  });
}

/** Reads one line like {@link parseIndexEntry}, and tells what is wrong instead of throwing. */
export function readIndexEntry(line: string): IndexLine {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return { kind: "invalid", reason: "it is not JSON" };
  }
  if (!isObject(fields)) return { kind: "invalid", reason: "it is not a JSON object" };
  try {
    const head = headFrom(fields);
    const { v } = fields;
    if (isSchema(v) && v > NEWEST_INDEX_SCHEMA) return { kind: "unsupported-schema", v };
    return { kind: "entry", entry: entryFrom(fields, head) };
  } catch (error) {
    if (error instanceof BadLine) return { kind: "invalid", reason: error.message };
    throw error;
  }
}

/** Leaves the reading of one line; never leaves this file. */
class BadLine extends Error {}

/** What every schema has in common. */
interface LineHead {
  readonly name: string;
  readonly version: Version;
  readonly versionText: string;
}

function headFrom({ name, vers }: Record<string, unknown>): LineHead {
  if (typeof name !== "string" || name === "") throw expected("name", "a name");
  if (typeof vers !== "string") throw expected("vers", "a string");
  return { name, version: understood("vers", () => parseVersion(vers)), versionText: vers };
}

function entryFrom(fields: Record<string, unknown>, { name, version, versionText }: LineHead): IndexEntry {
  const { cksum, deps, v } = fields;
  if (!Array.isArray(deps)) throw expected("deps", "an array");
  if (!isSha256(cksum)) throw expected("cksum", "a SHA-256 in lower-case hexadecimal");
  if (v !== undefined && v !== null && !isSchema(v)) throw expected("v", "a whole number");
  const yanked = optionalBoolean(fields, "yanked") ?? false;
  const links = optionalString(fields, "links");
  const rustVersion = optionalString(fields, "rust_version");
  if (rustVersion !== undefined && !isRustVersion(rustVersion)) throw expected("rust_version", "a Rust version");
  const pubtime = optionalString(fields, "pubtime");
  if (pubtime !== undefined && !isPublicationTime(pubtime))
    throw expected("pubtime", "a time like 2025-11-12T19:30:12Z");
  const dependencies = deps.map((dependency) => dependencyFrom(dependency));
  const features = mergedFeatures(fields);
  const problem = featureTableProblem(features, dependencies);
  if (problem !== undefined) throw new BadLine(problem);
  return {
    name,
    version,
    versionText,
    checksum: cksum,
    yanked,
    dependencies,
    features,
    links,
    rustVersion,
    pubtime,
    schema: typeof v === "number" ? v : 1,
  };
}

function dependencyFrom(fields: unknown): IndexDependency {
  if (!isObject(fields)) throw expected("deps", "an array of objects");
  const { name, req } = fields;
  if (typeof name !== "string" || name === "") throw expected("name", "a name", "a dependency's");
  const whose = `dependency \`${name}\`:`;
  if (typeof req !== "string") throw expected("req", "a string", whose);
  const requirement = understood("req", () => parseRequirement(req), whose);
  const packageName = optionalString(fields, "package", whose) ?? name;
  if (packageName === "") throw expected("package", "a name", whose);
  const target = optionalString(fields, "target", whose);
  if (target !== undefined && !isPlatform(target)) throw expected("target", "a platform", whose);
  const registry = optionalString(fields, "registry", whose);
  if (registry !== undefined && !isRegistryUrl(registry)) throw expected("registry", "a URL", whose);
  const kind = kindFrom(optionalString(fields, "kind", whose));
  const optional = booleanOr(fields, "optional", false);
  if (optional && kind === "dev") throw new BadLine(`${whose} a dev-dependency can not be optional`);
  const defaultFeatures = booleanOr(fields, "default_features", true);
  const features = fields["features"] === undefined ? [] : stringsFrom(fields["features"], "features");
  return {
    name,
    packageName,
    requirement,
    requirementText: req,
    features: features.includes("") ? features.filter((feature) => feature !== "") : features,
    optional,
    defaultFeatures,
    target,
    kind,
    registry,
  };
}

/** Any other word means `normal`, as in cargo. */
function kindFrom(kind: string | undefined): DependencyKind {
  return kind === "dev" || kind === "build" ? kind : "normal";
}

function isRegistryUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return url.href.startsWith(`${url.protocol}/`);
  } catch {
    return false;
  }
}

function mergedFeatures(fields: Record<string, unknown>): FeatureTable {
  const merged = new Map<string, readonly string[]>();
  for (const key of ["features", "features2"]) {
    const table = fields[key];
    if (table === undefined || (table === null && key === "features2")) continue;
    if (!isObject(table)) throw expected(key, "an object");
    for (const [feature, values] of Object.entries(table)) {
      const added = stringsFrom(values, key);
      const present = merged.get(feature);
      merged.set(feature, present === undefined ? added : [...present, ...added]);
    }
  }
  return merged;
}

function understood<Value>(field: string, read: () => Value, whose = "its"): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof VersionError) throw new BadLine(`${whose} "${field}": ${error.what}`);
    throw error;
  }
}

function stringsFrom(values: unknown, field: string): readonly string[] {
  if (!Array.isArray(values) || !values.every((value) => typeof value === "string")) {
    throw expected(field, "made of arrays of strings");
  }
  return values;
}

function optionalString(fields: Record<string, unknown>, field: string, whose?: string): string | undefined {
  const value = fields[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw expected(field, "a string", whose);
  return value;
}

function optionalBoolean(fields: Record<string, unknown>, field: string): boolean | undefined {
  const value = fields[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw expected(field, "true or false");
  return value;
}

/** A boolean that may be missing but not `null`. */
function booleanOr(fields: Record<string, unknown>, field: string, fallback: boolean): boolean {
  const value = fields[field];
  if (value === undefined) return fallback;
  if (typeof value !== "boolean") throw expected(field, "true or false");
  return value;
}

function isSchema(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expected(field: string, what: string, whose = "its"): BadLine {
  return new BadLine(`${whose} "${field}" is not ${what}`);
}
