import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  CRATES_IO,
  findMembers,
  formatSourceId,
  indexPath,
  type ListDirectory,
  type ManifestLoader,
  type ManifestPatch,
  manifestLoader,
  parseLockfile,
  type SourceId,
} from "../../src/cargo/index.ts";
import {
  type Asking,
  type Effort,
  type IndexPackage,
  lockfileOf,
  lockfileVersionFor,
  type Need,
  packageSummary,
  type ResolveAnswer,
  type ResolveFailure,
  type ResolveOutcome,
  type ResolveRequest,
  readIndexPackage,
  resolve,
  type Update,
  workspaceRequest,
} from "../../src/resolve/index.ts";

/** The packages of the world, on this disk. */
export interface DiskWorld {
  /** Directory of a local registry that stands for crates.io. */
  readonly registry: string;
  /** Other registries: name in Cargo's configuration → URL of the index and directory of the local registry. */
  readonly registries?: Readonly<Record<string, { readonly index: string; readonly directory: string }>>;
  /** Reads a git source: a directory for each repository, by URL, at a commit or where its reference points. */
  readonly repository?: (source: SourceId) => { readonly directory: string; readonly commit: string };
  /** `[patch]` of Cargo's configuration. */
  readonly patches?: readonly ManifestPatch[];
  readonly rustVersion?: string;
  /** Only versions published up to this time, written as index lines have it. */
  readonly until?: string;
  /** Index files that were read, by path; for worlds whose index does not change. */
  readonly known?: Map<string, IndexPackage | undefined>;
  readonly incompatibleRustVersions?: "allow" | "fallback";
}

/** What resolving a directory gave, and what it took. */
export interface DiskResult {
  /** The lockfile; `undefined` when there is none. */
  readonly lock: string | undefined;
  readonly failure: ResolveFailure | undefined;
  readonly effort: Effort;
  /** What was asked, question by question. */
  readonly questions: readonly (readonly Need[])[];
}

/** The rustc that the tests' cargo uses; set where resolver 3 needs it. */
const RUST_VERSION = "1.95.0";

/**
 * Resolves the package or workspace in a directory with what stands on disk, like `cargo generate-lockfile` or, when
 * `update` is given, like `cargo update` and the implicit resolution, which start from Cargo.lock.
 */
export function resolveDirectory(directory: string, world: DiskWorld, update?: Update): DiskResult {
  const loader = diskLoader();
  const workspace = findMembers(join(directory, "Cargo.toml"), loader, listDirectory);
  const settings = {
    registryIndex: (name: string) => world.registries?.[name]?.index,
    rustVersion: world.rustVersion ?? RUST_VERSION,
    incompatibleRustVersions: world.incompatibleRustVersions,
    ...(world.patches === undefined ? {} : { patches: world.patches }),
  };
  const lockPath = join(dirname(workspace.root.root), "Cargo.lock");
  const text = existsSync(lockPath) ? readFileSync(lockPath, "utf8") : undefined;
  const lock = update === undefined || text === undefined ? undefined : parseLockfile(text, lockPath);
  const previous = lock === undefined || update === undefined ? undefined : { lock, update };
  const request: ResolveRequest = { ...workspaceRequest(workspace, settings), previous };
  const { outcome, questions } = answered(resolve(request), diskAnswers(world, loader));
  const { effort } = outcome;
  if (outcome.kind === "failed") return { lock: undefined, failure: outcome.failure, effort, questions };
  const version = lockfileVersionFor(workspace.members.flatMap(({ manifest }) => manifest.rustVersion ?? []));
  const written = lockfileOf(outcome.graph, { version, text, previous: lock });
  return { lock: written.text, failure: undefined, effort, questions };
}

/** Runs a resolution to its end. */
function answered(
  run: Asking<ResolveOutcome>,
  answer: (need: Need) => ResolveAnswer,
): { readonly outcome: ResolveOutcome; readonly questions: readonly (readonly Need[])[] } {
  const questions: (readonly Need[])[] = [];
  for (let next = run.next(); ; ) {
    if (next.done === true) return { outcome: next.value, questions };
    questions.push(next.value.needed);
    next = run.next(next.value.needed.map(answer));
  }
}

function diskAnswers(world: DiskWorld, loader: ManifestLoader): (need: Need) => ResolveAnswer {
  return (need) => {
    if (need.kind === "index") {
      const path = join(registryDirectory(need.source, world), "index", indexPath(need.name));
      return { need, found: until(indexPackage(path, need.name, world.known), world.until) };
    }
    try {
      return {
        need,
        found: need.source.kind === "path" ? [packageAt(need.source, world, loader)] : packagesOf(need.source, world),
      };
    } catch (fault) {
      return { need, fault };
    }
  };
}

function indexPackage(path: string, name: string, known: DiskWorld["known"]): IndexPackage | undefined {
  const before = known?.get(path);
  if (before !== undefined) return before;
  const found = existsSync(path) ? readIndexPackage(readFileSync(path, "utf8"), name) : undefined;
  known?.set(path, found);
  return found;
}

/** The versions of a package that were published by then. */
function until(found: IndexPackage | undefined, time: string | undefined): IndexPackage | undefined {
  if (found === undefined || time === undefined) return found;
  const usable = found.versions
    .filter(({ state }) => state === "offered" || state === "yanked")
    .filter(({ publishedAt = "" }) => publishedAt <= time);
  return {
    versions: usable,
    matching: (requirement) => found.matching(requirement).filter((version) => usable.includes(version)),
  };
}

function registryDirectory(source: SourceId, world: DiskWorld): string {
  if (formatSourceId(source) === formatSourceId(CRATES_IO)) return world.registry;
  const found = Object.values(world.registries ?? {}).find(({ index }) => {
    const url = source.kind === "sparse" ? `sparse+${source.url}` : source.url;
    return index === url;
  });
  if (found === undefined) throw new Error(`the test's world has no registry ${formatSourceId(source)}`);
  return found.directory;
}

function packageAt(source: SourceId, world: DiskWorld, loader: ManifestLoader) {
  const directory = decodeURIComponent(new URL(source.url).pathname);
  const at = join(directory, "Cargo.toml");
  const manifest = loader.whole(at);
  if (manifest?.name === undefined) throw new Error(`there is no package at ${directory}`);
  return packageSummary(manifest, { at, directory, source, registryIndex: indexOf(world) });
}

/** Every package of a repository. */
function packagesOf(source: SourceId, world: DiskWorld) {
  const found = world.repository?.(source);
  if (found === undefined) throw new Error(`the test's world has no repository ${source.url}`);
  const loader = diskLoader();
  const id: SourceId = { ...source, precise: found.commit };
  return manifestsBelow(found.directory).flatMap((at) => {
    const manifest = loader.whole(at);
    if (manifest?.name === undefined) return [];
    return [packageSummary(manifest, { at, directory: dirname(at), source: id, registryIndex: indexOf(world) })];
  });
}

function indexOf({ registries }: DiskWorld): (name: string) => string | undefined {
  return (name) => registries?.[name]?.index;
}

function manifestsBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => path === "Cargo.toml" || path.endsWith("/Cargo.toml"))
    .filter((path) => !path.startsWith(".git/"))
    .map((path) => join(directory, path));
}

function diskLoader(): ManifestLoader {
  return manifestLoader((path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined));
}

const listDirectory: ListDirectory = (path) => {
  if (!existsSync(path)) return undefined;
  return readdirSync(path, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isDirectory: entry.isDirectory() || (entry.isSymbolicLink() && statSync(join(path, entry.name)).isDirectory()),
    isLink: entry.isSymbolicLink(),
  }));
};
