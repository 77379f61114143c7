import type { Comparator, Requirement } from "./requirement.ts";
import type { VersionNumber } from "./scanner.ts";

/** Three numbers of a version. */
export interface VersionTriple {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Releases from `from` up to but without `end`; without `end` there is no upper bound. */
export interface VersionRange {
  readonly from: VersionTriple;
  readonly end: VersionTriple | undefined;
}

const LEAST: VersionTriple = { major: 0, minor: 0, patch: 0 };

/**
 * The releases that fulfil a requirement, which always lie side by side in the order of versions. Among them no pre-release
 * fulfils it.
 *
 * @returns `undefined` when the requirement names a pre-release, or a number above 2^53-1: then it must be asked for each
 * version.
 */
export function requirementRange({ comparators }: Requirement): VersionRange | undefined {
  let from = LEAST;
  let end: VersionTriple | undefined;
  for (const comparator of comparators) {
    const range = comparatorRange(comparator);
    if (range === undefined) return undefined;
    if (compareTriples(range.from, from) > 0) from = range.from;
    if (range.end !== undefined && (end === undefined || compareTriples(range.end, end) < 0)) end = range.end;
  }
  return { from, end };
}

/** Zero for equal triples, negative when `a` is smaller. */
export function compareTriples(a: VersionTriple, b: VersionTriple): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

function comparatorRange({ operator, major, minor, patch, pre }: Comparator): VersionRange | undefined {
  if (pre !== "" || !isSmall(major) || !isSmall(minor ?? 0) || !isSmall(patch ?? 0)) return undefined;
  const given = { major, minor: Number(minor ?? 0), patch: Number(patch ?? 0) };
  /** The least version that is greater than everything the given parts cover. */
  const next = minor === undefined ? nextMajor(given) : patch === undefined ? nextMinor(given) : nextPatch(given);
  switch (operator) {
    case "=":
    case "wildcard":
      return { from: given, end: next };
    case ">":
      return { from: next, end: undefined };
    case ">=":
      return { from: given, end: undefined };
    case "<":
      return { from: LEAST, end: given };
    case "<=":
      return { from: LEAST, end: next };
    case "~":
      return { from: given, end: minor === undefined ? nextMajor(given) : nextMinor(given) };
    case "^":
      return { from: given, end: caretEnd(given, minor !== undefined, patch !== undefined) };
  }
}

/** The first number that is not zero may not change. */
function caretEnd(given: VersionTriple, hasMinor: boolean, hasPatch: boolean): VersionTriple {
  if (given.major > 0 || !hasMinor) return nextMajor(given);
  if (given.minor > 0 || !hasPatch) return nextMinor(given);
  return nextPatch(given);
}

function nextMajor({ major }: VersionTriple): VersionTriple {
  return { major: major + 1, minor: 0, patch: 0 };
}

function nextMinor({ major, minor }: VersionTriple): VersionTriple {
  return { major, minor: minor + 1, patch: 0 };
}

function nextPatch({ major, minor, patch }: VersionTriple): VersionTriple {
  return { major, minor, patch: patch + 1 };
}

function isSmall(number: VersionNumber): number is number {
  return typeof number === "number";
}
