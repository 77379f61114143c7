import type { TomlTree, TomlTreeTable } from "../../toml/index.ts";
import { foldPath } from "../slash-path.ts";
import { inheritedDependencies, inheritedLints, inheritedPackage, readmeName } from "./inherit.ts";
import { packageShape } from "./manifest-shape.ts";
import { type ReadPackage, tableAt, tablesAt, textAt } from "./package-source.ts";
import { faultAt } from "./shape.ts";
import { AUTO_KEYS, type ListedTargetKind, libraryTarget, listedTargets, type TargetSearch } from "./targets.ts";

/** Keys of a manifest's top in the order in which cargo writes them. */
const TOP_ORDER = [
  "cargo-features",
  "package",
  "badges",
  "features",
  "lib",
  "bin",
  "example",
  "test",
  "bench",
  "dependencies",
  "dev-dependencies",
  "build-dependencies",
  "target",
  "lints",
  "hints",
  "workspace",
  "profile",
  "patch",
  "replace",
] as const;

/** A key of {@link NormalManifest}. */
export type TopKey = (typeof TOP_ORDER)[number];

/** A manifest in cargo's normal form: nothing is inherited or left to be found, old spellings of tables are gone. */
export type NormalManifest = ReadonlyMap<TopKey, TomlTree>;

/** Names of the kinds of targets that a manifest lists. */
export const LISTED_KINDS: readonly ListedTargetKind[] = ["bin", "example", "test", "bench"];

/**
 * Brings a manifest into cargo's normal form.
 *
 * @throws {ManifestError} `cargo/manifest-invalid`.
 */
export function normalManifest(read: ReadPackage): NormalManifest {
  const { tree } = read;
  const original = inheritedPackage(read);
  const keys: Partial<Record<TopKey, TomlTree | undefined>> = {
    ...kept(tree, ["cargo-features", "badges", "features", "hints", "workspace", "profile", "patch", "replace"]),
    package: settledPackage(read, original),
    ...targetsOf(read, original),
    ...dependencyTables(read, tree, []),
  };
  const platforms = tableAt(tree, "target");
  if (platforms !== undefined && platforms.size > 0) {
    keys.target = new Map(Array.from(platforms.keys(), (name) => [name, platformTables(read, platforms, name)]));
  }
  const lints = inheritedLints(read);
  if (lints !== undefined) keys.lints = lints;
  return inTopOrder(keys);
}

/** The keys that have a value, in cargo's order. */
export function inTopOrder(keys: Partial<Record<TopKey, TomlTree | undefined>>): NormalManifest {
  const result = new Map<TopKey, TomlTree>();
  for (const key of TOP_ORDER) {
    const value = keys[key];
    if (value !== undefined) result.set(key, value);
  }
  return result;
}

function kept(tree: TomlTreeTable, names: readonly TopKey[]): Partial<Record<TopKey, TomlTree>> {
  const result: Partial<Record<TopKey, TomlTree>> = {};
  for (const name of names) {
    const value = tree.get(name);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

function settledPackage(read: ReadPackage, original: TomlTreeTable): TomlTreeTable {
  const { folder } = read.source;
  const settled = new Map(original);
  settled.set("build", buildScript(original.get("build"), folder.kindOf("build.rs") === "file"));
  for (const key of Object.values(AUTO_KEYS)) settled.set(key, false);
  settled.set("readme", readmeName(original.get("readme"), folder, "") ?? false);
  return inPackageOrder(settled);
}

/** A package's keys in the order in which cargo writes them. */
export function inPackageOrder(table: TomlTreeTable): TomlTreeTable {
  const result = new Map<string, TomlTree>();
  for (const key of packageShape.keys.keys()) {
    const value = table.get(key);
    if (value !== undefined) result.set(key, value);
  }
  return result;
}

function buildScript(build: TomlTree | undefined, hasDefault: boolean): TomlTree {
  if (build === undefined) return hasDefault ? "build.rs" : false;
  if (build === true) return "build.rs";
  return typeof build === "string" ? foldPath(build) : build;
}

function targetsOf(read: ReadPackage, original: TomlTreeTable): Partial<Record<TopKey, TomlTree>> {
  const { source, tree } = read;
  const search: TargetSearch = {
    packageName: textAt(original, "name") ?? "",
    edition: textAt(original, "edition"),
    folder: source.folder,
    complain: (what) => faultAt({ document: source, path: ["package"] }, what),
  };
  const library = libraryTarget(tableAt(tree, "lib"), original.get("autolib"), search);
  const result: Partial<Record<TopKey, TomlTree>> = library === undefined ? {} : { lib: library };
  for (const kind of LISTED_KINDS) {
    const listed = listedTargets(
      {
        kind,
        own: tablesAt(tree, kind),
        auto: original.get(AUTO_KEYS[kind]),
        hasLibrary: library !== undefined,
      },
      search,
    );
    if (listed.length > 0) result[kind] = listed;
  }
  return result;
}

const KINDS = ["dependencies", "dev-dependencies", "build-dependencies"] as const;

type DependencyTables = Partial<Record<(typeof KINDS)[number], TomlTreeTable | undefined>>;

/** The tables of dependencies that stand in `table`; the old spelling counts where the new one is not there. */
function dependencyTables(read: ReadPackage, table: TomlTreeTable, path: readonly string[]): DependencyTables {
  const result: DependencyTables = {};
  for (const kind of KINDS) {
    const own = tableAt(table, kind) ?? tableAt(table, kind.replaceAll("-", "_"));
    if (own !== undefined) result[kind] = inheritedDependencies(read, own, [...path, kind]);
  }
  return result;
}

function platformTables(read: ReadPackage, platforms: TomlTreeTable, name: string): TomlTreeTable {
  const tables = dependencyTables(read, tableAt(platforms, name) ?? new Map(), ["target", name]);
  return platformInOrder(tables);
}

/** A platform's tables in the order in which cargo writes them, which is not that of the top. */
export function platformInOrder(tables: DependencyTables): TomlTreeTable {
  const result = new Map<string, TomlTree>();
  for (const kind of ["dependencies", "build-dependencies", "dev-dependencies"] as const) {
    const value = tables[kind];
    if (value !== undefined) result.set(kind, value);
  }
  return result;
}
