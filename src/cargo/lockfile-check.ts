import { parseVersion, VersionError } from "../semver/index.ts";
import { type LockedTexts, lockedTexts } from "./dependency-text.ts";
import type { LockedPackage, Lockfile } from "./lockfile.ts";
import { LockfileError, RESTORE, shown } from "./lockfile-error.ts";
import { CHECKSUM_PREFIX, checksumKey, NO_CHECKSUM, withMasterNamed } from "./lockfile-first-version.ts";
import { leadingComments, placeFinder, type WrittenLockfile, type WrittenPackage } from "./lockfile-text.ts";
import { isPackageName } from "./names.ts";
import { isSha256 } from "./sha256.ts";
import { type LockfileVersion, type SourceId, sameSource } from "./source-id.ts";

const NEWEST_VERSION = 4;

interface Check {
  readonly place: (offset: number) => string;
  readonly texts: LockedTexts;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Makes a lockfile of what was written: every name, version, source and checksum is checked, no package stands twice.
 *
 * @throws {LockfileError} and `SourceIdError`, as `parseLockfile`.
 */
export function checkLockfile(written: WrittenLockfile, { text, at }: { text: string; at: string }): Lockfile {
  const version = versionOf(written, at);
  const texts = lockedTexts(version);
  const metadata = written.metadata ?? new Map<string, string>();
  const others = new Map([...metadata].filter(([key]) => !key.startsWith(CHECKSUM_PREFIX)));
  if (version > 1 && others.size < metadata.size) throw mixedChecksums(at);
  const place = placeFinder(text, at);
  const check: Check = { place, texts, metadata };
  const checked = written.packages.map((entry) => checkPackage(entry, check));
  const patchUnused = written.patchUnused.map((entry) => checkPackage(entry, check));
  refuseDuplicates(checked, written.packages, place);
  const packages = version <= 2 ? withMasterNamed(checked) : checked;
  return { version, comments: leadingComments(text), packages, patchUnused, metadata: others };
}

/**
 * Versions 1 and 2 have no version line: it is 2 as soon as anything is written that 1 does not have, a checksum
 * inside a package or a shortened dependency.
 */
function versionOf({ version, packages }: WrittenLockfile, at: string): LockfileVersion {
  if (version === 3 || version === 4) return version;
  if (version !== undefined) throw unknownVersion(version, at);
  const local = new Set<string>();
  for (const entry of packages) if (entry.source === undefined) local.add(`${entry.name} ${entry.version}`);
  const compact = (dependency: string) => !dependency.endsWith(")") && !local.has(dependency);
  return packages.some((entry) => entry.checksum !== undefined || entry.dependencies?.some(compact)) ? 2 : 1;
}

function checkPackage(entry: WrittenPackage, check: Check): LockedPackage {
  const { texts, metadata } = check;
  const place = () => check.place(entry.offset);
  const { name, version } = entry;
  if (name === undefined) throw incomplete("name", place());
  if (!isPackageName(name)) throw syntax(`${shown(name)} is not a package name`, place());
  if (version === undefined) throw incomplete("version", place());
  if (!PLAIN_VERSION.test(version)) checkVersion(name, version, place());
  const source = entry.source === undefined ? undefined : texts.source(entry.source, place);
  const checksum = entry.checksum ?? metadataChecksum(metadata, { name, version, source });
  if (checksum !== undefined && !isSha256(checksum)) throw badChecksum(`${name} ${version}`, checksum, place());
  const replace = entry.replace === undefined ? undefined : texts.dependency(entry.replace, place);
  const dependencies = entry.dependencies?.map((dependency) => texts.dependency(dependency, place)) ?? [];
  return { name, version, source, checksum, dependencies, replace };
}

/** Most versions, checked without taking them apart. */
const PLAIN_VERSION = /^(?:0|[1-9][0-9]{0,8})\.(?:0|[1-9][0-9]{0,8})\.(?:0|[1-9][0-9]{0,8})$/;

function checkVersion(name: string, version: string, where: string): void {
  try {
    parseVersion(version);
  } catch (cause) {
    if (!(cause instanceof VersionError)) throw cause;
    const what = `the version of ${name} is wrong: ${cause.what}`;
    throw new LockfileError({ code: "cargo/lockfile-syntax", what, where, help: RESTORE, cause });
  }
}

interface Identity {
  readonly name: string;
  readonly version: string;
  readonly source: SourceId | undefined;
}

/** Version 1 keeps checksums in `[metadata]`, under the package's full name. */
function metadataChecksum(
  metadata: ReadonlyMap<string, string>,
  { name, version, source }: Identity,
): string | undefined {
  if (metadata.size === 0 || source === undefined) return undefined;
  const checksum = metadata.get(checksumKey(name, version, source));
  return checksum === NO_CHECKSUM ? undefined : checksum;
}

function refuseDuplicates(
  packages: readonly LockedPackage[],
  written: readonly WrittenPackage[],
  place: (offset: number) => string,
): void {
  const byName = new Map<string, number[]>();
  for (const [index, entry] of packages.entries()) {
    const same = byName.get(entry.name);
    if (same === undefined) {
      byName.set(entry.name, [index]);
      continue;
    }
    const first = same.find((other) => isSamePackage(packages[other], entry));
    if (first !== undefined)
      throw duplicate(entry, place(written[first]?.offset ?? -1), place(written[index]?.offset ?? -1));
    same.push(index);
  }
}

function isSamePackage(a: LockedPackage | undefined, b: LockedPackage): boolean {
  return a?.version === b.version && isSameSource(a.source, b.source);
}

function isSameSource(a: SourceId | undefined, b: SourceId | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && sameSource(a, b));
}

function duplicate({ name, version }: LockedPackage, first: string, where: string): LockfileError {
  return new LockfileError({
    code: "cargo/lockfile-duplicate",
    what: `the package ${name} ${version} is there twice, first at ${first}`,
    where,
    help: "remove one of the two entries, then run `cargo metadata` to complete the file",
  });
}

function unknownVersion(version: number, at: string): LockfileError {
  return new LockfileError({
    code: "cargo/lockfile-version",
    what: `the file says version ${version}, but 3 and ${NEWEST_VERSION} are the version numbers known here`,
    where: at,
    help: "install a newer cargo-hub, or write the file with an older cargo: delete it and run `cargo generate-lockfile`",
  });
}

function incomplete(key: string, where: string): LockfileError {
  return syntax(`a package has no \`${key}\`; the file may be cut off`, where);
}

function syntax(what: string, where: string): LockfileError {
  return new LockfileError({ code: "cargo/lockfile-syntax", what, where, help: RESTORE });
}

function badChecksum(id: string, checksum: string, where: string): LockfileError {
  return new LockfileError({
    code: "cargo/lockfile-checksum",
    what: `the checksum of ${id} is ${shown(checksum)}, but it should be 64 lower-case hexadecimal digits`,
    where,
    help: RESTORE,
  });
}

function mixedChecksums(where: string): LockfileError {
  return new LockfileError({
    code: "cargo/lockfile-checksum",
    what: "`[metadata]` holds checksums as only version 1 does, but the packages are written as later versions do",
    where,
    help: "take the checksums out of `[metadata]` and run `cargo metadata`, which fetches them again",
  });
}
