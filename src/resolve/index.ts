export type { MissingFeature } from "./enabled.ts";
export type {
  AskedDependency,
  ChainLink,
  ConflictReason,
  ExcludedVersion,
  Exclusion,
  NoSolution,
  Obstacle,
  PackageName,
  PatchFailure,
  ReplacementFailure,
  ResolveFailure,
} from "./failure.ts";
export {
  type IndexContents,
  type IndexPackage,
  type IndexState,
  type IndexVersion,
  readIndexPackage,
} from "./index-package.ts";
export type { Update } from "./keep.ts";
export { type LockfileWriting, lockfileOf, lockfileVersionFor, type WrittenLockfile } from "./lockfile-of.ts";
export type { Asking, IndexNeed, Need, ResolveAnswer, ResolveQuestion, SourceNeed } from "./need.ts";
export type { Effort, ResolvedGraph, ResolvedPackage, ResolveOutcome } from "./outcome.ts";
export type { PackageSummary, SummaryDependency } from "./package-summary.ts";
export { type PreparedPackage, prepareIndexFile } from "./prepare-index.ts";
export { type KeptPackage, type OpenPrepared, preparedIndexOpener, type ReadBody } from "./prepared-index.ts";
export type { PatchRequest } from "./register-patches.ts";
export type { ReplacementRequest } from "./replacements.ts";
export { type ResolveRequest, resolve } from "./resolve.ts";
export { ResolveError, type ResolveErrorCode } from "./resolve-error.ts";
export { packageSummary, type ResolutionSettings, resolverOf, workspaceRequest } from "./workspace-request.ts";
