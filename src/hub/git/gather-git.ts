import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { compareUtf8, PACKAGE_CHECKSUM_NAME } from "../../cargo/index.ts";
import type { HubGitPackage, HubLock, HubRepository } from "../../formats/index.ts";
import { closePack } from "../../git/index.ts";
import {
  crateKey,
  gitPackageDirectory,
  packageDirectory,
  repositoryPlaces,
  type WantedGitPackage,
} from "../../plan/index.ts";
import { linkPack } from "../../store/index.ts";
import { readText, sha256Hex } from "../files.ts";
import { HubRoomError } from "../hub-room-error.ts";
import { foreignContent, type Move } from "../install.ts";
import { type HubPlace, inHub } from "../locate.ts";
import { comparePackage } from "./compare-package.ts";
import { databasesOf, stageDatabase } from "./databases.ts";
import { type FoundPackages, findPackages, packageName } from "./find-packages.ts";
import { gitRemovals, heldDirectories, leftPackages } from "./git-removals.ts";
import { type PackageFiles, packageFiles, packageRecord } from "./package-files.ts";
import {
  mountsOf,
  type OpenRepository,
  openRepositories,
  type RepositorySearch,
  repositoryKey,
} from "./repositories.ts";
import { stagePackage } from "./stage-package.ts";
import { openWorkTree, type WorkTree } from "./work-tree.ts";

/** What of git sources a fill has brought together. */
export interface GatheredGit {
  readonly repositories: readonly HubRepository[];
  readonly packages: readonly HubGitPackage[];
  /** Renames that make packs, packages and databases visible. */
  readonly moves: readonly Move[];
  /** Packages whose directory is put in place anew. */
  readonly installed: readonly WantedGitPackage[];
  /** Packages that the hub holds no more. */
  readonly removed: readonly HubGitPackage[];
  /** Absolute paths of what the hub holds no more. */
  readonly removals: readonly string[];
}

/** {@link RepositorySearch} with a staging directory and what lies in the hub. */
export interface GitGathering extends RepositorySearch {
  /** On the hub's file system. */
  readonly staging: string;
  /** What the last fill on this disk left behind. */
  readonly onDisk: HubLock;
  /** Keys of packages that must be put in place anew. */
  readonly distrusted: ReadonlySet<string>;
  readonly everythingIsOurs: boolean;
}

/**
 * Brings packs, packages and databases together for the wanted git packages. The hub itself is untouched.
 *
 * @throws {GitError} and {HubRoomError}, among them hub/git-package-missing and hub/foreign-content.
 */
export async function gatherGit(gathering: GitGathering): Promise<GatheredGit> {
  const { wantedGit, place } = gathering.scene;
  const present = inPlace(gathering);
  if (present !== undefined) return present;
  const opened = await openRepositories(wantedGit, gathering);
  try {
    const held = new Set(heldDirectories(place, gathering.onDisk));
    const work: Work = { ...gathering, opened, held, moves: [], installed: [] };
    for (const repository of opened.values()) stagePack(repository, work);
    const packages = packagesOf(wantedGit, work);
    if (gathering.scene.hubToml.mode === "cargo-home") stageDatabases(work);
    const { mode } = gathering.scene.hubToml;
    const directories = mode === "directory" ? wantedGit.map((crate) => packageTarget(crate, place)) : [];
    const removals = gitRemovals(place, {
      onDisk: gathering.onDisk,
      repositories: new Set(opened.keys()),
      directories: new Set(directories),
      mode,
    });
    const { moves, installed } = work;
    const removed = leftPackages(gathering.onDisk, packages);
    return { repositories: recordsOf(opened), packages, moves, installed, removed, removals };
  } finally {
    for (const { pack } of opened.values()) closePack(pack);
  }
}

/** What lies in the hub, when it is of the same packages and all of it stands where it belongs; bytes are not looked at. */
function inPlace(gathering: GitGathering): GatheredGit | undefined {
  const { scene, onDisk, distrusted, everythingIsOurs } = gathering;
  const { repositories, packages } = onDisk;
  const held = new Map(packages.map((crate) => [crateKey(crate), crate]));
  if (distrusted.size > 0 || everythingIsOurs || held.size !== scene.wantedGit.length) return undefined;
  const isHeld = scene.wantedGit.every((crate) => {
    const known = held.get(crateKey(crate));
    return known !== undefined && (scene.hubToml.mode === "cargo-home" || isPlaced(crate, known, gathering));
  });
  if (!isHeld) return undefined;
  for (const repository of repositories) {
    const { pack, database } = repositoryPlaces(repository);
    if (statSync(inHub(scene.place, pack), { throwIfNoEntry: false })?.size !== repository.size) return undefined;
    const isDatabase = existsSync(inHub(scene.place, `${database}/refs/commit/${repository.commit}`));
    if (isDatabase !== (scene.hubToml.mode === "cargo-home")) return undefined;
  }
  return { repositories, packages, moves: [], installed: [], removed: [], removals: [] };
}

function isPlaced(crate: WantedGitPackage, { files }: HubGitPackage, { scene }: GitGathering): boolean {
  const target = packageTarget(crate, scene.place);
  const text = readText(join(target, PACKAGE_CHECKSUM_NAME));
  return text !== undefined && sha256Hex(text) === files && existsSync(join(target, "Cargo.toml"));
}

/** Where a package stands in mode `directory`. */
export function packageTarget(crate: WantedGitPackage, place: HubPlace): string {
  const { sourceId, commit, name, version } = crate;
  return inHub(place, gitPackageDirectory({ url: sourceId.url, commit, name, version }));
}

function stageDatabases({ opened, scene, staging, options, moves }: Work): void {
  for (const [at, database] of databasesOf([...opened.values()], scene.wantedGit).entries()) {
    const staged = join(staging, `database-${at}`);
    moves.push(
      ...stageDatabase(database, { directory: inHub(scene.place, database.path), staged, link: options.link }),
    );
  }
}

/** A gathering under way. */
export interface Work extends GitGathering {
  readonly opened: ReadonlyMap<string, OpenRepository>;
  /** Absolute paths of the directories that the last fill has filled. */
  readonly held: ReadonlySet<string>;
  readonly moves: Move[];
  readonly installed: WantedGitPackage[];
}

function recordsOf(opened: ReadonlyMap<string, OpenRepository>): HubRepository[] {
  const records = [...opened.values()].map(({ url, commit, pack }) => {
    return { url, commit, tree: pack.tree, sha256: pack.sha256, size: pack.sizeBytes };
  });
  return records.toSorted((a, b) => compareUtf8(a.url, b.url) || compareUtf8(a.commit, b.commit));
}

function stagePack(
  { from, commit, gident, url }: OpenRepository,
  { scene, staging, store, options, moves }: Work,
): void {
  if (from === "hub") return;
  const staged = join(staging, `${gident}-${commit}.pack`);
  mkdirSync(dirname(staged), { recursive: true });
  linkPack(store, commit, { target: staged, mode: options.link });
  moves.push({ from: staged, to: inHub(scene.place, repositoryPlaces({ url, commit }).pack) });
}

/** Records of the wanted packages; in mode `directory` they are staged where they are not in place. */
function packagesOf(wanted: readonly WantedGitPackage[], work: Work): HubGitPackage[] {
  const trees = new Map<string, { readonly tree: WorkTree; readonly found: FoundPackages }>();
  return wanted.map((crate) => {
    const key = repositoryKey({ url: crate.sourceId.url, commit: crate.commit });
    let known = trees.get(key);
    if (known === undefined) {
      const repository = work.opened.get(key);
      const mounts = repository === undefined ? undefined : mountsOf(repository, work.opened);
      if (repository === undefined || mounts === undefined) throw new TypeError(`${key} was not opened`);
      const tree = openWorkTree(repository.url, mounts);
      known = { tree, found: findPackages(tree) };
      trees.set(key, known);
    }
    const inRepository = known.found.packages.get(packageName(crate));
    if (inRepository === undefined) throw packageMissing(crate, known.found);
    const files = packageFiles(known.tree, inRepository);
    if (work.scene.hubToml.mode === "directory") placePackage(crate, files, work);
    return packageRecord(crate, inRepository.path, files);
  });
}

/** Stages a package unless it is in place. What stands there and is not ours is adopted when it is right. */
function placePackage(crate: WantedGitPackage, files: PackageFiles, work: Work): void {
  const { scene, store, staging, options } = work;
  const target = packageTarget(crate, scene.place);
  if (existsSync(target)) {
    const owned = work.everythingIsOurs || work.held.has(target);
    if (owned && !work.distrusted.has(crateKey(crate)) && hasChecksumFile(target, files)) return;
    const [difference] = comparePackage(files.files, { directory: target, umask: store.umask });
    if (difference === undefined) return;
    if (!owned) throw foreignContent(join(target, difference.path), `it is not the repository's: ${difference.reason}`);
  }
  if (work.moves.some(({ to }) => to === target)) return; // two references lead to one commit
  const staged = join(staging, `git-${work.installed.length}`, packageDirectory(crate));
  stagePackage(files, { directory: staged, umask: store.umask });
  work.moves.push({ from: staged, to: target });
  work.installed.push(crate);
  const { name, version } = crate;
  options.onEvent({ kind: "installed", name, version, from: "repository" });
  for (const reason of files.leftOut)
    options.onEvent({ kind: "warning", message: `${name} ${version}: ${reason}, so it is left out` });
}

/** Whether the package's own checksum file is the one it should have: existence only, as of registry crates; `verify` looks at bytes. */
function hasChecksumFile(target: string, { checksumText }: PackageFiles): boolean {
  return readText(join(target, PACKAGE_CHECKSUM_NAME)) === checksumText && existsSync(join(target, "Cargo.toml"));
}

function packageMissing({ name, version, source, wantedBy }: WantedGitPackage, found: FoundPackages): HubRoomError {
  const others = [...found.packages.keys()].filter((key) => key.startsWith(`${name} `));
  const bad = [...found.unreadable].map(([path, reason]) => `; ${path} can not be read: ${reason}`).slice(0, 3);
  const held = others.length === 0 ? "" : `; it has ${others.join(", ")}`;
  return new HubRoomError({
    code: "hub/git-package-missing",
    what: `the repository has no package ${name} ${version} at this commit, but ${wantedBy} asks for it${held}${bad.join("")}`,
    where: source,
    help: `run \`cargo update -p ${name}\`, which locks what the repository has`,
  });
}
