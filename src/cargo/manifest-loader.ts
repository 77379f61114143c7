import { parseManifest } from "./manifest.ts";
import type { ManifestFacts } from "./manifest-facts.ts";
import {
  findRoot,
  inheritanceFrom,
  type ReadManifestText,
  type WorkspaceRoot,
  type WorkspaceSearch,
} from "./workspace.ts";

/** Reads manifests, each once, and gives them what they inherit. */
export interface ManifestLoader {
  /** What a manifest says by itself; `undefined` when there is none. */
  plain(path: string): ManifestFacts | undefined;
  /** A package with everything it takes from its workspace; `undefined` when there is no manifest. */
  whole(path: string): ManifestFacts | undefined;
  /** The root of the workspace of a package, as by `findWorkspaceRoot`. */
  root(path: string): WorkspaceRoot;
}

/**
 * @throws {ManifestError | TomlError | WorkspaceError} from its methods, for a manifest that cargo could not read.
 */
export function manifestLoader(read: ReadManifestText, search: WorkspaceSearch = {}): ManifestLoader {
  const texts = new Map<string, string | undefined>();
  const plains = new Map<string, ManifestFacts | undefined>();
  const wholes = new Map<string, ManifestFacts | undefined>();
  const text = (path: string): string | undefined => remembered(texts, path, () => read(path));
  const plain = (path: string): ManifestFacts | undefined =>
    remembered(plains, path, () => {
      const found = text(path);
      return found === undefined ? undefined : parseManifest(found, path);
    });
  const root = (path: string): WorkspaceRoot => findRoot(path, plain, search);
  const whole = (path: string): ManifestFacts | undefined =>
    remembered(wholes, path, () => {
      const found = plain(path);
      const written = text(path);
      if (found === undefined || written === undefined || !isUnresolved(found)) return found;
      return parseManifest(written, path, inheritanceFrom(root(path), path));
    });
  return { plain, whole, root };
}

/** Whether a manifest takes something from a workspace that was not given to it. */
function isUnresolved({ unresolved, dependencies }: ManifestFacts): boolean {
  return unresolved.length > 0 || dependencies.some(({ source }) => source.kind === "workspace");
}

function remembered<Value>(known: Map<string, Value>, path: string, find: () => Value): Value {
  const before = known.get(path);
  if (before !== undefined || known.has(path)) return before ?? find();
  const value = find();
  known.set(path, value);
  return value;
}
