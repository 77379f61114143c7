export {
  type HubSource,
  hasCompatBlock,
  hubConfigText,
  includeLine,
  sourceTomlText,
  withCompatBlock,
} from "./config-texts.ts";
export {
  type ExportedSource,
  type ExportPlaces,
  type ExportPlan,
  exportedConfigPath,
  exportedRepositoryPlaces,
  exportedSources,
  exportLayout,
  exportMarks,
  exportPlaces,
  exportTexts,
  parseBaseUrl,
} from "./exports.ts";
export { ignoredPaths, withAttributes, withIgnoredPaths } from "./git-texts.ts";
export { describeLineChange, type LineChange, recoverPinnedLine } from "./index-lines.ts";
export {
  type CratePlaces,
  configDigestText,
  configPlaces,
  crateDirectory,
  cratePlaces,
  gitPackageDirectory,
  hubLayout,
  indexDirectory,
  indexPlaces,
  quarantineDirectory,
  quarantineName,
  type RepositoryPlaces,
  repositoryPlaces,
  sourceDirectory,
} from "./layout.ts";
export { withLocalCrates } from "./local-crates.ts";
export { clashingPlaces, type NamedPlace, packagePlaces, unusablePlace } from "./outside-names.ts";
export { type PlacedSource, placedSources, sourcesOfLock } from "./placed-sources.ts";
export { PlanError, type PlanErrorCode } from "./plan-error.ts";
export {
  type CrateKey,
  compareWanted,
  crateKey,
  isPackageId,
  type PlacedLockfile,
  packageDirectory,
  type WantedCrate,
  wantedCrates,
} from "./wanted.ts";
export { refuseCommitConflicts, type WantedGitPackage, wantedGitPackages } from "./wanted-git.ts";
