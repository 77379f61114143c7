import type { ManifestFacts } from "./manifest-facts.ts";
import type { ManifestLoader } from "./manifest-loader.ts";
import { directoryOf, joinPath, joinUnfolded, liesIn } from "./slash-path.ts";
import { WorkspaceError, type WorkspaceRoot } from "./workspace.ts";
import { expandGlob, GlobFault, type ListDirectory } from "./workspace-glob.ts";

/** A package of a workspace. */
export interface WorkspaceMember {
  /** Absolute, folded path of its Cargo.toml. */
  readonly manifestPath: string;
  readonly manifest: ManifestFacts;
}

/** A workspace, or a package alone, which is its own only member. */
export interface Workspace {
  readonly root: WorkspaceRoot;
  /** In the order in which cargo resolves them; a virtual root is none. */
  readonly members: readonly WorkspaceMember[];
}

/**
 * Finds the members of a package's workspace by cargo's rules: what `workspace.members` names, each followed by the path
 * dependencies it reaches inside the workspace, then the root and what it reaches.
 *
 * @param manifestPath Absolute, folded path of a Cargo.toml.
 * @throws {WorkspaceError} `cargo/workspace-member-missing` for a member without a manifest, `cargo/workspace-member-invalid`
 * for two with one name, or one of another workspace, and `cargo/workspace-not-a-member` when the workspace above the package
 * does not have it.
 * @throws {ManifestError | TomlError} for a member whose manifest can not be read.
 */
export function findMembers(manifestPath: string, loader: ManifestLoader, list: ListDirectory): Workspace {
  const root = loader.root(manifestPath);
  const { workspace } = root.manifest;
  if (workspace === undefined) {
    const manifest = loader.whole(manifestPath) ?? root.manifest;
    return { root, members: [{ manifestPath, manifest }] };
  }
  const collected: Collecting = { root, directory: directoryOf(root.root), loader, paths: new Set() };
  for (const pattern of workspace.members) {
    for (const directory of memberDirectories(collected, pattern, list)) {
      collect(joinPath(directory, "Cargo.toml"), collected, { askedBy: root.root, isPathDependency: false });
    }
  }
  collect(root.root, collected, { askedBy: root.root, isPathDependency: false });
  const members = [...collected.paths].flatMap((path) => {
    const manifest = loader.whole(path);
    return manifest === undefined || manifest.isVirtual ? [] : [{ manifestPath: path, manifest }];
  });
  refuseTwins(members);
  for (const path of collected.paths) refuseStranger(path, collected);
  if (!collected.paths.has(manifestPath)) throw notAMember(manifestPath, root.root);
  return { root, members };
}

interface Collecting {
  readonly root: WorkspaceRoot;
  readonly directory: string;
  readonly loader: ManifestLoader;
  /** Manifests of members, in cargo's order. */
  readonly paths: Set<string>;
}

/** A pattern that matches nothing is a path; files that it matches are no members. */
function memberDirectories({ root, directory }: Collecting, pattern: string, list: ListDirectory): readonly string[] {
  try {
    const matches = expandGlob(directory, pattern, list);
    if (matches.length === 0) return [joinPath(directory, pattern)];
    return matches.filter(({ isDirectory }) => isDirectory).map(({ path }) => path);
  } catch (error) {
    if (!(error instanceof GlobFault)) throw error;
    throw invalid(root.root, `the pattern \`${pattern}\` of workspace.members can not be used: ${error.message}`);
  }
}

interface MemberReason {
  readonly askedBy: string;
  readonly isPathDependency: boolean;
}

/** Adds a manifest and the path dependencies it reaches; deep first, as cargo does. */
function collect(path: string, collecting: Collecting, { askedBy, isPathDependency }: MemberReason): void {
  const { root, directory, loader, paths } = collecting;
  const pending = [{ path, askedBy, isPathDependency }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (paths.has(next.path) || isExcluded(next.path, collecting)) continue;
    const isOutside = next.isPathDependency && !liesIn(next.path, directory);
    if (isOutside && loader.plain(next.path) !== undefined && loader.root(next.path).root !== root.root) continue;
    const manifest = loader.whole(next.path);
    if (manifest === undefined) throw missing(next.path, next.askedBy);
    paths.add(next.path);
    const below = manifest.dependencies.flatMap(({ source }) =>
      source.kind === "path" ? [joinPath(joinPath(directoryOf(next.path), source.path), "Cargo.toml")] : [],
    );
    const asked = next.path;
    pending.push(...below.toReversed().map((found) => ({ path: found, askedBy: asked, isPathDependency: true })));
  }
}

function isExcluded(path: string, { root, directory }: Collecting): boolean {
  const { workspace } = root.manifest;
  const covers = (entry: string): boolean => liesIn(path, joinUnfolded(directory, entry));
  return workspace?.exclude.some(covers) === true && !workspace.members.some(covers);
}

function refuseTwins(members: readonly WorkspaceMember[]): void {
  const byName = new Map<string | undefined, string>();
  for (const { manifestPath, manifest } of members) {
    const twin = byName.get(manifest.name);
    if (twin !== undefined) throw invalid(manifestPath, `\`${manifest.name}\` is a member already, at ${twin}`);
    byName.set(manifest.name, manifestPath);
  }
}

/** A member must itself find the way to this workspace's root. */
function refuseStranger(path: string, { root, loader }: Collecting): void {
  const own = loader.root(path).root;
  if (own === root.root) return;
  throw invalid(path, `it is a member of ${root.root}, but belongs to the workspace of ${own}`);
}

function missing(where: string, askedBy: string): WorkspaceError {
  return new WorkspaceError({
    code: "cargo/workspace-member-missing",
    what: `there is no manifest, but ${askedBy} makes it a member of the workspace`,
    where,
    help: "create the package, or take its path out of `workspace.members` or the dependencies",
  });
}

function invalid(where: string, what: string): WorkspaceError {
  return new WorkspaceError({
    code: "cargo/workspace-member-invalid",
    what,
    where,
    help: "correct `workspace.members` or `workspace.exclude`; `cargo metadata --no-deps` shows what cargo sees",
  });
}

function notAMember(where: string, root: string): WorkspaceError {
  return new WorkspaceError({
    code: "cargo/workspace-not-a-member",
    what: `the workspace of ${root} does not have this package`,
    where,
    help: "add it to `workspace.members` or to `workspace.exclude` there, or add an empty [workspace] table here",
  });
}
