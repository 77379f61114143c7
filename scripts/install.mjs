// Set-up that every command shares: the development packages, exactly as package-lock.json has them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top directory, with a trailing separator. */
export const repository = fileURLToPath(new URL("../", import.meta.url));

/** Runs `npm ci` unless node_modules already holds what package-lock.json asks for. */
export function installPackages() {
  if (isInstalled()) return;
  const done = spawnSync("npm", ["ci"], { cwd: repository, stdio: ["ignore", 2, 2] });
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0) {
    console.error("npm ci failed; the development packages are needed to build. Check the network and run it again.");
    process.exit(1);
  }
}

/**
 * npm leaves a copy of the lockfile in node_modules as its last step; packages for other platforms are missing there.
 * Contents are compared, not times: a checkout touches package-lock.json without changing it.
 */
function isInstalled() {
  const wanted = lockedPackages(join(repository, "package-lock.json"));
  const present = lockedPackages(join(repository, "node_modules", ".package-lock.json"));
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = present[path];
    return found === undefined ? entry.optional === true : found.integrity === entry.integrity;
  });
}

function lockedPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
