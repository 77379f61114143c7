import { parseVersion, VersionError } from "../semver/index.ts";
import { isTomlTable } from "../toml/index.ts";
import { booleanOf, fault, type ManifestTable, stringOf, stringsOf, tableOf, valueOf } from "./manifest-table.ts";
import { isRustVersion } from "./rust-version.ts";
import { joinPath } from "./slash-path.ts";

/** The fields of `[package]` that a workspace can state once, in `[workspace.package]`, for its members. */
export interface PackageFields {
  /** A semantic version; cargo takes a package without one for 0.0.0. */
  readonly version: string | undefined;
  readonly edition: string | undefined;
  /** One to three numbers, as written. */
  readonly rustVersion: string | undefined;
  readonly license: string | undefined;
  /** A path seen from the package's directory. */
  readonly licenseFile: string | undefined;
  readonly description: string | undefined;
  readonly repository: string | undefined;
  readonly homepage: string | undefined;
  readonly documentation: string | undefined;
  /** A path seen from the package's directory; `readme = true` means `README.md`, `readme = false` none. */
  readonly readme: string | undefined;
  readonly keywords: readonly string[];
  readonly categories: readonly string[];
}

/** `[workspace.package]`: like {@link PackageFields}, but a list that is not there is `undefined`, not empty. */
export interface PackageDefaults extends Omit<PackageFields, "keywords" | "categories"> {
  readonly keywords: readonly string[] | undefined;
  readonly categories: readonly string[] | undefined;
}

/** How the fields of a package are read. */
export interface PackageReading {
  /** `[workspace.package]` of the workspace the package is in, when it is known. */
  readonly defaults: PackageDefaults | undefined;
  /** How the workspace's directory is reached from the package's. */
  readonly rootFromPackage: string;
  /** Collects the keys that say `workspace = true` while `defaults` is not known. */
  readonly unresolved: string[];
}

/** Reads the fields of `[package]` that can come from a workspace. */
export function packageFieldsOf(table: ManifestTable, reading: PackageReading): PackageFields {
  const { defaults, rootFromPackage } = reading;
  const text = (key: string, shared: string | undefined): string | undefined =>
    isInherited(table, key) ? inherited(table, key, { reading, shared }) : stringOf(table, key);
  const list = (key: string, shared: readonly string[] | undefined): readonly string[] =>
    (isInherited(table, key) ? inherited(table, key, { reading, shared }) : stringsOf(table, key)) ?? [];
  const path = (key: string, shared: string | undefined): string | undefined =>
    text(key, shared === undefined ? undefined : joinPath(rootFromPackage, shared));
  return {
    version: checkedVersion(table, text("version", defaults?.version)),
    edition: text("edition", defaults?.edition),
    rustVersion: checkedRustVersion(table, text("rust-version", defaults?.rustVersion)),
    license: text("license", defaults?.license),
    licenseFile: path("license-file", defaults?.licenseFile),
    description: text("description", defaults?.description),
    repository: text("repository", defaults?.repository),
    homepage: text("homepage", defaults?.homepage),
    documentation: text("documentation", defaults?.documentation),
    readme: isInherited(table, "readme") ? path("readme", defaults?.readme) : readmeOf(table),
    keywords: list("keywords", defaults?.keywords),
    categories: list("categories", defaults?.categories),
  };
}

/** Reads `[workspace.package]` below `[workspace]`. */
export function packageDefaultsOf(workspace: ManifestTable): PackageDefaults {
  const table = tableOf(workspace, "package") ?? { ...workspace, path: [...workspace.path, "package"], values: {} };
  return {
    version: checkedVersion(table, stringOf(table, "version")),
    edition: stringOf(table, "edition"),
    rustVersion: checkedRustVersion(table, stringOf(table, "rust-version")),
    license: stringOf(table, "license"),
    licenseFile: stringOf(table, "license-file"),
    description: stringOf(table, "description"),
    repository: stringOf(table, "repository"),
    homepage: stringOf(table, "homepage"),
    documentation: stringOf(table, "documentation"),
    readme: readmeOf(table),
    keywords: stringsOf(table, "keywords"),
    categories: stringsOf(table, "categories"),
  };
}

function isInherited(table: ManifestTable, key: string): boolean {
  const value = valueOf(table, key);
  if (value === undefined || !isTomlTable(value)) return false;
  if (Object.hasOwn(value, "workspace") && value["workspace"] === true) return true;
  throw fault(table, key, `\`${key}\` is a table; only \`${key}.workspace = true\` is allowed`);
}

interface Inheritance<Value> {
  readonly reading: PackageReading;
  readonly shared: Value | undefined;
}

function inherited<Value>(table: ManifestTable, key: string, from: Inheritance<Value>): Value | undefined {
  if (from.reading.defaults === undefined) from.reading.unresolved.push(key);
  else if (from.shared === undefined && key !== "readme") {
    throw fault(table, key, `\`${key}\` is taken from the workspace, whose [workspace.package] does not have it`);
  }
  return from.shared;
}

function readmeOf(table: ManifestTable): string | undefined {
  const value = valueOf(table, "readme");
  if (value === undefined || typeof value === "string") return value;
  return booleanOf(table, "readme") === true ? "README.md" : undefined;
}

function checkedVersion(table: ManifestTable, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const version = text.trim();
  try {
    parseVersion(version);
    return version;
  } catch (error) {
    if (error instanceof VersionError) throw fault(table, "version", error.what);
    throw error;
  }
}

function checkedRustVersion(table: ManifestTable, text: string | undefined): string | undefined {
  if (text === undefined || isRustVersion(text)) return text;
  throw fault(table, "rust-version", `${JSON.stringify(text)} is not a Rust version such as 1.56`);
}
