import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSha256, type Sha256 } from "../cargo/index.ts";
import { movePath, removePath, thisSystem } from "../store/index.ts";
import { HubRoomError } from "./hub-room-error.ts";

/** SHA-256 of UTF-8 text or bytes. */
export function sha256Hex(content: string | Uint8Array): Sha256 {
  const digest = createHash("sha256").update(content).digest("hex");
  if (!isSha256(digest)) throw new TypeError(`${digest} is not a digest`);
  return digest;
}

/** The file's text, or undefined when there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The file's bytes, or undefined when there is no file. */
export function readBytesIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR" || errorCode(error) === "EISDIR")
      return undefined;
    throw error;
  }
}

/** What lstat says, or undefined when nothing is there. */
export function lstatIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return undefined; // for ENOENT alone Node gives undefined by itself
    throw error;
  }
}

/** `code` of a system error, or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

let counter = 0;

/** Whether a path is that of a private file of {@link replaceFile}. */
export function isPartialFile(path: string): boolean {
  return /(?:^|[\\/])\.\d+-\d+\.hub-partial$/.test(path);
}

/**
 * Writes a small file so that a reader sees the old or the new content, never a part.
 *
 * A symbolic link at `path` is followed by nobody: it is replaced.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  counter += 1;
  const partial = join(dirname(path), `.${process.pid}-${counter}.hub-partial`);
  makeDirectory(dirname(path));
  try {
    writeFileSync(partial, content, { flag: "wx" });
    movePath(partial, path);
  } catch (error) {
    removePath(partial);
    throw writeError(error, path);
  }
}

/** Writes `content` unless the file holds just that; an unchanged file keeps its inode and its time. */
export function ensureFile(path: string, content: string): "written" | "unchanged" {
  if (readText(path) === content) return "unchanged";
  replaceFile(path, content);
  return "written";
}

/**
 * {@link ensureFile} for a text that is committed: a checkout by git may have made each LF a CRLF, and is left as it is.
 */
export function ensureText(path: string, content: string): "written" | "unchanged" {
  return isSameText(readText(path), content) ? "unchanged" : ensureFile(path, content);
}

/** Whether a file holds `content`, with LF or with CRLF in all its lines. */
export function isSameText(actual: string | undefined, content: string): boolean {
  return actual === content || (actual?.includes("\r\n") === true && actual === content.replaceAll("\n", "\r\n"));
}

/** {@link ensureFile} for several. @returns whether any was written. */
export function ensureFiles(files: readonly (readonly [path: string, content: string])[]): boolean {
  return files.map(([path, content]) => ensureFile(path, content)).includes("written");
}

/** Makes a directory with those above it. @throws {HubRoomError} hub/not-writable. */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  // Node's own `recursive` says ENOENT where the file system is read-only.
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST" || !statSync(path).isDirectory()) throw writeError(error, path);
  }
}

/** Windows says the same of what somebody has open. */
const inUse = thisSystem === "windows" ? "; if it is writable, close the program that has it open" : "";

/** What stands in the way of a write, by the system's error code. */
const obstacles: Readonly<Record<string, { readonly reason: string; readonly help: string }>> = {
  ...Object.fromEntries(
    ["EACCES", "EPERM", "EROFS"].map((code) => [
      code,
      {
        reason: `it cannot be written (${code === "EROFS" ? "read-only file system" : "permission denied"})`,
        help: `make the directory writable, or fill the hub on a machine where it is and copy it here${inUse}`,
      },
    ]),
  ),
  ENOSPC: {
    reason: "no space is left on the device",
    help: "free some space and run the command again; what was done is kept",
  },
  EDQUOT: {
    reason: "the disk quota is used up",
    help: "free some space and run the command again; what was done is kept",
  },
  EBUSY: {
    reason: "it cannot be written: another program has it open",
    help: "close that program (an editor, rust-analyzer, a virus scanner) and run the command again",
  },
  ENAMETOOLONG: {
    reason: "it cannot be written: its path is longer than the system allows",
    help: "move the project to a directory with a shorter path",
  },
  ENOTDIR: inTheWay("a directory on the way to it is a file"),
  EEXIST: inTheWay("a file stands where a directory belongs"),
  EISDIR: inTheWay("a directory stands where the file belongs"),
  ENOTEMPTY: inTheWay("a directory stands where the file belongs"),
  ENOENT: inTheWay("its directory does not exist and cannot be made"),
};

function inTheWay(reason: string): { reason: string; help: string } {
  return { reason: `it cannot be written: ${reason}`, help: "move what is in the way and run the command again" };
}

/** Names what stopped a write: no room, no permission, something in the way; anything else is passed on. */
export function writeError(error: unknown, path: string): unknown {
  const obstacle = obstacles[errorCode(error) ?? ""];
  if (obstacle === undefined) return error;
  const { reason, help } = obstacle;
  return new HubRoomError({ code: "hub/not-writable", what: reason, where: path, help, cause: error });
}
