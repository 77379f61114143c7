import { HubError } from "../errors/index.ts";

export type HubRoomErrorCode =
  | "hub/cargo-failed"
  | "hub/cargo-home-in-use"
  | "hub/checksum-disagreement"
  | "hub/compat-conflict"
  | "hub/crate-mismatch"
  | "hub/contents-unknown"
  | "hub/credentials-unreadable"
  | "hub/export-incomplete"
  | "hub/export-target"
  | "hub/folder-damaged"
  | "hub/folder-lacks"
  | "hub/folder-unknown"
  | "hub/foreign-content"
  | "hub/git-package-invalid"
  | "hub/git-package-missing"
  | "hub/index-line-changed"
  | "hub/lock-outdated"
  | "hub/lockfile-missing"
  | "hub/name-collision"
  | "hub/name-unusable"
  | "hub/not-effective"
  | "hub/not-found"
  | "hub/not-writable"
  | "hub/nothing-to-fill"
  | "hub/search-too-large"
  | "hub/std-missing"
  | "hub/upstream-unsupported"
  | "hub/version-missing"
  | "hub/with-link"
  | "hub/with-mismatch"
  | "hub/with-missing"
  | "hub/with-registry"
  | "hub/worker-failed";

/** A hub cannot be filled, checked or switched. */
export class HubRoomError extends HubError<HubRoomErrorCode> {}
