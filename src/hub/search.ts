import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { hubLayout } from "../plan/index.ts";
import { errorCode, lstatIfThere } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";

/** What lies below a directory, itself included. All paths are absolute and sorted, a directory before what is in it. */
export interface Found {
  readonly directories: readonly FoundDirectory[];
  /** Directories that may not be read. */
  readonly unreadable: readonly string[];
}

/** A directory with something of Cargo's or of ours in it. */
export interface FoundDirectory {
  readonly path: string;
  readonly manifest: boolean;
  readonly lockfile: boolean;
  readonly hub: "filled" | "asked" | "none";
}

const skippedNames: ReadonlySet<string> = new Set(["target", "vendor", "node_modules"]);
/** A file that says: what is in here was put here by a program. */
const skippedMarks: ReadonlySet<string> = new Set(["CACHEDIR.TAG", ".cargo-checksum.json"]);
const maxDirectories = 100_000;

/**
 * Looks for manifests, lockfiles and hubs below a directory; docs/several-projects.md says where it does not look.
 *
 * @param limit How many directories are looked into at most.
 * @throws {HubRoomError} hub/search-too-large.
 */
export function searchBelow(root: string, limit = maxDirectories): Found {
  const directories: FoundDirectory[] = [];
  const unreadable: string[] = [];
  const waiting = [root];
  let seen = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    seen += 1;
    if (seen > limit) throw tooLarge(root, limit);
    const entries = entriesOf(path);
    if (entries === undefined) unreadable.push(path);
    if (entries === undefined || (path !== root && entries.some(({ name }) => skippedMarks.has(name)))) continue;
    const found = look(path, entries);
    if (found.manifest || found.lockfile || found.hub !== "none") directories.push(found);
    const below = entries.filter((entry) => entry.isDirectory() && !isSkipped(entry.name)).map(({ name }) => name);
    for (const name of below.toSorted().toReversed()) waiting.push(join(path, name));
  }
  return { directories, unreadable };
}

function isSkipped(name: string): boolean {
  return name.startsWith(".") || skippedNames.has(name);
}

function look(path: string, entries: readonly Dirent[]): FoundDirectory {
  const names = new Set(entries.map(({ name }) => name));
  const has = (file: string): boolean => lstatIfThere(join(path, ".cargo", file)) !== undefined;
  const hub = !names.has(".cargo")
    ? "none"
    : has(hubLayout.hubToml)
      ? "asked"
      : has(hubLayout.hubLock)
        ? "filled"
        : "none";
  return { path, manifest: names.has("Cargo.toml"), lockfile: names.has("Cargo.lock"), hub };
}

/** undefined: it may not be read. One that has just gone is empty. */
function entriesOf(path: string): Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    if (code === "EACCES" || code === "EPERM") return undefined;
    throw error;
  }
}

function tooLarge(where: string, limit: number): HubRoomError {
  return new HubRoomError({
    code: "hub/search-too-large",
    what: `there are more than ${limit} directories below it`,
    where,
    help: "run it further down, or list the lockfiles in .cargo/hub.toml",
  });
}
