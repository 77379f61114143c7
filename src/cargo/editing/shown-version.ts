import { compareVersions, formatVersion, parseRequirement, type Version, VersionError } from "../../semver/index.ts";

/** The version that a requirement shows to its reader: the greatest one that it writes out with all three numbers. */
export function shownVersion(requirement: string): string | undefined {
  const shown = comparatorsOf(requirement).flatMap(({ operator, major, minor, patch, pre }): Version[] => {
    if (operator === ">" || operator === "<" || minor === undefined || patch === undefined) return [];
    return [{ major, minor, patch, pre, build: "" }];
  });
  const greatest = shown.sort(compareVersions).at(-1);
  return greatest === undefined ? undefined : formatVersion(greatest);
}

function comparatorsOf(requirement: string): ReturnType<typeof parseRequirement>["comparators"] {
  try {
    return parseRequirement(requirement).comparators;
  } catch (error) {
    if (error instanceof VersionError) return [];
    throw error;
  }
}
