export type { Area, Finding } from "./check-crate.ts";
export type { CommittedContent, HiddenFile } from "./committed.ts";
export type { HubEvent, OnEvent } from "./events.ts";
export { type ExportOptions, type ExportReport, exportHub } from "./export.ts";
export { fillHub } from "./fill.ts";
export { type FillScope, fillProjects, type ProjectsFilled } from "./fill-projects.ts";
export { type FillReport, isFillReport } from "./fill-report.ts";
export type { FillOptions } from "./fill-scene.ts";
export { HubRoomError, type HubRoomErrorCode } from "./hub-room-error.ts";
export { displayPath, type Standpoint } from "./locate.ts";
export { defaultProofCommand, type ProveOptions, proveHub } from "./prove.ts";
export { type RepairReport, repairHub } from "./repair.ts";
export {
  type FailedHub,
  type HubAction,
  type SeveralReport,
  type SeveralWatch,
  withHubsBelow,
} from "./several-hubs.ts";
export type { Environment } from "./sources.ts";
export { freshReport } from "./stamp.ts";
export { hubStatus, type StatusOptions, type StatusReport } from "./status.ts";
export type { StdWish } from "./std-lock.ts";
export { type Deletion, type GcOptions, type GcReport, type MissedHub, type PlainError, storeGc } from "./store/gc.ts";
export { defaultGraceMs } from "./store/gc-plan.ts";
export type { StoreOptions } from "./store/place.ts";
export { repairStore, type StoreRepairReport } from "./store/repair.ts";
export {
  type Amount,
  type HubOfStore,
  type StoreStatus,
  type StoreStatusOptions,
  storeStatus,
} from "./store/status.ts";
export { type StoreVerifyOptions, type StoreVerifyReport, verifyStore } from "./store/verify.ts";
export { type SwitchOptions, type SwitchReport, turnOff, turnOn } from "./switch.ts";
export { type VerifyOptions, type VerifyReport, verifyHub } from "./verify.ts";
