import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import type { HubGitPackage, HubLock, HubToml } from "../../formats/index.ts";
import { gitPackageDirectory, repositoryPlaces } from "../../plan/index.ts";
import { type HubPlace, inHub } from "../locate.ts";
import { addressOf } from "./address.ts";
import { isInUse } from "./databases.ts";
import { repositoryKey } from "./repositories.ts";

/** What a hub held of git sources and what it is to hold. */
export interface GitChange {
  /** What the last fill on this disk left behind. */
  readonly onDisk: HubLock;
  /** {@link repositoryKey} of the repositories that stay. */
  readonly repositories: ReadonlySet<string>;
  /** Absolute paths of the directories in which packages are to stand; none in mode `cargo-home`. */
  readonly directories: ReadonlySet<string>;
  readonly mode: HubToml["mode"];
}

/**
 * What of git sources a hub holds no more, as absolute paths, files of a directory before the directory.
 *
 * Only what the previous hub.lock accounts for. A database into which cargo itself has fetched stays.
 */
export function gitRemovals(place: HubPlace, change: GitChange): string[] {
  const { onDisk, repositories, directories, mode } = change;
  // A package may stand where another one stood: the same commit by another branch or tag, or by another spelling of the URL.
  const paths = heldDirectories(place, onDisk).filter((path) => !directories.has(path));
  const staying = onDisk.repositories.filter((known) => repositories.has(repositoryKey(known)));
  const kept = new Set(staying.map((repository) => repositoryPlaces(repository).database));
  for (const repository of onDisk.repositories) {
    const { pack, database } = repositoryPlaces(repository);
    const directory = inHub(place, database);
    const stays = repositories.has(repositoryKey(repository));
    if (mode !== "cargo-home" || !kept.has(database)) {
      if (!isInUse(directory)) paths.push(directory);
    } else if (!stays) paths.push(...databaseParts(directory, { commit: repository.commit, pack: inHub(place, pack) }));
    if (!stays) paths.push(inHub(place, pack));
  }
  return [...new Set(paths)].filter((path) => existsSync(path));
}

/** The packages of a hub.lock that are not among others; one that only another reference asks for is. */
export function leftPackages({ packages }: HubLock, others: readonly HubGitPackage[]): HubGitPackage[] {
  const taken = new Set(others.map(placeOf));
  return packages.filter((crate) => !taken.has(placeOf(crate)));
}

function placeOf(crate: HubGitPackage): string {
  return gitPackageDirectory({ ...crate, ...addressOf(crate) });
}

/** Absolute paths of the directories in which a hub's git packages stand in mode `directory`. */
export function heldDirectories(place: HubPlace, lock: HubLock): string[] {
  return lock.packages.map((crate) => inHub(place, placeOf(crate)));
}

/** The files of one commit in a database that holds others. */
function databaseParts(directory: string, { commit, pack }: { commit: string; pack: string }): string[] {
  const trailer = trailerOf(pack);
  const stem = `${directory}/objects/pack/pack-${trailer ?? ""}`;
  const packs = trailer === undefined ? [] : [`${stem}.pack`, `${stem}.idx`];
  return [`${directory}/refs/commit/${commit}`, ...packs];
}

/** The 20 bytes at the end of a pack, which name it in a database. */
function trailerOf(pack: string): string | undefined {
  if (!existsSync(pack) || statSync(pack).size < 20) return undefined;
  const handle = openSync(pack, "r");
  try {
    const bytes = Buffer.alloc(20);
    readSync(handle, bytes, 0, 20, statSync(pack).size - 20);
    return bytes.toString("hex");
  } finally {
    closeSync(handle);
  }
}
