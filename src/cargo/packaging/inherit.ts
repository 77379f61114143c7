import { isTomlTreeTable, type TomlTree, type TomlTreeTable } from "../../toml/index.ts";
import { foldPath, joinPath, relativeDirectory } from "../slash-path.ts";
import type { PackageFolder } from "./folder.ts";
import { packageShape } from "./manifest-shape.ts";
import { type ReadPackage, tableAt, textAt, textsAt } from "./package-source.ts";
import { faultAt } from "./shape.ts";

/** The names cargo tries, in this order, when a manifest says nothing about a readme. */
const README_NAMES = ["README.md", "README.txt", "README"];

/** `[package]` with everything from the workspace filled in; build script, readme and `auto…` are settled elsewhere. */
export function inheritedPackage(read: ReadPackage): ReadonlyMap<string, TomlTree> {
  const own = tableAt(read.tree, "package") ?? tableAt(read.tree, "project") ?? new Map<string, TomlTree>();
  const shared = tableAt(read.workspace, "package");
  const fields = new Map<string, TomlTree>();
  for (const key of packageShape.keys.keys()) {
    const value = own.get(key);
    if (value === undefined) continue;
    const isInherited = key !== "metadata" && isTomlTreeTable(value);
    const field = isInherited ? sharedField(read, key, shared?.get(key)) : value;
    if (field === undefined) throw missing(read, ["package", key], `\`${key}\` is not in [workspace.package]`);
    fields.set(key, field);
  }
  return fields;
}

function sharedField(read: ReadPackage, key: string, value: TomlTree | undefined): TomlTree | undefined {
  if (key === "license-file") return typeof value === "string" ? fromPackage(read, value) : undefined;
  if (key !== "readme") return value;
  const root = relativeDirectory(read.source.directory, read.rootDirectory);
  const readme = readmeName(value, read.source.folder, root);
  return readme === undefined ? undefined : fromPackage(read, readme);
}

/**
 * The readme that a `readme` key, or its absence, means.
 *
 * @param directory Where readmes are looked for, seen from the package.
 */
export function readmeName(value: TomlTree | undefined, folder: PackageFolder, directory: string): string | undefined {
  if (typeof value === "string") return value;
  if (value === true) return "README.md";
  if (value === false) return undefined;
  return README_NAMES.find((name) => folder.kindOf(joinPath(directory, name)) === "file");
}

/** A path of the workspace's manifest, seen from the package. */
function fromPackage({ source, rootDirectory }: ReadPackage, path: string): string {
  return relativeDirectory(source.directory, joinPath(rootDirectory, path));
}

/**
 * A table of dependencies with those from the workspace filled in and `default_features` left as it is written.
 *
 * @param path Where the table stands, for error messages.
 */
export function inheritedDependencies(
  read: ReadPackage,
  table: TomlTreeTable,
  path: readonly string[],
): ReadonlyMap<string, TomlTree> {
  const result = new Map<string, TomlTree>();
  for (const [name, dependency] of table) {
    if (!isTomlTreeTable(dependency) || dependency.get("workspace") !== true) {
      result.set(name, isTomlTreeTable(dependency) ? withoutPublic(dependency) : dependency);
      continue;
    }
    const shared = tableAt(read.workspace, "dependencies")?.get(name);
    if (shared === undefined) throw missing(read, [...path, name], `\`${name}\` is not in [workspace.dependencies]`);
    result.set(name, merged(read, dependency, typeof shared === "string" ? new Map([["version", shared]]) : shared));
  }
  return result;
}

/** Stable cargo ignores `public`, with a warning. */
function withoutPublic(dependency: TomlTreeTable): TomlTreeTable {
  return new Map([...dependency].filter(([key]) => key !== "public" && key !== "workspace"));
}

function merged(read: ReadPackage, member: TomlTreeTable, shared: TomlTree): TomlTreeTable {
  const base = isTomlTreeTable(shared) ? shared : new Map<string, TomlTree>();
  const path = textAt(base, "path");
  const features = [textsAt(base, "features"), textsAt(member, "features")];
  const changed = new Map<string, TomlTree | undefined>([
    ...base,
    ["path", path === undefined ? undefined : fromPackage(read, path)],
    ["features", features.every((list) => list === undefined) ? undefined : features.flatMap((list) => list ?? [])],
    ["optional", member.get("optional")],
  ]);
  const isOff = (base.get("default-features") ?? base.get("default_features")) === false;
  const isOn = (member.get("default-features") ?? member.get("default_features")) === true;
  if (isOff && isOn) changed.set("default-features", true);
  return inOrder(changed);
}

const DEPENDENCY_ORDER = [
  "version",
  "registry",
  "registry-index",
  "path",
  "git",
  "branch",
  "tag",
  "rev",
  "features",
  "optional",
  "default-features",
  "default_features",
  "package",
  "artifact",
  "lib",
  "target",
];

/** A dependency's keys in the order in which cargo writes them. */
export function inOrder(keys: ReadonlyMap<string, TomlTree | undefined>): TomlTreeTable {
  const result = new Map<string, TomlTree>();
  for (const key of DEPENDENCY_ORDER) {
    const value = keys.get(key);
    if (value !== undefined) result.set(key, value);
  }
  return result;
}

/** `[lints]`, the workspace's when it says so; `undefined` when there is none. */
export function inheritedLints(read: ReadPackage): TomlTreeTable | undefined {
  const lints = tableAt(read.tree, "lints");
  if (lints === undefined) return undefined;
  const own = new Map([...lints].filter(([key]) => key !== "workspace"));
  const misplaced = [...own].find(([, value]) => !isTomlTreeTable(value));
  if (misplaced !== undefined) throw missing(read, ["lints", misplaced[0]], "a tool's lints are not a table");
  if (!lints.has("workspace")) return own;
  if (own.size > 0) throw missing(read, ["lints"], "lints are taken from the workspace and written here as well");
  const shared = tableAt(read.workspace, "lints");
  if (shared === undefined) throw missing(read, ["lints"], "there is no [workspace.lints]");
  return shared;
}

function missing({ source: { text, at } }: ReadPackage, path: readonly string[], what: string): Error {
  return faultAt({ document: { text, at }, path }, what);
}

/** Where a path leads below the package, or `undefined` when it leads out of it. */
function insidePackage(path: string): string | undefined {
  const folded = foldPath(path);
  return folded.startsWith("/") || folded === ".." || folded.startsWith("../") ? undefined : folded;
}

/** Where a readme or licence lies in the crate: files outside of the package are copied to its top. */
export function packagedPath(path: string): string {
  return insidePackage(path) ?? path.slice(path.lastIndexOf("/") + 1);
}
