import { compareSourceIds, compareUtf8, type LockedDependency, type Lockfile, type Sha256 } from "../cargo/index.ts";
import { compareVersions, parseVersion, type Version } from "../semver/index.ts";
import type { Source, SourceTable } from "./sources.ts";

/** A package of the previous lockfile. */
export interface PreviousPackage {
  readonly name: string;
  readonly version: Version;
  readonly versionText: string;
  /** A lockfile does not write the sources of path packages; here they are known. */
  readonly source: Source;
  /** Of a git package. */
  readonly commit: string | undefined;
  readonly checksum: Sha256 | undefined;
  /** In cargo's order. */
  readonly dependencies: readonly PreviousPackage[];
  /** The package that stood in for it by `[replace]`. */
  readonly replacement: PreviousPackage | undefined;
}

/** The previous lockfile, as far as its packages are still known. */
export interface Previous {
  /** In cargo's order. */
  readonly packages: readonly PreviousPackage[];
  readonly unusedPatches: readonly PreviousPackage[];
  /** Versions 1 and 2 do not tell a branch `master` from the default branch. */
  readonly confusesMaster: boolean;
}

/** Where the path packages are that a lockfile may mean: name → version → source. */
export type PathSources = ReadonlyMap<string, ReadonlyMap<string, Source>>;

/**
 * Reads a lockfile as cargo does: path packages that are no longer there are left out, and so is every dependency that does
 * not say which package it means.
 */
export function previousFrom(lock: Lockfile, paths: PathSources, sources: SourceTable): Previous {
  const make = (entry: Lockfile["packages"][number]): Draft | undefined => {
    const { name, version: versionText, checksum } = entry;
    const source = entry.source === undefined ? pathSource(paths, name, versionText) : sources(entry.source);
    if (source === undefined) return undefined;
    const draft = { name, version: parseVersion(versionText), versionText, source, checksum };
    return { ...draft, commit: entry.source?.precise, dependencies: [], replacement: undefined };
  };
  const entries = lock.packages.flatMap((entry) => {
    const draft = make(entry);
    return draft === undefined ? [] : [{ entry, draft }];
  });
  const packages = entries.map(({ draft }) => draft).sort(comparePrevious);
  const byName = new Map<string, Draft[]>();
  for (const draft of packages) {
    const named = byName.get(draft.name);
    if (named === undefined) byName.set(draft.name, [draft]);
    else named.push(draft);
  }
  const find = (dependency: LockedDependency): Draft | undefined =>
    findAmong(byName.get(dependency.name) ?? [], dependency, sources);
  for (const { entry, draft } of entries) {
    const found = new Set(entry.dependencies.flatMap((dependency) => find(dependency) ?? []));
    draft.dependencies.push(...[...found].sort(comparePrevious));
    if (entry.replace !== undefined) draft.replacement = find(entry.replace);
  }
  return {
    packages,
    unusedPatches: lock.patchUnused.flatMap((entry) => make(entry) ?? []),
    confusesMaster: lock.version <= 2,
  };
}

interface Draft extends PreviousPackage {
  readonly dependencies: PreviousPackage[];
  replacement: PreviousPackage | undefined;
}

/** With one version of a name its source counts even when the version has changed. */
function pathSource(paths: PathSources, name: string, version: string): Source | undefined {
  const versions = paths.get(name);
  if (versions?.size === 1) return [...versions.values()][0];
  return versions?.get(version);
}

/** Whatever is not said must be clear without it. */
function findAmong(
  named: readonly Draft[],
  { version, source }: LockedDependency,
  sources: SourceTable,
): Draft | undefined {
  const first = named[0];
  if (first === undefined) return undefined;
  if (version === undefined && named.some(({ versionText }) => versionText !== first.versionText)) return undefined;
  const fitting = named.filter(({ versionText }) => versionText === (version ?? first.versionText));
  if (source !== undefined) {
    const wanted = sources(source);
    return fitting.find((entry) => entry.source === wanted);
  }
  const local = fitting.filter((entry) => entry.source.id.kind === "path");
  const clear = local.length > 0 ? local : fitting;
  return clear.length === 1 ? clear[0] : undefined;
}

function comparePrevious(a: PreviousPackage, b: PreviousPackage): number {
  if (a.name !== b.name) return compareUtf8(a.name, b.name);
  return compareVersions(a.version, b.version) || compareSourceIds(a.source.id, b.source.id);
}
