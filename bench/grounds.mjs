// Where runs happen: fresh directories on one file system, removed when that disturbs nobody.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";

const prefix = "cargo-hub-bench-";
const keepFreeBytes = 12e9;

/**
 * Opens a place for runs below `parent`.
 *
 * ext4 creates files 6 to 10 times slower right after a large delete, so on a disk old directories stay until `close`,
 * unless space runs out. In memory they go at once.
 */
export function openGrounds(kind, parent) {
  mkdirSync(parent, { recursive: true });
  removeLeftOvers(parent);
  const root = join(parent, `${prefix}${process.pid}`);
  mkdirSync(root);
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  let count = 0;
  const old = [];
  const removeOld = () => {
    for (const directory of old.splice(0)) rmSync(directory, { recursive: true, force: true });
  };
  return {
    kind,
    fileSystem: fileSystemOf(root),
    /** A new empty directory. */
    fresh() {
      count += 1;
      const directory = join(root, String(count));
      mkdirSync(directory);
      return directory;
    },
    /** Says that a directory of `fresh` is no longer needed. */
    discard(directory) {
      old.push(directory);
      const { bavail, bsize } = statfsSync(root);
      if (kind === "tmpfs" || bavail * bsize < keepFreeBytes) removeOld();
    },
    /** Waits until earlier writes are on the disk. */
    settle() {
      if (kind !== "tmpfs") spawnSync("sync");
    },
    close() {
      rmSync(root, { recursive: true, force: true });
      if (kind !== "tmpfs") spawnSync("sync");
    },
  };
}

/** A run that was killed leaves its directory; its number is no longer a process. */
function removeLeftOvers(parent) {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix) || existsSync(`/proc/${name.slice(prefix.length)}`)) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function fileSystemOf(directory) {
  const done = spawnSync("findmnt", ["-n", "-o", "FSTYPE", "-T", directory], { encoding: "utf8" });
  // Of file systems mounted over one another, the last one counts.
  return done.status === 0 ? done.stdout.trim().split("\n").at(-1) : "unknown";
}
