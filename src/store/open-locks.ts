import { closeSync, constants, openSync } from "node:fs";
import type { System } from "../system/index.ts";
import type { LockMode } from "./flock.ts";
import { errnoOf } from "./store-error.ts";

/** How a lock file is locked by opening it: the lock lasts until the file is closed, so at the latest until the process ends. */
export interface OpenLocking {
  /** Flags for open(2), beside those for reading and writing. */
  readonly flags: Readonly<Record<LockMode, number>>;
  /** The errors that say: somebody else holds it. */
  readonly blockedBy: ReadonlySet<string>;
  /** Whether it is the lock that cargo takes on its own files. */
  readonly isCargos: boolean;
}

/** O_SHLOCK and O_EXLOCK of macOS: flock(2) at once with open(2). Node passes them through. */
const MACOS: OpenLocking = {
  flags: { shared: 0x10 | constants.O_NONBLOCK, exclusive: 0x20 | constants.O_NONBLOCK },
  blockedBy: new Set(["EAGAIN", "EWOULDBLOCK"]),
  isCargos: true,
};

/**
 * Node's UV_FS_O_EXLOCK for Windows: the file is not shared, so that nobody can open it beside, and it can not be opened beside anybody.
 * An ordinary open, which shares the file with every other, is then the lock of a reader.
 */
const WINDOWS: OpenLocking = {
  flags: { shared: 0, exclusive: 0x1000_0000 },
  blockedBy: new Set(["EBUSY"]),
  isCargos: false,
};

/** How lock files are locked by opening them on a system; undefined where that is not possible. */
export function openLocking(system: System): OpenLocking | undefined {
  if (system === "macos") return MACOS;
  return system === "windows" ? WINDOWS : undefined;
}

/** Opening and closing, as node:fs does it. */
export interface LockFiles {
  readonly open: (path: string, flags: number, mode: number) => number;
  readonly close: (descriptor: number) => void;
}

/** Those of the system. */
export const lockFiles: LockFiles = { open: openSync, close: closeSync };

/**
 * Tries to lock a file without waiting. The file is made when it is missing.
 *
 * @returns Its descriptor, or `blocked`.
 * @throws What open(2) says otherwise.
 */
export function tryOpenLock(
  { path, mode }: { readonly path: string; readonly mode: LockMode },
  { flags, blockedBy }: OpenLocking,
  files: LockFiles,
): { readonly descriptor: number } | "blocked" {
  try {
    return { descriptor: files.open(path, constants.O_RDWR | constants.O_CREAT | flags[mode], 0o666) };
  } catch (error) {
    if (blockedBy.has(errnoOf(error) ?? "")) return "blocked";
    throw error;
  }
}
