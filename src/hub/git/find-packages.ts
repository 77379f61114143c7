import {
  findWorkspaceRoot,
  inheritanceFrom,
  type ManifestFacts,
  parseManifest,
  type WorkspaceRoot,
} from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import { joined, readTextAt, resolvePath, type WorkTree } from "./work-tree.ts";

/** A package of a repository. */
export interface FoundPackage {
  /** Its directory; `""` is the root. */
  readonly path: string;
  readonly manifest: ManifestFacts;
  readonly text: string;
  /** The workspace it belongs to, when that has a manifest of its own. */
  readonly workspace: WorkspaceRoot | undefined;
}

/** The packages of a repository, and the manifests that can not be read. */
export interface FoundPackages {
  /** By {@link packageName}; the first one found when there are several. */
  readonly packages: ReadonlyMap<string, FoundPackage>;
  /** Path of a manifest → why it can not be read; a problem only for who needs that package. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** What a package is looked up by. */
export function packageName({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`;
}

/**
 * Finds the packages of a repository as cargo does: every directory with a manifest, but not in hidden directories, in `target` or in
 * submodules; then whatever their path dependencies lead to, wherever that is.
 */
export function findPackages(tree: WorkTree): FoundPackages {
  const found: Search = { tree, packages: new Map(), unreadable: new Map(), seen: new Set() };
  walk("", found);
  return found;
}

interface Search {
  readonly tree: WorkTree;
  readonly packages: Map<string, FoundPackage>;
  readonly unreadable: Map<string, string>;
  readonly seen: Set<string>;
}

function walk(directory: string, search: Search): void {
  const { tree } = search;
  const names = tree.directories.get(directory);
  if (names === undefined || tree.submodules.has(directory)) return;
  const hasManifest = names.includes("Cargo.toml");
  if (hasManifest) readPackages(directory, search);
  for (const name of names) {
    if (name.startsWith(".") || (name === "target" && hasManifest)) continue;
    walk(joined(directory, name), search);
  }
}

/** Reads the package of a directory and those its path dependencies lead to. */
function readPackages(start: string, search: Search): void {
  const waiting = [start];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    if (search.seen.has(directory)) continue;
    search.seen.add(directory);
    const found = readPackage(directory, search);
    if (found === undefined) continue;
    const { name, version = "0.0.0" } = found.manifest;
    if (name === undefined) continue;
    const key = packageName({ name, version });
    if (!search.packages.has(key)) search.packages.set(key, found);
    waiting.push(...pathDependencies(found, search.tree));
  }
}

function readPackage(directory: string, { tree, unreadable }: Search): FoundPackage | undefined {
  const path = joined(directory, "Cargo.toml");
  try {
    const text = readTextAt(tree, path);
    if (text === undefined) return undefined;
    const at = `/${path}`;
    const root = findWorkspaceRoot(at, (absolute) => readTextAt(tree, absolute.slice(1)));
    const workspace = root.root === at ? undefined : root;
    const manifest = parseManifest(text, path, inheritanceFrom(root, at));
    return { path: directory, manifest, text, workspace };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    unreadable.set(path, error.what);
    return undefined;
  }
}

/** Directories in the repository that a package names as path dependencies. */
function pathDependencies({ path, manifest }: FoundPackage, tree: WorkTree): string[] {
  return manifest.dependencies.flatMap(({ source }) => {
    if (source.kind !== "path") return [];
    const found = resolvePath(tree, joined(path, source.path));
    return found.kind === "directory" ? [found.path] : [];
  });
}
