import { type IndexEntry, type IndexHead, type IndexLine, indexHeads, readIndexEntry } from "../cargo/index.ts";
import {
  compareVersions,
  matchesRequirement,
  parseVersion,
  type Requirement,
  type Version,
  VersionError,
} from "../semver/index.ts";

/** What cargo makes of a line: it offers it, offers it to those who have it locked, or not at all. */
export type IndexState = "offered" | "yanked" | "invalid" | "unsupported-schema";

/** One version of a package as its registry's index has it. The line itself is read when something beside the version is asked for. */
export interface IndexVersion {
  /** Its place among the package's versions; 0 is the greatest. */
  readonly position: number;
  readonly version: Version;
  readonly versionText: string;
  readonly state: IndexState;
  readonly links: string | undefined;
  readonly rustVersion: string | undefined;
  readonly publishedAt: string | undefined;
  /** The rest of the line; only for versions that are offered or yanked. */
  contents(): IndexContents;
}

/** What the line of a version says beside what candidates are chosen by. Dev-dependencies may be missing: they never count. */
export type IndexContents = Pick<IndexEntry, "checksum" | "dependencies" | "features">;

/** All versions of one package in one registry. A version is the same object whenever it is given. */
export interface IndexPackage {
  /** Every version, greatest first by cargo's total order. */
  readonly versions: readonly IndexVersion[];
  /** Those that fulfil `requirement`, greatest first. */
  matching(requirement: Requirement): readonly IndexVersion[];
}

/**
 * Reads a registry's index file as cargo does: lines that are not understood at all are skipped, a later line replaces an
 * earlier one with the same version, and lines of names that differ in letter case are not this package.
 *
 * @param body The file, decoded from UTF-8. Its lines are parsed one by one when the resolver comes to them.
 * @param name The package's name in its own letter case.
 */
export function readIndexPackage(body: string, name: string): IndexPackage {
  return packageFrom([...indexHeads(body).values()].filter((head) => head.name === name));
}

/** All packages of an index file, by name: names that differ in letter case share a file. */
export function readIndexPackages(body: string): ReadonlyMap<string, IndexPackage> {
  const byName = new Map<string, IndexHead[]>();
  for (const head of indexHeads(body).values()) {
    const named = byName.get(head.name);
    if (named === undefined) byName.set(head.name, [head]);
    else named.push(head);
  }
  return new Map([...byName].map(([name, heads]) => [name, packageFrom(heads)]));
}

function packageFrom(heads: readonly IndexHead[]): IndexPackage {
  const own: { readonly version: Version; readonly head: IndexHead }[] = [];
  for (const head of heads) {
    const version = versionOf(head.versionText);
    if (version !== undefined) own.push({ version, head });
  }
  own.sort((a, b) => compareVersions(b.version, a.version));
  const versions = own.map(({ version, head }, position) => new LineVersion({ position, version }, head));
  return { versions, matching: (requirement) => matchingVersions(versions, requirement) };
}

/** The versions that fulfil `requirement`, in the order given. */
function matchingVersions(versions: readonly IndexVersion[], requirement: Requirement): readonly IndexVersion[] {
  return versions.filter(({ version }) => matchesRequirement(requirement, version));
}

function versionOf(text: string): Version | undefined {
  try {
    return parseVersion(text);
  } catch (error) {
    if (error instanceof VersionError) return undefined;
    throw error;
  }
}

interface Place {
  readonly position: number;
  readonly version: Version;
}

/** A line that is parsed when it is first needed. */
class LineVersion implements IndexVersion {
  readonly position: number;
  readonly version: Version;
  readonly versionText: string;
  readonly #line: string;
  #read: IndexLine | undefined;

  constructor({ position, version }: Place, { versionText, line }: IndexHead) {
    this.position = position;
    this.version = version;
    this.versionText = versionText;
    this.#line = line;
  }

  get state(): IndexState {
    const read = this.#parsed();
    if (read.kind !== "entry") return read.kind === "invalid" ? "invalid" : "unsupported-schema";
    return read.entry.yanked ? "yanked" : "offered";
  }

  get links(): string | undefined {
    return this.contents().links;
  }

  get rustVersion(): string | undefined {
    return this.contents().rustVersion;
  }

  get publishedAt(): string | undefined {
    return this.contents().pubtime;
  }

  contents(): IndexEntry {
    const read = this.#parsed();
    if (read.kind === "entry") return read.entry;
    throw new TypeError(`the line of ${this.versionText} is ${read.kind}`);
  }

  #parsed(): IndexLine {
    this.#read ??= readIndexEntry(this.#line);
    return this.#read;
  }
}
