import { dirname, join } from "node:path";
import { HubError } from "../errors/index.ts";
import { readText } from "./files.ts";
import type { Found, FoundDirectory } from "./search.ts";
import { workspaceRoot } from "./workspace-root.ts";

/** The projects among what a search found: workspaces, and packages that are in none. */
export interface Projects {
  /** Directories in which Cargo would look for Cargo.lock, sorted. */
  readonly roots: readonly string[];
  /** What is left out, in words. */
  readonly warnings: readonly string[];
  /** Manifests that cannot be read, so that nobody knows to which workspace they belong. */
  readonly failed: readonly FailedProject[];
}

export interface FailedProject {
  readonly directory: string;
  readonly error: HubError;
}

/** Finds the workspace of each manifest, by Cargo's rule. */
export function projectsAmong({ directories, unreadable }: Found): Projects {
  const read = cachedReader();
  const roots = new Set<string>();
  const failed: FailedProject[] = [];
  const warnings = unreadable.map((path) => `${path} may not be read; what is in it was left out`);
  const withoutLock: string[] = [];
  const isInside = (path: string): boolean => isBelowOne(roots, path);
  for (const found of directories.filter(({ manifest, lockfile }) => manifest || lockfile)) {
    const { path } = found;
    try {
      const root = found.manifest ? workspaceRoot(join(path, "Cargo.toml"), read) : path;
      if (root !== path) {
        roots.add(root);
        if (found.lockfile) warnings.push(ignoredLockfile(path, root));
      } else if (!isInside(path) || (found.manifest && found.lockfile)) roots.add(path);
      else if (found.manifest) withoutLock.push(path);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      if (isInside(path)) warnings.push(`${path} was left out: ${error.message}`);
      else failed.push({ directory: path, error });
    }
  }
  if (withoutLock.length > 0) warnings.push(leftOut(withoutLock));
  return { roots: [...roots].toSorted(), warnings, failed };
}

function isBelowOne(roots: ReadonlySet<string>, path: string): boolean {
  for (let above = dirname(path), below = path; above !== below; below = above, above = dirname(above))
    if (roots.has(above)) return true;
  return false;
}

/** The directories that hold a hub which a search has come across. */
export function hubsAmong({ directories }: Found, kinds: readonly FoundDirectory["hub"][]): string[] {
  return directories.filter(({ hub }) => kinds.includes(hub)).map(({ path }) => path);
}

/** Says that Cargo reads another lockfile than the one that stands in `directory`. */
export function ignoredLockfile(directory: string, root: string): string {
  return `${join(directory, "Cargo.lock")} is not read by Cargo, because ${directory} is a member of the workspace of ${root}; delete it`;
}

function leftOut(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(", ") + (paths.length > 5 ? ", …" : "");
  const one = paths.length === 1;
  return (
    `${paths.length} ${one ? "package" : "packages"} inside of other projects ${one ? "has" : "have"} no Cargo.lock and ` +
    `${one ? "was" : "were"} left out: ${shown}; run \`cargo generate-lockfile\` there to have ${one ? "it" : "them"} filled`
  );
}

/** Manifests of workspaces are asked for once for each of their members. */
function cachedReader(): typeof readText {
  const texts = new Map<string, string | undefined>();
  return (path) => {
    if (!texts.has(path)) texts.set(path, readText(path));
    return texts.get(path);
  };
}
