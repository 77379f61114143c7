export {
  type Comparator,
  type ComparatorOperator,
  formatRequirement,
  parseRequirement,
  type Requirement,
} from "./requirement.ts";
export { matchesRequirement } from "./requirement-match.ts";
export { compareTriples, requirementRange, type VersionRange, type VersionTriple } from "./requirement-range.ts";
export type { VersionNumber } from "./scanner.ts";
export { formatVersion, isVersion, parseVersion, type Version } from "./version.ts";
export { VersionError, type VersionErrorCode } from "./version-error.ts";
export { compareVersions } from "./version-order.ts";
