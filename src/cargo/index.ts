// Names, sources, idents, lockfiles

export { canonicalUrl } from "./canonical-url.ts";
// Index, registry protocol, manifests
export { CACHEDIR_TAG_NAME, CARGO_OK_CONTENT, CARGO_OK_NAME } from "./cargo-ok.ts";
// Configuration
export {
  booleanAt,
  type CargoConfig,
  configPath,
  integerAt,
  type Located,
  pathAt,
  stringAt,
} from "./config/cargo-config.ts";
export { ConfigError, type ConfigErrorCode } from "./config/config-error.ts";
export { configPatches } from "./config/config-patches.ts";
export {
  type ConfigOrigin,
  type ConfigTable,
  type ConfigValue,
  formatOrigin,
  plainConfigValue,
} from "./config/config-value.ts";
export { type ConfiguredSource, configuredSources, type SourceLocation } from "./config/configured-sources.ts";
export { type ConfigWarning, configCandidates } from "./config/discovery.ts";
export { type HttpSettings, httpSettings, type ProxySettings, type SslVersion } from "./config/http-settings.ts";
export { type ConfigPlace, loadConfig, type ReadText } from "./config/load.ts";
export { autoCleanFrequency, type NetSettings, netSettings } from "./config/net-settings.ts";
export { proxyFor } from "./config/proxy-for.ts";
export { cratesIoProtocol, defaultRegistry, registryIndex, registryNames } from "./config/registries.ts";
export { type HookLocation, hookFor, type SourceHook } from "./config/source-hook.ts";
export { type ChainOptions, type EffectiveEnd, type EffectiveSource, effectiveSource } from "./config/sources.ts";
// Credentials
export {
  type CredentialAnswer,
  type CredentialQuestion,
  formatCredentialQuestion,
  helloProblem,
  isUsableToken,
  mayBeReused,
  readCredentialAnswer,
  type TokenLife,
  tokenFromStdout,
} from "./credentials/credential-protocol.ts";
export { type CredentialProvider, providerLabel } from "./credentials/credential-provider.ts";
export { withCredentials } from "./credentials/credentials-file.ts";
export { loginUrlOf } from "./credentials/login-url.ts";
export { type RegistryCredentials, registryCredentials } from "./credentials/registry-credentials.ts";
export { hideSecrets, type Secret, secret } from "./credentials/secret.ts";
export { cratesIoSparseRoot } from "./default-upstream.ts";
export {
  DependencySourceError,
  type DependencySourceErrorCode,
  dependencySourceId,
  type ManifestPlace,
  patchedUrl,
  pathSourceId,
  registrySourceId,
} from "./dependency-source.ts";
// Editing manifests
export { addDependencies, type EditOutcome } from "./editing/add-dependencies.ts";
export type { AddMember, AddProject, EditedManifest } from "./editing/add-project.ts";
export {
  type AddFlags,
  type AskedGit,
  type AskedPath,
  type DependencyRequest,
  dependencyRequests,
} from "./editing/add-request.ts";
export type { FeatureSelection } from "./editing/available-features.ts";
export { cleanWorkspace, withoutUnusedPatches } from "./editing/clean-workspace.ts";
export type { DependencyEntry, EntrySource } from "./editing/dependency-entry.ts";
export type { DependencySection } from "./editing/dependency-section.ts";
export { ManifestEditError, type ManifestEditErrorCode } from "./editing/edit-error.ts";
export { type EditMessage, type EditMessageText, editMessageText, type PaintMark } from "./editing/edit-message.ts";
export type { RegistryIndex } from "./editing/entry-url.ts";
export {
  type FoundPackage,
  offeredPackages,
  type PackageOrigin,
  type PackageQuestion,
  packageOfManifest,
} from "./editing/found-package.ts";
export { removeDependencies } from "./editing/remove-dependencies.ts";
export { type FeatureDependency, type FeatureTable, featureTableProblem, implicitFeatures } from "./features.ts";
export { fileUrl } from "./file-url.ts";
export { gitIdent, registryIdent, stableHash } from "./ident.ts";
export {
  formatIndexCache,
  type IndexCache,
  IndexCacheError,
  type IndexCacheErrorCode,
  type IndexCacheLine,
  parseIndexCache,
} from "./index-cache.ts";
export {
  type DependencyKind,
  type IndexDependency,
  type IndexEntry,
  IndexEntryError,
  type IndexEntryErrorCode,
  type IndexLine,
  NEWEST_INDEX_SCHEMA,
  parseIndexEntry,
  readIndexEntry,
} from "./index-entry.ts";
export { type IndexHead, indexHeads, selectIndexLines } from "./index-lines.ts";
export type { LockedDependency, LockedPackage, Lockfile } from "./lockfile.ts";
export { LockfileError, type LockfileErrorCode } from "./lockfile-error.ts";
export { formatLockfile } from "./lockfile-format.ts";
export { lockedDependencies, lockedReplacements } from "./lockfile-graph.ts";
export { parseLockfile } from "./lockfile-parse.ts";
export { leadingComments } from "./lockfile-text.ts";
export { parseManifest } from "./manifest.ts";
export type { DependencyDetail, DependencySource, GitRevision, ManifestDependency } from "./manifest-dependencies.ts";
export type {
  ManifestFacts,
  ManifestPatch,
  ManifestReplacement,
  ManifestWorkspace,
  WorkspaceInheritance,
} from "./manifest-facts.ts";
export { type ManifestLoader, manifestLoader } from "./manifest-loader.ts";
export type { PackageDefaults, PackageFields } from "./manifest-package.ts";
export { ManifestError, type ManifestErrorCode } from "./manifest-table.ts";
export { indexPath, isPackageName } from "./names.ts";
export {
  type ChecksummedFile,
  formatPackageChecksum,
  PACKAGE_CHECKSUM_NAME,
  type PackageChecksum,
  PackageChecksumError,
  type PackageChecksumErrorCode,
  parsePackageChecksum,
} from "./package-checksum.ts";
export {
  matchesPackageIdSpec,
  type PackageIdSpec,
  PackageIdSpecError,
  type PackageIdSpecErrorCode,
  type PartialVersion,
  parsePackageIdSpec,
  parsePartialVersion,
  type SpecifiedPackage,
} from "./package-id-spec.ts";
export {
  type FileListing,
  PackageFilesError,
  type PackageFilesErrorCode,
  type PackedFile,
  packedFiles,
} from "./packaging/file-list.ts";
export { type FolderEntry, folderOfFiles, type PackageFolder } from "./packaging/folder.ts";
export {
  type GitPackageFile,
  gitPackageFiles,
  MOST_GIT_PACKAGE_FILES,
  type RepositoryEntry,
} from "./packaging/git-package-files.ts";
export { type IndexLineParts, indexLineOf } from "./packaging/index-line.ts";
export { type JudgedManifest, judgeManifest, type LowestCargo, lowestCargo } from "./packaging/lowest-cargo.ts";
export type { ManifestText, PackageSource } from "./packaging/package-source.ts";
export { publishRegistries } from "./packaging/publish-registries.ts";
export { type Packing, publishedManifest, vendoredManifest } from "./packaging/written-manifest.ts";
export { isPlatform } from "./platform.ts";
export {
  type CrateAddress,
  downloadUrl,
  parseRegistryConfig,
  type RegistryConfig,
  RegistryConfigError,
  type RegistryConfigErrorCode,
} from "./registry-config.ts";
export { isSha256, type Sha256 } from "./sha256.ts";
export { directoryOf } from "./slash-path.ts";
export {
  CRATES_IO,
  compareSourceIds,
  formatSourceId,
  type GitReference,
  isCratesIo,
  type LockfileVersion,
  parseSourceId,
  type SourceId,
  SourceIdError,
  type SourceIdErrorCode,
  type SourceKind,
  sameSource,
} from "./source-id.ts";
export {
  configRequest,
  type HttpAnswer,
  type HttpRequest,
  indexVersionOf,
  readSparseAnswer,
  type SparseAnswer,
  SparseError,
  type SparseErrorCode,
  sparseRequest,
  type Validator,
  validatorFromIndexVersion,
} from "./sparse.ts";
export { type StandIn, standInFiles, type TextFile } from "./stand-in.ts";
export { compareUtf8 } from "./utf8-order.ts";
export {
  findWorkspaceRoot,
  inheritanceFrom,
  type ReadManifestText,
  WorkspaceError,
  type WorkspaceErrorCode,
  type WorkspaceRoot,
  type WorkspaceSearch,
} from "./workspace.ts";
export { type DirectoryEntry, expandGlob, type GlobMatch, type ListDirectory } from "./workspace-glob.ts";
export { findMembers, type Workspace, type WorkspaceMember } from "./workspace-members.ts";
