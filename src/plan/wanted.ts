import {
  formatSourceId,
  isPackageName,
  type LockedPackage,
  type Lockfile,
  registryIdent,
  type Sha256,
  type SourceId,
} from "../cargo/index.ts";
import { isVersion } from "../semver/index.ts";
import { PlanError } from "./plan-error.ts";

/** A crate the hub must hold. */
export interface WantedCrate {
  /** The lockfile's source as text: the key of everything, whatever mirror the bytes come through. */
  readonly source: string;
  readonly sourceId: SourceId;
  /** Directory name of the source below `registry/{index,cache,src}`. */
  readonly ident: string;
  readonly name: string;
  readonly version: string;
  readonly checksum: Sha256;
  /** The lockfile that asked first, for error messages. */
  readonly wantedBy: string;
}

/** A lockfile and where it stands. */
export interface PlacedLockfile {
  readonly path: string;
  readonly lockfile: Lockfile;
}

/** `<name>-<version>`: the directory of an unpacked crate and the stem of its `.crate` file. */
export function packageDirectory(crate: { readonly name: string; readonly version: string }): string {
  return `${crate.name}-${crate.version}`;
}

/** Sorts as hub.lock does: name, version text, source, each as bytes. */
export function compareWanted(a: CrateKey, b: CrateKey): number {
  return compareText(a.name, b.name) || compareText(a.version, b.version) || compareText(a.source, b.source);
}

/** What tells one crate of a hub from another. */
export interface CrateKey {
  readonly source: string;
  readonly name: string;
  readonly version: string;
}

/** One text for a {@link CrateKey}, for maps. */
export function crateKey(crate: CrateKey): string {
  return `${crate.name} ${crate.version} ${crate.source}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The union of the registry packages of `lockfiles`, sorted; path packages are the project's own and left alone, and
 * {@link wantedGitPackages} tells those of git repositories.
 *
 * @throws {PlanError} when two lockfiles promise different bytes for one crate, a registry package has no checksum,
 * or a source is of a kind a hub cannot hold.
 */
export function wantedCrates(lockfiles: readonly PlacedLockfile[]): WantedCrate[] {
  const wanted = new Map<string, WantedCrate>();
  const sources = new Map<SourceId, { source: string; ident: string }>();
  for (const { path, lockfile } of lockfiles) {
    for (const locked of lockfile.packages) {
      if (locked.source === undefined || locked.source.kind === "git") continue;
      const crate = wantedCrate(locked, locked.source, { path, sources });
      const before = wanted.get(crateKey(crate));
      if (before === undefined) wanted.set(crateKey(crate), crate);
      else if (before.checksum !== crate.checksum) throw checksumConflict(before, crate);
    }
  }
  return [...wanted.values()].toSorted(compareWanted);
}

interface Context {
  readonly path: string;
  readonly sources: Map<SourceId, { source: string; ident: string }>;
}

function wantedCrate(locked: LockedPackage, sourceId: SourceId, { path, sources }: Context): WantedCrate {
  let known = sources.get(sourceId);
  if (known === undefined) {
    if (sourceId.kind !== "registry" && sourceId.kind !== "sparse") throw unsupported(locked, sourceId, path);
    known = { source: formatSourceId(sourceId), ident: registryIdent(sourceId) };
    sources.set(sourceId, known);
  }
  if (!isPackageId(locked)) throw badName(locked, path);
  if (locked.checksum === undefined) throw noChecksum(locked, path);
  return { ...known, sourceId, name: locked.name, version: locked.version, checksum: locked.checksum, wantedBy: path };
}

function checksumConflict(first: WantedCrate, second: WantedCrate): PlanError {
  return new PlanError({
    code: "plan/checksum-conflict",
    what: `${first.wantedBy} locks ${first.name} ${first.version} with checksum ${first.checksum}, but here it is ${second.checksum}`,
    where: second.wantedBy,
    help: "find out which lockfile is right: run `cargo update -p NAME` in the project of the other one, or take its entry out",
  });
}

/** Whether name and version are what they say. They become file names, and lockfiles and hub.lock can come from anybody. */
export function isPackageId({ name, version }: { readonly name: string; readonly version: string }): boolean {
  return isPackageName(name) && isVersion(version);
}

export function badName(locked: LockedPackage, path: string): PlanError {
  return new PlanError({
    code: "plan/bad-package-id",
    what: `${JSON.stringify(locked.name)} ${JSON.stringify(locked.version)} is not a package name and a version`,
    where: path,
    help: "take the entry out and run `cargo generate-lockfile`",
  });
}

function noChecksum(locked: LockedPackage, path: string): PlanError {
  return new PlanError({
    code: "plan/no-checksum",
    what: `the registry package ${locked.name} ${locked.version} has no checksum, so its bytes could not be checked`,
    where: path,
    help: "run `cargo generate-lockfile` to let cargo write the checksums again",
  });
}

function unsupported(locked: LockedPackage, source: SourceId, path: string): PlanError {
  return new PlanError({
    code: "plan/source-unsupported",
    what: `${locked.name} ${locked.version} comes from ${formatSourceId(source)}, a ${source.kind} source, which cargo never writes into a lockfile`,
    where: path,
    help: "run `cargo generate-lockfile`, which writes the lockfile anew",
  });
}
