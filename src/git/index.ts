export {
  blobPieces,
  type CommitPack,
  closePack,
  openPack,
  readBlob,
} from "./commit-pack.ts";
export { compareRepository, type ExpectedRepository, type RepositoryComparison } from "./compare-repository.ts";
export { GitError, type GitErrorCode } from "./git-error.ts";
export { type GitIndex, type IndexBlob, openGitIndex } from "./git-index.ts";
export type { GitSettings } from "./git-program.ts";
export { closeRemote, type GitRemote, openRemote } from "./git-remote.ts";
export { checkGitSource, type GitSource } from "./git-source.ts";
export { type GitProtocol, type GitUrl, parseGitUrl, submoduleUrl } from "./git-url.ts";
export { type IndexRepository, indexRepository } from "./index-repository.ts";
export { GIT_LIMITS, type GitLimits } from "./limits.ts";
export { blobId } from "./objects.ts";
export type { PackPlace } from "./pack-bytes.ts";
export { type PackedCommit, packCommit, type WantedCommit } from "./pack-commit.ts";
export { type FoundEntry, findEntry, listFiles, type RepositoryEntry } from "./pack-files.ts";
export {
  type CommitReference,
  databaseFiles,
  databaseReference,
  type RepositoryContent,
  type RepositoryFile,
} from "./repository-files.ts";
export { resolveReference } from "./resolve-reference.ts";
export { listSubmodules, type Submodule } from "./submodules.ts";
export { listWorkTree, type WorkTree } from "./work-tree.ts";
