import { HubError } from "../errors/index.ts";
import { parseManifest } from "./manifest.ts";
import type { ManifestFacts, WorkspaceInheritance } from "./manifest-facts.ts";
import { directoryOf, joinPath, joinUnfolded, liesIn, relativeDirectory } from "./slash-path.ts";

/** What can go wrong when a workspace's root and its members are looked for. */
export type WorkspaceErrorCode =
  | "cargo/workspace-root-missing"
  | "cargo/workspace-root-invalid"
  | "cargo/workspace-member-missing"
  | "cargo/workspace-member-invalid"
  | "cargo/workspace-not-a-member";

/** A manifest, a workspace's root or a member that is not where it should be, or not what it should be. */
export class WorkspaceError extends HubError<WorkspaceErrorCode> {}

/** Gives the text of a file, or `undefined` when there is no such file. */
export type ReadManifestText = (absolutePath: string) => string | undefined;

/** The manifest that decides for a package: where Cargo.lock stands and what members share. */
export interface WorkspaceRoot {
  /** Absolute path of the root's Cargo.toml; the package's own when it is in no workspace. */
  readonly root: string;
  /** What that file says. */
  readonly manifest: ManifestFacts;
}

/** Where the search for a root ends. */
export interface WorkspaceSearch {
  /** CARGO_HOME as an absolute path written with slashes; manifests above it do not count for packages below it. */
  readonly cargoHome?: string;
}

/**
 * Finds the root of the workspace a manifest belongs to, by cargo's rule: the manifest itself when it has `[workspace]`,
 * else where its `package.workspace` points, else the nearest manifest above it with a `[workspace]` that does not
 * exclude it (or with a pointer, which is followed), else the manifest itself. The search ends at CARGO_HOME and at a
 * directory `target/package`. Whether the root lists the package among its members is not asked here.
 *
 * @param manifestPath Absolute, folded path of a Cargo.toml, written with slashes, also on Windows.
 * @param read Called for the manifest and for Cargo.toml in the directories above it.
 * @throws {WorkspaceError} `cargo/workspace-root-missing` when the manifest, or the root it points to, is not there;
 *   `cargo/workspace-root-invalid` when it points to a manifest without `[workspace]`.
 * @throws {ManifestError | TomlError} when a manifest on the way can not be read: cargo refuses to go on as well.
 */
export function findWorkspaceRoot(
  manifestPath: string,
  read: ReadManifestText,
  search: WorkspaceSearch = {},
): WorkspaceRoot {
  return findRoot(
    manifestPath,
    (path) => {
      const text = read(path);
      return text === undefined ? undefined : parseManifest(text, path);
    },
    search,
  );
}

/** Gives what a manifest says by itself, or `undefined` when there is none. */
export type LoadManifest = (absolutePath: string) => ManifestFacts | undefined;

/** As {@link findWorkspaceRoot}, with manifests that somebody else reads. */
export function findRoot(manifestPath: string, load: LoadManifest, search: WorkspaceSearch): WorkspaceRoot {
  const own = load(manifestPath);
  if (own === undefined) throw rootMissing(manifestPath, "there is no such manifest");
  const found = rootFrom({ root: manifestPath, manifest: own }, manifestPath, load);
  if (found !== undefined) return found;
  const start = directoryOf(manifestPath);
  let below = start;
  for (let directory = directoryOf(start); directory !== below; directory = directoryOf(directory)) {
    if ((below === search.cargoHome && below !== start) || directory.endsWith("/target/package")) break;
    const path = joinPath(directory, "Cargo.toml");
    const manifest = load(path);
    const above = manifest === undefined ? undefined : rootFrom({ root: path, manifest }, manifestPath, load);
    if (above !== undefined) return above;
    below = directory;
  }
  return { root: manifestPath, manifest: own };
}

/** What a member may take from a workspace, for `parseManifest`; `undefined` when `found` is no workspace. */
export function inheritanceFrom(found: WorkspaceRoot, manifestPath: string): WorkspaceInheritance | undefined {
  const { workspace } = found.manifest;
  if (workspace === undefined) return undefined;
  return { workspace, rootFromPackage: relativeDirectory(directoryOf(manifestPath), directoryOf(found.root)) };
}

/** The root that `candidate` is or points to; `undefined` when it says nothing about `manifestPath`. */
function rootFrom(candidate: WorkspaceRoot, manifestPath: string, load: LoadManifest): WorkspaceRoot | undefined {
  const { workspace, packageWorkspace } = candidate.manifest;
  const directory = directoryOf(candidate.root);
  if (workspace !== undefined) {
    const covers = (entry: string): boolean => liesIn(manifestPath, joinUnfolded(directory, entry));
    return workspace.exclude.some(covers) && !workspace.members.some(covers) ? undefined : candidate;
  }
  if (packageWorkspace === undefined) return undefined;
  const root = joinPath(joinPath(directory, packageWorkspace), "Cargo.toml");
  const manifest = load(root);
  if (manifest === undefined) {
    throw rootMissing(root, `\`package.workspace\` of ${candidate.root} points here, but there is no manifest`);
  }
  if (manifest.workspace === undefined) {
    throw new WorkspaceError({
      code: "cargo/workspace-root-invalid",
      what: `\`package.workspace\` of ${candidate.root} points here, but this manifest has no [workspace]`,
      where: root,
      help: "add a [workspace] table to this manifest, or correct the pointer",
    });
  }
  return { root, manifest };
}

function rootMissing(where: string, what: string): WorkspaceError {
  return new WorkspaceError({
    code: "cargo/workspace-root-missing",
    what,
    where,
    help: "check the path of the manifest, and `package.workspace` if it has one",
  });
}
