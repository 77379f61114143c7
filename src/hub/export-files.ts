import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FileSum } from "../formats/index.ts";
import { changeMode } from "../store/index.ts";
import { sha256Hex, writeError } from "./files.ts";

/** The mask under which everything in an export is made, whatever the process has. */
export const exportUmask = 0o022;
export const exportFileMode: number = 0o666 & ~exportUmask;
export const exportDirectoryMode: number = 0o777 & ~exportUmask;

/** The time of all that has none of its own, in seconds since 1970: what cargo gives to files that it generates. */
export const exportTimeSeconds = 1_153_704_088;

/** Writes a new file with the mode and the time of an export. @throws {HubRoomError} hub/not-writable. */
export function writeStamped(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content, { flag: "wx" });
    changeMode(path, exportFileMode);
    utimesSync(path, exportTimeSeconds, exportTimeSeconds);
  } catch (error) {
    throw writeError(error, path);
  }
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
    if (parent !== ".") mkdirSync(join(root, parent));
    changeMode(join(root, parent), exportDirectoryMode);
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
