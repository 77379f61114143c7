export {
  type ExportRecord,
  type ExportShape,
  exportShapes,
  formatExportRecord,
  parseExportRecord,
} from "./export-record.ts";
export { type FileSum, formatFileSums, parseFileSums } from "./file-sums.ts";
export { FormatsError, type FormatsErrorCode } from "./formats-error.ts";
export { emptyHubLock, formatHubLock, hubLockVersion, parseHubLock } from "./hub-lock.ts";
export type {
  BuildTimeCode,
  HubCrate,
  HubCrateKind,
  HubGitPackage,
  HubLock,
  HubLockfile,
  HubPackageId,
  HubQuarantine,
  HubRepository,
  HubVendoredCrate,
} from "./hub-lock-records.ts";
export {
  defaultHubToml,
  type HubCommit,
  type HubMode,
  type HubToml,
  hubTomlVersion,
  parseHubToml,
} from "./hub-toml.ts";
export { formatProof, type Isolation, type ProofRecord } from "./proof.ts";
