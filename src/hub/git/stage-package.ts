import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { changeMode, thisSystem } from "../../store/index.ts";
import { type System, windowsNameFault } from "../../system/index.ts";
import { errorCode } from "../files.ts";
import { HubRoomError } from "../hub-room-error.ts";
import type { PackageFile, PackageFiles } from "./package-files.ts";

/** The time that cargo gives every file of a crate it packs, in seconds: 2006-07-24. */
const packedTime = 1_153_704_088;

/** Permission bits of a file of a git package under this umask. */
export function packageFileMode(executable: boolean, umask: number): number {
  return (executable ? 0o755 : 0o644) & ~umask;
}

/** Where and how a git package is to be written. */
export interface PackageStage {
  /** Does not exist yet. */
  readonly directory: string;
  readonly umask: number;
  /** The system whose names are valid; the running one unless told. */
  readonly system?: System;
}

/**
 * Writes a git package into a directory that does not exist yet.
 *
 * All files get one time, so that the same commit gives the same bytes and a build script's `rerun-if-changed` does not see them as new.
 *
 * @throws {HubRoomError} hub/name-unusable on Windows; hub/name-collision where the file system takes two names for one, and their content differs.
 */
export function stagePackage({ files }: PackageFiles, { directory, umask, system = thisSystem }: PackageStage): void {
  if (system === "windows") for (const { path } of files) refuseUnusable(path, directory);
  const made = new Set<string>();
  for (const file of files) {
    const target = join(directory, file.path);
    const parent = dirname(target);
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true });
      made.add(parent);
    }
    writeOnce(file, target);
    changeMode(target, packageFileMode(file.executable, umask));
    utimesSync(target, packedTime, packedTime);
  }
}

function writeOnce({ path, content }: PackageFile, target: string): void {
  try {
    writeFileSync(target, content(), { flag: "wx" });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    if (readFileSync(target).equals(content())) return;
    throw new HubRoomError({
      code: "hub/name-collision",
      what: `${JSON.stringify(path)} differs only in letter case from another file of the package, and the disk takes them for one`,
      where: target,
      help: "put the project on a file system that tells upper from lower case, or depend on another commit",
      cause: error,
    });
  }
}

function refuseUnusable(path: string, where: string): void {
  for (const name of path.split("/")) {
    const fault = windowsNameFault(name);
    if (fault === undefined) continue;
    throw new HubRoomError({
      code: "hub/name-unusable",
      what: `the file ${JSON.stringify(path)} of the package ${fault}, which Windows can not have`,
      where,
      help: "depend on another commit, or fill and build on another system",
    });
  }
}
