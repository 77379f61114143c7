import { chmodSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PackageFiles } from "./package-files.ts";

/** The time that cargo gives every file of a crate it packs, in seconds: 2006-07-24. */
const packedTime = 1_153_704_088;

/** Permission bits of a file of a git package under this umask. */
export function packageFileMode(executable: boolean, umask: number): number {
  return (executable ? 0o755 : 0o644) & ~umask;
}

/**
 * Writes a git package into a directory that does not exist yet.
 *
 * All files get one time, so that the same commit gives the same bytes and a build script's `rerun-if-changed` does not see them as new.
 */
export function stagePackage({ files }: PackageFiles, directory: string, umask: number): void {
  const made = new Set<string>();
  for (const { path, executable, content } of files) {
    const target = join(directory, path);
    const parent = dirname(target);
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true });
      made.add(parent);
    }
    writeFileSync(target, content(), { flag: "wx" });
    chmodSync(target, packageFileMode(executable, umask));
    utimesSync(target, packedTime, packedTime);
  }
}
