import type { IndexDependency } from "../cargo/index.ts";
import { type IndexPackage, type IndexVersion, readIndexPackages } from "./index-package.ts";

/** A package of a registry in the form that docs/formats/prepared-index.md describes. */
export interface PreparedPackage {
  readonly name: string;
  readonly head: string;
  readonly bodies: Uint8Array;
}

const STATE_LETTERS = { offered: "o", yanked: "y", invalid: "i", "unsupported-schema": "u" } as const;

/**
 * Prepares a registry's index file for resolving. Reads every line of it, so it takes as long as cargo does: do it once.
 *
 * @param body The file, decoded from UTF-8.
 * @returns One package for each name in the file; nearly always there is one.
 */
export function prepareIndexFile(body: string): readonly PreparedPackage[] {
  return [...readIndexPackages(body)].map(([name, found]) => prepared(name, found));
}

function prepared(name: string, { versions }: IndexPackage): PreparedPackage {
  const encoder = new TextEncoder();
  const bodies = versions.map((version) => (isUsable(version) ? encoder.encode(bodyOf(version)) : new Uint8Array()));
  const usable = versions.filter(isUsable);
  const odd = versions.filter(({ version, versionText }) => versionText !== plainText(version));
  const rust = grouped(usable, ({ rustVersion }) => rustVersion);
  const links = grouped(usable, (version) => version.links);
  const hasTimes = usable.some(({ publishedAt }) => publishedAt !== undefined);
  const head = {
    v: 1,
    name,
    n: versions.flatMap(({ version: { major, minor, patch } }) => [major, minor, patch].map(bounded)),
    ...(odd.length === 0
      ? {}
      : { odd: Object.fromEntries(odd.map(({ position, versionText }) => [position, versionText])) }),
    s: versions.map(({ state }) => STATE_LETTERS[state]).join(""),
    b: bodies.map(({ length }) => length),
    ...(rust.length === 0 ? {} : { rust }),
    ...(links.length === 0 ? {} : { links }),
    ...(hasTimes
      ? { t: versions.map((version) => timeText(isUsable(version) ? version.publishedAt : undefined)).join("") }
      : {}),
  };
  return { name, head: JSON.stringify(head), bodies: joined(bodies) };
}

function isUsable({ state }: IndexVersion): boolean {
  return state === "offered" || state === "yanked";
}

function plainText({ major, minor, patch }: IndexVersion["version"]): string {
  const isSmall = [major, minor, patch].every((number) => typeof number === "number");
  return isSmall ? `${major}.${minor}.${patch}` : "";
}

/** Numbers above 2^53-1 become 2^53, which keeps their order to all others. */
function bounded(number: number | bigint): number {
  return typeof number === "number" ? number : 2 ** 53;
}

/** `[value, [positions], …]` in the order in which values first come. */
function grouped(
  versions: readonly IndexVersion[],
  valueOf: (version: IndexVersion) => string | undefined,
): readonly (string | readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const version of versions) {
    const value = valueOf(version);
    if (value === undefined) continue;
    const positions = groups.get(value);
    if (positions === undefined) groups.set(value, [version.position]);
    else positions.push(version.position);
  }
  return [...groups].flat();
}

const TIME_DIGITS = 7;

function timeText(publishedAt: string | undefined): string {
  if (publishedAt === undefined) return " ".repeat(TIME_DIGITS);
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = publishedAt.split(/[-T:Z]/).map(Number);
  const seconds = Math.max(0, Date.UTC(year, month - 1, day, hour, minute, second) / 1000);
  return seconds.toString(36).padStart(TIME_DIGITS, "0");
}

function bodyOf(version: IndexVersion): string {
  const entry = version.contents();
  const dependencies = entry.dependencies.filter(({ kind }) => kind !== "dev").map(dependencyOf);
  return JSON.stringify([entry.checksum, dependencies, Object.fromEntries(entry.features)]);
}

function dependencyOf(dependency: IndexDependency): readonly unknown[] {
  const { name, packageName, requirementText, features, target, registry } = dependency;
  const flags =
    (dependency.optional ? 1 : 0) + (dependency.defaultFeatures ? 0 : 2) + (dependency.kind === "build" ? 4 : 0);
  const all = [
    name,
    requirementText,
    flags,
    features,
    target ?? null,
    packageName === name ? null : packageName,
    registry ?? null,
  ];
  const isDefault = [
    false,
    false,
    flags === 0,
    features.length === 0,
    target === undefined,
    packageName === name,
    registry === undefined,
  ];
  return all.slice(0, isDefault.lastIndexOf(false) + 1);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
