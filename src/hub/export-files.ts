import {
  closeSync,
  fstatSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { FileSum } from "../formats/index.ts";
import { changeMode, copyFile, type LinkMethod, type LinkMode, linkStoredFile, removePath } from "../store/index.ts";
import { errorCode, sha256Hex, writeError } from "./files.ts";

/** The mask under which everything in an export is made, whatever the process has. */
export const exportUmask = 0o022;
const exportFileMode: number = 0o666 & ~exportUmask;
export const exportDirectoryMode: number = 0o777 & ~exportUmask;

/** The time of all that has none of its own, in seconds since 1970: what cargo gives to files that it generates. */
const exportTimeSeconds = 1_153_704_088;

/** Whether files and directories get the right permission bits by themselves, as the first one has shown: the process may have another mask. */
const isMaskRight: { forFiles?: boolean; forDirectories?: boolean } = {};

/** Writes a new file with the mode and the time of an export. @throws {HubRoomError} hub/not-writable. */
export function writeStamped(path: string, content: string | Uint8Array): void {
  try {
    const descriptor = openSync(path, "wx", exportFileMode);
    try {
      writeFileSync(descriptor, content);
      isMaskRight.forFiles ??= (fstatSync(descriptor).mode & 0o777) === exportFileMode;
      if (!isMaskRight.forFiles) changeMode(path, exportFileMode);
      futimesSync(descriptor, exportTimeSeconds, exportTimeSeconds);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw writeError(error, path);
  }
}

/**
 * Puts a file of hub or store into an export, with the mode and the time of an export. A file that others share keeps its mode: with
 * a wrong one it is copied.
 *
 * @param to Its directory is there. @throws {StoreError} store/link-unsupported, store/io-error and what else linking throws.
 */
export function linkStamped(from: string, to: string, link: LinkMode): LinkMethod {
  const { mode, mtimeMs } = statSync(from);
  const how = linkStoredFile(from, { target: to, mode: (mode & 0o777) === exportFileMode ? link : "copy" });
  if (how === "hardlink" && (mtimeMs === exportTimeSeconds * 1000 || trySetTime(to))) return how;
  if (how === undefined || how === "hardlink") {
    // It is somebody else's: then its time can not be set.
    removePath(to);
    copyFile(from, to);
  }
  changeMode(to, exportFileMode);
  utimesSync(to, exportTimeSeconds, exportTimeSeconds);
  return how === "reflink" ? how : "copy";
}

function trySetTime(path: string): boolean {
  try {
    utimesSync(path, exportTimeSeconds, exportTimeSeconds);
    return true;
  } catch (error) {
    if (errorCode(error) === "EPERM") return false;
    throw error;
  }
}

/** Gives all directories below and at `root` the time of an export. @returns the symbolic links that are there. */
export function stampDirectories(root: string, mode?: number): FileSum[] {
  const stamp = (path: string): void => {
    if (mode !== undefined) changeMode(path, mode);
    utimesSync(path, exportTimeSeconds, exportTimeSeconds);
  };
  const links: FileSum[] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) links.push({ path: relative(root, path).replaceAll(sep, "/"), sha256: "link" });
    if (entry.isDirectory()) stamp(path);
  }
  stamp(root);
  return links;
}

/** {@link stampDirectories} of a package that was written here: its directories get the mode of an export too. */
export function stampPackage(root: string): void {
  stampDirectories(root, exportDirectoryMode);
}

/** A staged export: files are added, and at the end it is sealed. */
export interface ExportFiles {
  /** Absolute path of a file or directory to be made by somebody else; the directories above it are made. */
  place(path: string): string;
  /** Writes a file. */
  write(path: string, content: string | Uint8Array): void;
  /** Notes files that somebody else wrote, by path below `directory`. */
  note(directory: string, sums: readonly FileSum[]): void;
  /** All files so far. */
  readonly sums: readonly FileSum[];
  /** Gives the directories that were made here their time; nothing may be added afterwards. */
  seal(): void;
}

/** @param root An existing, empty directory. Paths of all methods are relative to it, with `/`. */
export function openExportFiles(root: string): ExportFiles {
  const directories = new Set<string>();
  const sums: FileSum[] = [];
  const makeParent = (path: string): void => {
    const parent = dirname(path);
    if (directories.has(parent)) return;
    if (parent !== ".") makeParent(parent);
    directories.add(parent);
    const directory = join(root, parent);
    if (parent !== ".") {
      mkdirSync(directory, exportDirectoryMode);
      isMaskRight.forDirectories ??= (statSync(directory).mode & 0o7777) === exportDirectoryMode;
    }
    if (parent === "." || !isMaskRight.forDirectories) changeMode(directory, exportDirectoryMode);
  };
  const place = (path: string): string => {
    try {
      makeParent(path);
    } catch (error) {
      throw writeError(error, join(root, path));
    }
    return join(root, path);
  };
  return {
    sums,
    place,
    write(path, content) {
      writeStamped(place(path), content);
      sums.push({ path, sha256: sha256Hex(content) });
    },
    note(directory, found) {
      const prefix = directory === "" ? "" : `${directory}/`;
      for (const { path, sha256 } of found) sums.push({ path: prefix + path, sha256 });
    },
    seal() {
      for (const directory of directories) utimesSync(join(root, directory), exportTimeSeconds, exportTimeSeconds);
    },
  };
}
