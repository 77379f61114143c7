import { isTomlTreeTable, type TomlTree, type TomlTreeTable } from "../../toml/index.ts";
import { parseManifest } from "../manifest.ts";
import type { ManifestFacts, WorkspaceInheritance } from "../manifest-facts.ts";
import { relativeDirectory } from "../slash-path.ts";
import type { PackageFolder } from "./folder.ts";
import { readManifestTree } from "./manifest-shape.ts";

/** A manifest's text and where it stands. */
export interface ManifestText {
  readonly text: string;
  /** For error messages: a path. */
  readonly at: string;
  /** The directory it stands in: absolute, folded, with slashes. Any root will do that both manifests share. */
  readonly directory: string;
}

/** A package as its author keeps it. */
export interface PackageSource extends ManifestText {
  /** The root of the workspace it belongs to, when that is another manifest. */
  readonly workspace?: ManifestText | undefined;
  readonly folder: PackageFolder;
}

/** A package and its workspace, read in both ways: as facts, with cargo's checks, and as cargo would write them. */
export interface ReadPackage {
  readonly source: PackageSource;
  readonly facts: ManifestFacts;
  readonly tree: TomlTreeTable;
  /** `[workspace]` of the root, which may be the package's own manifest. */
  readonly workspace: TomlTreeTable | undefined;
  /** The root's directory; the package's own without a workspace. */
  readonly rootDirectory: string;
}

/**
 * Reads a package's manifest and that of its workspace.
 *
 * @throws {ManifestError} `cargo/manifest-invalid`.
 * @throws {TomlError} `toml/syntax`.
 */
export function readPackage(source: PackageSource): ReadPackage {
  const { text, at, directory } = source;
  const tree = readManifestTree(text, at);
  const own = tableAt(tree, "workspace");
  const root = own === undefined ? source.workspace : undefined;
  const facts = parseManifest(text, at, root === undefined ? undefined : inheritanceOf(root, directory));
  return {
    source,
    facts,
    tree,
    workspace: root === undefined ? own : tableAt(readManifestTree(root.text, root.at), "workspace"),
    rootDirectory: root?.directory ?? directory,
  };
}

function inheritanceOf(root: ManifestText, directory: string): WorkspaceInheritance | undefined {
  const { workspace } = parseManifest(root.text, root.at);
  if (workspace === undefined) return undefined;
  return { workspace, rootFromPackage: relativeDirectory(directory, root.directory) };
}

/** The table under a key. */
export function tableAt(table: TomlTreeTable | undefined, key: string): TomlTreeTable | undefined {
  const value = table?.get(key);
  return isTomlTreeTable(value) ? value : undefined;
}

/** The text under a key. */
export function textAt(table: TomlTreeTable | undefined, key: string): string | undefined {
  const value = table?.get(key);
  return typeof value === "string" ? value : undefined;
}

/** The list of texts under a key. */
export function textsAt(table: TomlTreeTable | undefined, key: string): readonly string[] | undefined {
  const value = table?.get(key);
  return isList(value) ? value.filter((element) => typeof element === "string") : undefined;
}

/** The list of tables under a key. */
export function tablesAt(table: TomlTreeTable | undefined, key: string): readonly TomlTreeTable[] | undefined {
  const value = table?.get(key);
  return isList(value) ? value.filter(isTomlTreeTable) : undefined;
}

function isList(value: TomlTree | undefined): value is readonly TomlTree[] {
  return Array.isArray(value);
}
