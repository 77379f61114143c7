import { existsSync } from "node:fs";
import { join } from "node:path";
import { gitIdent, parseSourceId } from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import type { HubGitPackage, HubLock, HubRepository } from "../formats/index.ts";
import { type CommitPack, closePack, openPack } from "../git/index.ts";
import {
  crateKey,
  exportedRepositoryPlaces,
  hubLayout,
  packageDirectory,
  refuseCommitConflicts,
  repositoryPlaces,
} from "../plan/index.ts";
import { packPath, type Store } from "../store/index.ts";
import { exportUmask, linkStamped, stampPackage } from "./export-files.ts";
import { exportIncomplete } from "./export-incomplete.ts";
import type { ExportWork } from "./export-work.ts";
import { sha256Hex } from "./files.ts";
import { addressOf } from "./git/address.ts";
import { databasesOf } from "./git/databases.ts";
import { type FoundPackages, findPackages, packageName } from "./git/find-packages.ts";
import { packageFiles } from "./git/package-files.ts";
import { mountsOf, type OpenRepository, repositoryKey } from "./git/repositories.ts";
import { stagePackage } from "./git/stage-package.ts";
import { openWorkTree, type WorkTree } from "./git/work-tree.ts";
import { type HubPlace, inHub } from "./locate.ts";

/**
 * Puts the repositories of a hub into a staged export: their packs, and what Cargo reads, a bare repository or a directory source of
 * the packages. All of it is made anew from packs that were checked.
 *
 * @throws {HubRoomError} hub/export-incomplete; {PlanError} plan/git-commit-conflict where a directory source can stand for one commit only.
 */
export function exportGit(lock: HubLock, work: ExportWork): void {
  const { place } = work;
  const isHome = work.plan.shape === "cargo-home";
  if (!isHome) refuseCommitConflicts(lock.packages.map((crate) => wantedPackage(crate, place)));
  const opened = openPacks(place, lock.repositories, work.store);
  try {
    for (const repository of opened.values()) exportPack(repository, work);
    if (isHome) exportDatabases(lock, opened, work);
    else exportPackages(lock, opened, work);
  } finally {
    for (const { pack } of opened.values()) closePack(pack);
  }
}

function wantedPackage(crate: HubGitPackage, place: HubPlace): Parameters<typeof refuseCommitConflicts>[0][number] {
  const sourceId = parseSourceId(crate.source, hubLayout.hubLock);
  const { url, commit } = addressOf(crate);
  return { ...crate, sourceId, gident: gitIdent(url), commit, wantedBy: inHub(place, hubLayout.hubLock) };
}

function openPacks(
  place: HubPlace,
  repositories: readonly HubRepository[],
  store: Store | undefined,
): Map<string, OpenRepository> {
  const opened = new Map<string, OpenRepository>();
  try {
    for (const repository of repositories) {
      const { url, commit } = repository;
      opened.set(repositoryKey(repository), {
        url,
        commit,
        gident: gitIdent(url),
        ...openPinned(place, repository, store),
      });
    }
    return opened;
  } catch (error) {
    for (const { pack } of opened.values()) closePack(pack);
    throw error;
  }
}

/** The pack that hub.lock pins, from the store, else from the hub. */
function openPinned(
  place: HubPlace,
  { url, commit, sha256 }: HubRepository,
  store: Store | undefined,
): Pick<OpenRepository, "pack" | "path" | "from"> {
  const own = { path: inHub(place, repositoryPlaces({ url, commit }).pack), from: "hub" } as const;
  const stored = store === undefined ? [] : [{ path: packPath(store, commit), from: "store" } as const];
  let found = "neither hub nor store has its pack";
  for (const candidate of [...stored, own]) {
    if (!existsSync(candidate.path)) continue;
    const pack = tryOpen(candidate.path, commit);
    if (typeof pack === "string") found = pack;
    else if (pack.sha256 === sha256) return { ...candidate, pack };
    else {
      closePack(pack);
      found = `its pack hashes to ${pack.sha256}; hub.lock says ${sha256}`;
    }
  }
  throw exportIncomplete(own.path, `the repository ${url} at ${commit} can not be exported: ${found}`);
}

/** @returns the pack, or what is wrong with it. */
function tryOpen(path: string, commit: string): CommitPack | string {
  try {
    return openPack({ path }, commit);
  } catch (error) {
    if (error instanceof HubError) return error.what;
    throw error;
  }
}

function exportPack({ url, commit, path, pack }: OpenRepository, { plan, files, options, linked }: ExportWork): void {
  const target = exportedRepositoryPlaces(plan, { url, commit }).pack;
  linked[linkStamped(path, files.place(target), options.link)] += 1;
  files.note("", [{ path: target, sha256: pack.sha256 }]);
}

function exportDatabases(lock: HubLock, opened: ReadonlyMap<string, OpenRepository>, work: ExportWork): void {
  const { files, options, linked } = work;
  const wanted = lock.packages.map(({ source }) => {
    const sourceId = parseSourceId(source, hubLayout.hubLock);
    return { sourceId, commit: sourceId.precise ?? "" };
  });
  const byCommit = new Map([...opened.values()].map(({ commit, pack }) => [commit, pack.sha256]));
  for (const { path, files: parts, packs } of databasesOf([...opened.values()], wanted)) {
    for (const part of parts) {
      const target = `${path}/${part.path}`;
      if ("content" in part) files.write(target, part.content);
      else {
        linked[linkStamped(packs.get(part.packOf) ?? "", files.place(target), options.link)] += 1;
        files.note("", [{ path: target, sha256: byCommit.get(part.packOf) ?? "" }]);
      }
    }
  }
}

function exportPackages(lock: HubLock, opened: ReadonlyMap<string, OpenRepository>, work: ExportWork): void {
  const trees = new Map<string, { readonly tree: WorkTree; readonly found: FoundPackages }>();
  for (const crate of lock.packages) {
    const key = repositoryKey(addressOf(crate));
    const known = trees.get(key) ?? openTree(crate, opened);
    trees.set(key, known);
    exportPackage(crate, known, work);
  }
}

function openTree(
  crate: HubGitPackage,
  opened: ReadonlyMap<string, OpenRepository>,
): { readonly tree: WorkTree; readonly found: FoundPackages } {
  const repository = opened.get(repositoryKey(addressOf(crate)));
  const mounts = repository === undefined ? undefined : mountsOf(repository, opened);
  if (repository === undefined || mounts === undefined)
    throw exportIncomplete(
      hubLayout.hubLock,
      `hub.lock lists no repository for ${crateKey(crate)}, or lacks a submodule of it`,
    );
  const tree = openWorkTree(repository.url, mounts);
  return { tree, found: findPackages(tree) };
}

function exportPackage(
  crate: HubGitPackage,
  { tree, found }: { readonly tree: WorkTree; readonly found: FoundPackages },
  work: ExportWork,
): void {
  const { plan, files, linked } = work;
  const inRepository = found.packages.get(packageName(crate));
  const content = inRepository === undefined ? undefined : packageFiles(tree, inRepository);
  if (content === undefined || sha256Hex(content.checksumText) !== crate.files)
    throw exportIncomplete(
      tree.url,
      `the repository does not give the files of ${packageDirectory(crate)} that hub.lock pins`,
    );
  const { form } = exportedRepositoryPlaces(plan, addressOf(crate));
  if (!("sources" in form)) return;
  const directory = join(form.sources, packageDirectory(crate));
  stagePackage(content, { directory: files.place(directory), umask: exportUmask });
  stampPackage(files.place(directory));
  files.note(
    directory,
    content.files.map((file) => ({ path: file.path, sha256: sha256Hex(file.content()) })),
  );
  linked.copy += content.files.length;
}
