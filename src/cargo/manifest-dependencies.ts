import { parseRequirement, type Requirement, VersionError } from "../semver/index.ts";
import { isTomlTable, type TomlValue } from "../toml/index.ts";
import type { DependencyKind } from "./index-entry.ts";
import {
  booleanOf,
  fault,
  isNewEdition,
  type ManifestTable,
  spelling,
  stringOf,
  stringsOf,
  tableOf,
  valueOf,
} from "./manifest-table.ts";
import { isPackageName } from "./names.ts";
import { isPlatform } from "./platform.ts";
import { joinPath } from "./slash-path.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** Which commit of a git repository; without one the default branch's head. */
export interface GitRevision {
  readonly kind: "branch" | "tag" | "rev";
  readonly value: string;
}

/** Where a manifest says that a dependency comes from. */
export type DependencySource =
  | { readonly kind: "crates-io" }
  /** A name in Cargo's `[registries]` configuration. */
  | { readonly kind: "registry"; readonly name: string }
  /** An index URL, as published manifests have it in place of a registry's name. */
  | { readonly kind: "registry-index"; readonly url: string }
  | { readonly kind: "git"; readonly url: string; readonly revision: GitRevision | undefined }
  /** A directory, seen from the package's own; not folded when the package itself wrote it. */
  | { readonly kind: "path"; readonly path: string }
  /** `workspace = true`, and the workspace was not given: source, requirement and package are not known. */
  | { readonly kind: "workspace" };

/** A dependency as a manifest states it. */
export interface ManifestDependency {
  /** The key in the table; features use it. */
  readonly name: string;
  /** The package's own name; differs from `name` when the dependency is renamed with `package = "…"`. */
  readonly packageName: string;
  readonly kind: DependencyKind;
  /** A target triple or a `cfg(…)` expression; `undefined` for every platform. */
  readonly target: string | undefined;
  /** `undefined` when no version is written, which any version fulfils. */
  readonly requirement: Requirement | undefined;
  readonly requirementText: string | undefined;
  readonly features: readonly string[];
  readonly optional: boolean;
  readonly defaultFeatures: boolean;
  readonly source: DependencySource;
}

/** A dependency's keys as they are written, before a workspace's and a member's are put together. */
export interface DependencyDetail {
  readonly version: string | undefined;
  readonly packageName: string | undefined;
  readonly features: readonly string[];
  readonly optional: boolean;
  readonly defaultFeatures: boolean | undefined;
  readonly source: DependencySource;
}

/** What the dependencies of one manifest are read with. */
export interface DependencyReading {
  readonly edition: string | undefined;
  /** `[workspace.dependencies]` of the workspace, when it is known. */
  readonly workspaceDependencies: ReadonlyMap<string, DependencyDetail> | undefined;
  /** How the workspace's directory is reached from the package's. */
  readonly rootFromPackage: string;
}

const REVISION_KINDS: readonly GitRevision["kind"][] = ["branch", "tag", "rev"];

interface DependencyPlace {
  readonly kind: DependencyKind;
  readonly target: string | undefined;
}

const EVERYWHERE: DependencyPlace = { kind: "normal", target: undefined };

/**
 * All dependencies in the order in which cargo resolves them: normal, dev, build; then by platform: normal, build, dev.
 * Inside a table, and among platforms, by the bytes of the key.
 */
export function dependenciesOf(manifest: ManifestTable, reading: DependencyReading): ManifestDependency[] {
  const { edition } = reading;
  const found: ManifestDependency[] = [];
  const add = (table: ManifestTable, key: string, place: DependencyPlace): void => {
    const dependencies = tableOf(table, key === "dependencies" ? key : spelling(table, key, edition));
    if (dependencies !== undefined) found.push(...readTable(dependencies, place, reading));
  };
  add(manifest, "dependencies", EVERYWHERE);
  add(manifest, "dev-dependencies", { kind: "dev", target: undefined });
  add(manifest, "build-dependencies", { kind: "build", target: undefined });
  const platforms = tableOf(manifest, "target");
  if (platforms === undefined) return found;
  for (const target of sortedKeys(platforms)) {
    if (!isPlatform(target)) throw fault(platforms, target, `\`${target}\` is neither a target nor a cfg expression`);
    const platform = tableOf(platforms, target);
    if (platform === undefined) continue;
    add(platform, "dependencies", { kind: "normal", target });
    add(platform, "build-dependencies", { kind: "build", target });
    add(platform, "dev-dependencies", { kind: "dev", target });
  }
  return found;
}

/** `[workspace.dependencies]` of a workspace's root, which its members may refer to. */
export function workspaceDependenciesOf(workspace: ManifestTable): ReadonlyMap<string, DependencyDetail> {
  const details = new Map<string, DependencyDetail>();
  const dependencies = tableOf(workspace, "dependencies");
  if (dependencies === undefined) return details;
  for (const name of sortedKeys(dependencies)) {
    const detail = detailOf(dependencies, name, undefined);
    if (detail.optional) throw fault(dependencies, name, `\`${name}\` is optional, which only members can decide`);
    details.set(name, detail);
  }
  return details;
}

/** One entry of `[patch]` or `[replace]`, which are written like normal dependencies. `name` is its package. */
export function overrideOf(table: ManifestTable, key: string, name: string): ManifestDependency {
  const detail = detailOf(table, key, undefined);
  return dependencyFrom(detail, { table, key, name, place: EVERYWHERE });
}

/** A table's keys by the bytes of their UTF-8 form. */
export function sortedKeys(table: ManifestTable): string[] {
  return Object.keys(table.values).sort(compareUtf8);
}

function readTable(
  table: ManifestTable,
  place: DependencyPlace,
  reading: DependencyReading,
): readonly ManifestDependency[] {
  return sortedKeys(table).map((name) => {
    const member = valueOf(table, name);
    const detail =
      member !== undefined && isTomlTable(member) && Object.hasOwn(member, "workspace")
        ? inheritedDetail(table, name, reading)
        : detailOf(table, name, reading.edition);
    return dependencyFrom(detail, { table, key: name, name, place });
  });
}

interface DependencySpot {
  readonly table: ManifestTable;
  readonly key: string;
  readonly name: string;
  readonly place: DependencyPlace;
}

function dependencyFrom(detail: DependencyDetail, { table, key, name, place }: DependencySpot): ManifestDependency {
  if (!isPackageName(name)) throw fault(table, key, `\`${name}\` is not a package name`);
  if (detail.optional && place.kind === "dev") throw fault(table, key, `dev-dependency \`${name}\` is optional`);
  if (detail.version === undefined && needsVersion(detail.source)) {
    throw fault(table, key, `dependency \`${name}\` has no version, path, git or workspace`);
  }
  for (const feature of detail.features) {
    if (feature.includes("/") || feature.startsWith("dep:")) {
      throw fault(table, key, `feature \`${feature}\` of dependency \`${name}\` is not a feature name`);
    }
  }
  return {
    name,
    packageName: detail.packageName ?? name,
    kind: place.kind,
    target: place.target,
    requirement: detail.version === undefined ? undefined : requirementOf(detail.version, table, key),
    requirementText: detail.version,
    features: detail.features,
    optional: detail.optional,
    defaultFeatures: detail.defaultFeatures ?? true,
    source: detail.source,
  };
}

function needsVersion(source: DependencySource): boolean {
  return source.kind === "crates-io" || source.kind === "registry" || source.kind === "registry-index";
}

function requirementOf(text: string, table: ManifestTable, key: string): Requirement {
  try {
    return parseRequirement(text);
  } catch (error) {
    if (error instanceof VersionError) throw fault(table, key, `dependency \`${key}\`: ${error.what}`);
    throw error;
  }
}

/** A member's `{ workspace = true, … }` put onto what the workspace says; features add up, `optional` is the member's. */
function inheritedDetail(table: ManifestTable, name: string, reading: DependencyReading): DependencyDetail {
  const member = tableOf(table, name);
  if (member === undefined || booleanOf(member, "workspace") !== true) {
    throw fault(table, name, `\`workspace\` of dependency \`${name}\` can only be true`);
  }
  const optional = booleanOf(member, "optional") ?? false;
  const features = stringsOf(member, "features") ?? [];
  const defaultFeatures = booleanOf(member, spelling(member, "default-features", undefined));
  if (reading.workspaceDependencies === undefined) {
    const source: DependencySource = { kind: "workspace" };
    return { version: undefined, packageName: undefined, features, optional, defaultFeatures, source };
  }
  const shared = reading.workspaceDependencies.get(name);
  if (shared === undefined) throw fault(table, name, `\`${name}\` is not in the workspace's [workspace.dependencies]`);
  if (defaultFeatures === false && shared.defaultFeatures !== false && isNewEdition(reading.edition)) {
    throw fault(
      member,
      "default-features",
      `\`default-features = false\` can not override the workspace's \`${name}\``,
    );
  }
  return {
    ...shared,
    features: [...shared.features, ...features],
    optional,
    defaultFeatures: shared.defaultFeatures === false && defaultFeatures === true ? true : shared.defaultFeatures,
    source: rebased(shared.source, reading.rootFromPackage),
  };
}

function rebased(source: DependencySource, rootFromPackage: string): DependencySource {
  if (source.kind !== "path") return source;
  return { kind: "path", path: joinPath(rootFromPackage, source.path) };
}

function detailOf(table: ManifestTable, name: string, edition: string | undefined): DependencyDetail {
  const value: TomlValue | undefined = valueOf(table, name);
  if (typeof value === "string") {
    const source: DependencySource = { kind: "crates-io" };
    return {
      version: value,
      packageName: undefined,
      features: [],
      optional: false,
      defaultFeatures: undefined,
      source,
    };
  }
  if (value === undefined || !isTomlTable(value)) {
    throw fault(table, name, `dependency \`${name}\` is neither a version requirement nor a table`);
  }
  const fields: ManifestTable = { document: table.document, path: [...table.path, name], values: value };
  const packageName = stringOf(fields, "package");
  if (packageName !== undefined && !isPackageName(packageName)) {
    throw fault(fields, "package", `\`${packageName}\` is not a package name`);
  }
  return {
    version: stringOf(fields, "version"),
    packageName,
    features: stringsOf(fields, "features") ?? [],
    optional: booleanOf(fields, "optional") ?? false,
    defaultFeatures: booleanOf(fields, spelling(fields, "default-features", edition)),
    source: sourceOf(fields, name),
  };
}

function sourceOf(fields: ManifestTable, name: string): DependencySource {
  const [git, path] = [stringOf(fields, "git"), stringOf(fields, "path")];
  const [registry, index] = [stringOf(fields, "registry"), stringOf(fields, "registry-index")];
  const whose = `dependency \`${name}\``;
  if (valueOf(fields, "base") !== undefined) throw fault(fields, "base", `${whose} has a path base, which is unstable`);
  if (git !== undefined) {
    if (path !== undefined) throw fault(fields, "git", `${whose} has both git and path`);
    if (registry !== undefined || index !== undefined) throw fault(fields, "git", `${whose} has both git and registry`);
    return { kind: "git", url: git, revision: revisionOf(fields, whose) };
  }
  for (const key of REVISION_KINDS) {
    if (stringOf(fields, key) !== undefined) throw fault(fields, key, `${whose} has a ${key} but no git`);
  }
  if (registry !== undefined && index !== undefined) {
    throw fault(fields, "registry", `${whose} has both registry and registry-index`);
  }
  if (path !== undefined) return { kind: "path", path };
  if (registry !== undefined) return { kind: "registry", name: registry };
  return index === undefined ? { kind: "crates-io" } : { kind: "registry-index", url: index };
}

function revisionOf(fields: ManifestTable, whose: string): GitRevision | undefined {
  let revision: GitRevision | undefined;
  for (const kind of REVISION_KINDS) {
    const value = stringOf(fields, kind);
    if (value === undefined) continue;
    if (revision !== undefined) throw fault(fields, kind, `${whose} has both ${revision.kind} and ${kind}`);
    revision = { kind, value };
  }
  return revision;
}
