import {
  formatLockfile,
  type LockedPackage,
  type Lockfile,
  type LockfileVersion,
  leadingComments,
  parsePartialVersion,
  type SourceId,
} from "../cargo/index.ts";
import type { ResolvedGraph, ResolvedPackage } from "./outcome.ts";

/** What a new lockfile takes from elsewhere. */
export interface LockfileWriting {
  /** The version that the members' Rust versions demand, see {@link lockfileVersionFor}. */
  readonly version: LockfileVersion;
  /** The file that is there. */
  readonly text: string | undefined;
  /** The lockfile that the resolution started from: its version and its `[metadata]` stay. Not for one made anew. */
  readonly previous: Lockfile | undefined;
}

/** A lockfile to write, or the text that is there. */
export interface WrittenLockfile {
  readonly text: string;
  /** False when the file says the same already; then it must not be written. */
  readonly isChanged: boolean;
}

/**
 * Writes a graph as cargo does. A lockfile that says the same stays as it is; one that changes is raised to the version that
 * new ones have.
 *
 * @throws {LockfileError} `cargo/lockfile-collision` when the version's format has one name for two packages.
 */
export function lockfileOf(graph: ResolvedGraph, { version, text, previous }: LockfileWriting): WrittenLockfile {
  const lock: Lockfile = {
    version: previous?.version ?? version,
    comments: text === undefined ? [] : leadingComments(text),
    packages: graph.packages.map((entry) => lockedPackage(entry, graph)),
    patchUnused: graph.unusedPatches.map((entry) => ({ ...entry, source: written(entry.source), dependencies: [] })),
    metadata: previous?.metadata ?? new Map(),
  };
  const kept = formatLockfile(lock);
  if (text !== undefined && hasSameLines(text, kept)) return { text, isChanged: false };
  return { text: lock.version < version ? formatLockfile({ ...lock, version }) : kept, isChanged: true };
}

/**
 * The version that cargo gives to new lockfiles: what the oldest Rust that a member wants to be built with can read.
 *
 * @param rustVersions `rust-version` of each member that has one.
 */
export function lockfileVersionFor(rustVersions: readonly string[]): LockfileVersion {
  const minors = rustVersions.flatMap((text) => {
    const version = parsePartialVersion(text);
    if (version === undefined) return [];
    return version.major === 1 ? [Number(version.minor ?? -1)] : [version.major < 1 ? -1 : Number.MAX_VALUE];
  });
  const lowest = Math.min(Number.MAX_VALUE, ...minors);
  if (lowest >= 83) return 4;
  if (lowest >= 53) return 3;
  return lowest >= 41 ? 2 : 1;
}

function lockedPackage(entry: ResolvedPackage, { packages }: ResolvedGraph): LockedPackage {
  const { name, version, source, checksum, dependencies, replacement } = entry;
  const refer = (index: number) => {
    const other = packages[index];
    if (other === undefined) throw new RangeError(`the graph has no package ${index}`);
    return { name: other.name, version: other.version, source: written(other.source, "without commit") };
  };
  return {
    name,
    version,
    source: written(source),
    checksum,
    dependencies: replacement === undefined ? dependencies.map(refer) : [],
    replace: replacement === undefined ? undefined : refer(replacement),
  };
}

/** A source as lockfiles have it: none for a path. */
function written(source: SourceId, commit?: "without commit"): SourceId | undefined {
  if (source.kind === "path") return undefined;
  if (commit === undefined || source.precise === undefined) return source;
  return { kind: source.kind, url: source.url, reference: source.reference };
}

/** Line ends, and the last one, do not matter. */
function hasSameLines(a: string, b: string): boolean {
  return a === b || linesOf(a) === linesOf(b);
}

function linesOf(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/\n$/, "");
}
