import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { HubError } from "../errors/index.ts";
import { thisSystem } from "./this-system.ts";

/** The codes of {@link StoreError}; each has its page in docs/errors. */
export type StoreErrorCode =
  | "store/checksum-mismatch"
  | "store/pack-damaged"
  | "store/version-unknown"
  | "store/not-a-store"
  | "store/not-writable"
  | "store/disk-full"
  | "store/io-error"
  | "store/line-invalid"
  | "store/tree-invalid"
  | "store/tree-vanished"
  | "store/target-exists"
  | "store/name-collision"
  | "store/link-unsupported"
  | "store/lock-failed";

/** Something the store, its links or its locks could not do. */
export class StoreError extends HubError<StoreErrorCode> {}

/** The `code` of a system error (`ENOENT`), or undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The error for content that does not hash to the digest it was promised under. */
export function checksumMismatch(where: string, expected: string, actual: string): StoreError {
  return new StoreError({
    code: "store/checksum-mismatch",
    what: `content hashes to ${actual}, but ${expected} was promised`,
    where,
    help: "download it again; if it still differs, the lockfile and the registry disagree",
  });
}

/**
 * What a system error at `path` means to a user. Errors that already are a {@link StoreError} pass unchanged.
 *
 * @param path The file or directory that was worked on.
 */
export function storeFailure(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = errnoOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull(error, path, code);
  if (code === "EBUSY") {
    return new StoreError({
      code: "store/not-writable",
      what: "another program has it open (EBUSY)",
      where: path,
      help: "close that program (an editor, a virus scanner), then run the command again",
      cause: error,
    });
  }
  if (code === "EROFS" || code === "EACCES" || code === "EPERM") {
    return new StoreError({
      code: "store/not-writable",
      what: `the file system refuses access (${code})`,
      where: path,
      help: `make the directory accessible to this user, or set CARGO_HUB_STORE to one that is${inUse}`,
      cause: error,
    });
  }
  return new StoreError({
    code: "store/io-error",
    what: error instanceof Error ? error.message : String(error),
    where: path,
    help: "check the disk and the path, then run the command again",
    cause: error,
  });
}

/** Windows says the same of what somebody has open. */
const inUse = thisSystem === "windows" ? "; if it is, close the program that has it open" : "";

function diskFull(error: unknown, path: string, code: string): StoreError {
  const free = freeBytes(path);
  const left = free === undefined ? "" : `, ${free} bytes are free`;
  return new StoreError({
    code: "store/disk-full",
    what: `${code === "EDQUOT" ? "the disk quota is used up" : "no space is left on the device"}${left}`,
    where: path,
    help: "free some space, or set CARGO_HUB_STORE to a larger disk, then run the command again",
    cause: error,
  });
}

/** Bytes an unprivileged user may still write near `path`, which need not exist. */
function freeBytes(path: string): number | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = statfsSync(at);
      return bavail * bsize;
    } catch {
      if (dirname(at) === at) return undefined;
    }
  }
}
