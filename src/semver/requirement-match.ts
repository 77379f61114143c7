import type { Comparator, Requirement } from "./requirement.ts";
import type { Version } from "./version.ts";
import { comparePre } from "./version-order.ts";

/**
 * Whether `version` satisfies every comparator.
 *
 * A pre-release version also needs a comparator that names a pre-release of the same major.minor.patch. Build metadata
 * never matters.
 */
export function matchesRequirement(requirement: Requirement, version: Version): boolean {
  const { comparators } = requirement;
  for (const comparator of comparators) {
    if (!matchesComparator(comparator, version)) return false;
  }
  return version.pre === "" || allowsPreRelease(comparators, version);
}

function allowsPreRelease(comparators: readonly Comparator[], version: Version): boolean {
  for (const { major, minor, patch, pre } of comparators) {
    if (pre !== "" && major === version.major && minor === version.minor && patch === version.patch) return true;
  }
  return false;
}

function matchesComparator(comparator: Comparator, version: Version): boolean {
  let matches: boolean;
  switch (comparator.operator) {
    case "^":
      matches = matchesCaret(comparator, version);
      break;
    case "~":
      matches = matchesTilde(comparator, version);
      break;
    case "=":
    case "wildcard":
      matches = isWithin(comparator, version);
      break;
    case ">":
      matches = relation(comparator, version) > 0;
      break;
    case ">=":
      matches = relation(comparator, version) > 0 || isWithin(comparator, version);
      break;
    case "<":
      matches = relation(comparator, version) < 0;
      break;
    case "<=":
      matches = relation(comparator, version) < 0 || isWithin(comparator, version);
      break;
  }
  return matches;
}

/** All parts that the comparator gives are equal, the pre-release always. */
function isWithin(comparator: Comparator, version: Version): boolean {
  const { major, minor, patch, pre } = comparator;
  if (major !== version.major) return false;
  if (minor !== undefined && minor !== version.minor) return false;
  if (patch !== undefined && patch !== version.patch) return false;
  return pre === version.pre;
}

/** Where the version stands to the parts given: below (-1) or above (1), or 0 when they run out without a difference. */
function relation(comparator: Comparator, version: Version): number {
  const { major, minor, patch, pre } = comparator;
  if (version.major !== major) return version.major < major ? -1 : 1;
  if (minor === undefined) return 0;
  if (version.minor !== minor) return version.minor < minor ? -1 : 1;
  if (patch === undefined) return 0;
  if (version.patch !== patch) return version.patch < patch ? -1 : 1;
  return comparePre(version.pre, pre);
}

function matchesTilde(comparator: Comparator, version: Version): boolean {
  const { major, minor, patch, pre } = comparator;
  if (version.major !== major) return false;
  if (minor !== undefined && version.minor !== minor) return false;
  if (patch !== undefined && version.patch !== patch) return version.patch > patch;
  return comparePre(version.pre, pre) >= 0;
}

/** The first number that is not zero may not change. */
function matchesCaret(comparator: Comparator, version: Version): boolean {
  const { major, minor, patch, pre } = comparator;
  if (version.major !== major) return false;
  if (minor === undefined) return true;
  if (version.minor !== minor) return major !== 0 && version.minor > minor;
  if (patch === undefined) return true;
  if (version.patch !== patch) return (major !== 0 || minor !== 0) && version.patch > patch;
  return comparePre(version.pre, pre) >= 0;
}
