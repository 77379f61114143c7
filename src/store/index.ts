export { DAY_MS } from "./age.ts";
export { changeMode, copyFile, linkOrCopy, movePath, removePath } from "./careful-files.ts";
export {
  adoptCrate,
  type CrateCheck,
  type CrateRead,
  checkCrate,
  cratePath,
  hasCrate,
  type PutOutcome,
  putCrate,
  readCrate,
} from "./crates.ts";
export {
  type EntryKind,
  type EntrySize,
  listCrates,
  listEntries,
  listTrees,
  measureEntry,
  type StoreEntry,
} from "./entries.ts";
export type { LockMode, LockRequest } from "./flock.ts";
export { forgetHub, goneSince, markGone, unmarkOthers } from "./gone-hubs.ts";
export { hubLockPath, readHubLock } from "./hub-locks.ts";
export {
  type HubRoot,
  type HubRoots,
  type HubShare,
  hubOfDamagedRoot,
  hubRootPath,
  hubsSharing,
  inodeOfDirectory,
  listHubs,
  registerHub,
} from "./hubs.ts";
export {
  type IndexFile,
  type IndexValidator,
  isIntactIndexFile,
  readIndexFile,
  writeIndexFile,
} from "./index-files.ts";
export { checkLines, type LineCheck } from "./line-check.ts";
export { compactLines, type LineUse, measureLines } from "./line-compaction.ts";
export { putLines, readLines, type StoredLine } from "./lines.ts";
export {
  type LinkCounts,
  type LinkedCrate,
  type LinkMethod,
  type LinkMode,
  linkCrate,
  linkStoredFile,
  linkTree,
} from "./links.ts";
export type { LockHolder } from "./lock-holder.ts";
export {
  acquireLock,
  acquireLocks,
  type HeldLocks,
  isLeaseCertain,
  leaseStore,
  type OnWait,
  storeLease,
  withLock,
} from "./locks.ts";
export {
  gitIndexPath,
  hasPack,
  linkPack,
  listPacks,
  makePrivateDirectory,
  type PackCheck,
  type PackRead,
  packPath,
  putPack,
  readPack,
} from "./packs.ts";
export { listLeftovers, sweepPartial } from "./partial.ts";
export { uniqueName, writerOf } from "./process-identity.ts";
export { openStore, type Store, storeRoots } from "./roots.ts";
export { type DirectoryEntry, isIntactTreeList, type TreeFile, type TreeList } from "./stat-list.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";
export {
  removeAside,
  type StoreNeeds,
  type Swept,
  sweepEntries,
  takeAside,
  unusedEntries,
} from "./sweep.ts";
export { thisSystem } from "./this-system.ts";
export type { BuiltFile } from "./tree-survey.ts";
export { addTree, checkTree, retireTree, type TreeCheck, treeListPath, treePath } from "./trees.ts";
