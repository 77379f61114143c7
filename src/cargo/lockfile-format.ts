import { compareVersions, parseVersion } from "../semver/index.ts";
import { tomlKey, tomlString } from "../toml/index.ts";
import type { LockedPackage, Lockfile } from "./lockfile.ts";
import { LockfileError } from "./lockfile-error.ts";
import { CHECKSUM_PREFIX, checksumKey, NO_CHECKSUM, referredSource } from "./lockfile-first-version.ts";
import { lockedDependencies, lockedReplacements } from "./lockfile-graph.ts";
import { EXTRA_LINE, MARKER_LINE } from "./lockfile-text.ts";
import { compareSourceIds, formatSourceId, type LockfileVersion, type SourceId } from "./source-id.ts";
import { compareUtf8 } from "./utf8-order.ts";

/**
 * Writes a lockfile exactly as cargo does: its order of packages and dependencies, the shortest dependency strings
 * that are unambiguous, the encoding of its version. The order of packages and dependencies in `lock` does not matter.
 *
 * @throws {LockfileError} `cargo/lockfile-incomplete` when a dependency names no package, or several;
 * `cargo/lockfile-collision` when the version's format has one name for two packages.
 */
export function formatLockfile(lock: Lockfile): string {
  const { version, packages, patchUnused } = lock;
  const edges = lockedDependencies(lock, "Cargo.lock");
  const replacements = lockedReplacements(lock, "Cargo.lock");
  const references = packageReferences(lock);
  refuseCollisions(lock, references);
  let text = `${[MARKER_LINE, EXTRA_LINE, ...lock.comments].join("\n")}\n`;
  if (version >= 3) text += `version = ${version}\n\n`;
  for (const index of packageOrder(packages)) {
    text += `[[package]]\n${formatFields(packages[index], version)}`;
    text += formatDependencies(edges[index] ?? [], references);
    const replacement = references[replacements[index] ?? -1];
    if (replacement !== undefined) text += `replace = ${tomlString(replacement.text)}\n`;
    text += "\n";
  }
  for (const entry of patchUnused) text += `[[patch.unused]]\n${formatFields(entry, version)}\n`;
  text += formatMetadata(lock);
  return version === 1 ? text : text.replace(/\n+$/, "\n");
}

/** Indices by name, version in Cargo's total order, and source; path packages first. */
function packageOrder(packages: readonly LockedPackage[]): number[] {
  return Array.from(packages, (entry, index) => ({ entry, index }))
    .sort((a, b) => comparePackages(a.entry, b.entry))
    .map(({ index }) => index);
}

function comparePackages(a: LockedPackage, b: LockedPackage): number {
  if (a.name !== b.name) return compareUtf8(a.name, b.name);
  if (a.version !== b.version) return compareVersions(parseVersion(a.version), parseVersion(b.version));
  return compareOptional(a.source, b.source, compareSourceIds);
}

/** An absent value comes before every other. */
function compareOptional<T>(a: T | undefined, b: T | undefined, compare: (a: T, b: T) => number): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compare(a, b);
}

function formatFields(entry: LockedPackage | undefined, version: LockfileVersion): string {
  if (entry === undefined) return "";
  let text = `name = ${tomlString(entry.name)}\nversion = ${tomlString(entry.version)}\n`;
  if (isForeign(entry.source)) text += `source = ${tomlString(formatSourceId(entry.source, version))}\n`;
  if (entry.checksum !== undefined && version > 1) text += `checksum = "${entry.checksum}"\n`;
  return text;
}

/** Whether a lockfile names the source: not for path packages. */
function isForeign(source: SourceId | undefined): source is SourceId {
  return source !== undefined && source.kind !== "path";
}

/** How the other packages of the lockfile name one. */
interface Reference {
  readonly name: string;
  readonly version: string | undefined;
  readonly source: SourceId | undefined;
  readonly text: string;
}

/** For each package: its name, its version when the name has several, its source when the version has several. */
function packageReferences({ version: lockVersion, packages }: Lockfile): Reference[] {
  const names = new Map<string, Map<string, number>>();
  for (const { name, version } of packages) {
    const versions = names.get(name) ?? new Map<string, number>();
    names.set(name, versions.set(version, (versions.get(version) ?? 0) + 1));
  }
  return packages.map(({ name, version, source: fullSource }) => {
    const versions = names.get(name);
    if (lockVersion > 1 && versions?.size === 1 && versions.get(version) === 1) {
      return { name, version: undefined, source: undefined, text: name };
    }
    const short = lockVersion > 1 && versions?.get(version) === 1;
    const source = short || !isForeign(fullSource) ? undefined : referredSource(fullSource, lockVersion);
    const id = `${name} ${version}`;
    const text = source === undefined ? id : `${id} (${formatSourceId(source, lockVersion)})`;
    return { name, version, source, text };
  });
}

/** The oldest formats cannot tell git's default branch from `master`. */
function refuseCollisions({ version, packages }: Lockfile, references: readonly Reference[]): void {
  if (version > 2) return;
  const seen = new Map<string, LockedPackage>();
  for (const [index, entry] of packages.entries()) {
    const text = references[index]?.text ?? "";
    const other = seen.get(text);
    if (other !== undefined) throw collision(text, [other, entry], version);
    seen.set(text, entry);
  }
}

function collision(text: string, pair: readonly LockedPackage[], version: LockfileVersion): LockfileError {
  const sources = pair.map(({ source }) => (source === undefined ? "a path" : formatSourceId(source)));
  return new LockfileError({
    code: "cargo/lockfile-collision",
    what: `a lockfile of version ${version} has one name, "${text}", for the packages from ${sources.join(" and ")}`,
    help: "write the lockfile as version 3 or 4, or let both dependencies name the same branch",
  });
}

/** Cargo sorts the references, not the packages: versions as text, an absent one first. */
function compareReferences(a: Reference, b: Reference): number {
  return (
    compareUtf8(a.name, b.name) ||
    compareOptional(a.version, b.version, compareUtf8) ||
    compareOptional(a.source, b.source, compareSourceIds)
  );
}

function formatDependencies(indices: readonly number[], references: readonly Reference[]): string {
  if (indices.length === 0) return "";
  const sorted = [...new Set(indices)]
    .flatMap((index) => references[index] ?? [])
    .sort(compareReferences)
    .map((reference) => ` ${tomlString(reference.text)},\n`);
  return `dependencies = [\n${sorted.join("")}]\n`;
}

function formatMetadata({ version, packages, metadata }: Lockfile): string {
  const entries = new Map([...metadata].filter(([key]) => !key.startsWith(CHECKSUM_PREFIX)));
  if (version === 1) {
    for (const { name, version, source, checksum } of packages) {
      if (isForeign(source)) entries.set(checksumKey(name, version, source), checksum ?? NO_CHECKSUM);
    }
  }
  if (entries.size === 0) return "";
  const sorted = [...entries].sort(([a], [b]) => compareUtf8(a, b));
  return `[metadata]\n${sorted.map(([key, value]) => `${tomlKey(key)} = ${tomlString(value)}\n`).join("")}`;
}
