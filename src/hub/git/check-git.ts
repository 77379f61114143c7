import { existsSync } from "node:fs";
import { join } from "node:path";
import { gitIdent, PACKAGE_CHECKSUM_NAME, parseSourceId } from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import type { HubGitPackage, HubLock, HubRepository, HubToml } from "../../formats/index.ts";
import { type CommitPack, closePack, compareRepository, listSubmodules, openPack } from "../../git/index.ts";
import {
  crateDirectory,
  gitPackageDirectory,
  hubLayout,
  packageDirectory,
  repositoryPlaces,
} from "../../plan/index.ts";
import { hasPack, packPath, type Store } from "../../store/index.ts";
import type { Finding } from "../check-crate.ts";
import { type HubPlace, inHub } from "../locate.ts";
import { unknownNames } from "../observe.ts";
import { addressOf, shownRepository } from "./address.ts";
import { comparePackage } from "./compare-package.ts";
import { changedByUse, databasesOf, isInUse } from "./databases.ts";
import { type FoundPackages, findPackages, packageName } from "./find-packages.ts";
import { packageFiles, packageRecord } from "./package-files.ts";
import { mountsOf, type OpenRepository, repositoryKey } from "./repositories.ts";
import { openWorkTree, type WorkTree } from "./work-tree.ts";

/** What git sources are checked with. */
export interface GitCheck {
  readonly mode: HubToml["mode"];
  readonly umask: number;
  readonly store: Store | undefined;
  readonly findings: Finding[];
}

/**
 * Checks packs, packages and databases byte for byte. Everything is derived anew from the packs, which carry their own proof: a commit's id.
 *
 * @returns What was looked at.
 */
export function checkGit(place: HubPlace, lock: HubLock, check: GitCheck): { files: number; bytes: number } {
  const total = { files: 0, bytes: 0 };
  const opened = openPacks(place, lock, check);
  try {
    for (const { pack } of opened.values()) add(total, 1, pack.sizeBytes);
    checkPackages(place, lock, { ...check, opened, total });
    if (check.mode === "cargo-home") checkDatabases(place, lock, { ...check, opened, total });
    findForeignGit(place, lock, check);
    return total;
  } finally {
    for (const { pack } of opened.values()) closePack(pack);
  }
}

interface OpenCheck extends GitCheck {
  readonly opened: ReadonlyMap<string, OpenRepository>;
  readonly total: { files: number; bytes: number };
}

function add(total: { files: number; bytes: number }, files: number, bytes: number): void {
  total.files += files;
  total.bytes += bytes;
}

/** Opens every pack that is needed; one that is not right is a finding. */
function openPacks(place: HubPlace, lock: HubLock, check: GitCheck): Map<string, OpenRepository> {
  const opened = new Map<string, OpenRepository>();
  const seen = new Set<string>();
  const waiting: { url: string; commit: string }[] = lock.packages.map((crate) => addressOf(crate));
  for (let need = waiting.shift(); need !== undefined; need = waiting.shift()) {
    const key = repositoryKey(need);
    if (seen.has(key)) continue;
    seen.add(key);
    const path = inHub(place, repositoryPlaces(need).pack);
    const pack = openChecked(path, need.commit, { ...check, area: "pack" });
    checkStorePack(need.commit, check);
    if (pack === undefined) continue;
    checkPin(path, pack, { lock, need, findings: check.findings });
    opened.set(key, { ...need, gident: gitIdent(need.url), pack, path, from: "hub" });
    for (const { url, commit } of listSubmodules(pack, need.url)) waiting.push({ url: url.href, commit });
  }
  const isComplete = opened.size === seen.size; // else there may be submodules of what can not be opened
  for (const repository of lock.repositories) {
    if (!isComplete || seen.has(repositoryKey(repository))) continue;
    const reason = `it lists a repository that no package needs: ${shownRepository(repository).url}`;
    check.findings.push({ kind: "damaged", area: "hub-lock", path: inHub(place, hubLayout.hubLock), reason });
  }
  return opened;
}

function openChecked(
  path: string,
  commit: string,
  { findings, area }: { readonly findings: Finding[]; readonly area: "pack" | "store-pack" },
): CommitPack | undefined {
  if (!existsSync(path)) {
    findings.push({ kind: "missing", area, path, reason: "the repository's pack is not there" });
    return undefined;
  }
  try {
    return openPack({ path }, commit);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    findings.push({ kind: "damaged", area, path, reason: error.what });
    return undefined;
  }
}

function checkStorePack(commit: string, { store, findings }: GitCheck): void {
  if (store === undefined || !hasPack(store, commit)) return;
  const pack = openChecked(packPath(store, commit), commit, { findings, area: "store-pack" });
  if (pack !== undefined) closePack(pack);
}

interface Pin {
  readonly lock: HubLock;
  readonly need: { readonly url: string; readonly commit: string };
  readonly findings: Finding[];
}

/** A hub.lock that was read has a line for every repository. */
function checkPin(path: string, pack: CommitPack, { lock, need, findings }: Pin): void {
  if (lock.repositories.length === 0) return;
  const pinned = lock.repositories.find((known) => repositoryKey(known) === repositoryKey(need));
  if (pinned === undefined || pinned.sha256 !== pack.sha256 || pinned.tree !== pack.tree)
    findings.push({ kind: "damaged", area: "pack", path, reason: "it is not what hub.lock pins" });
}

function checkPackages(place: HubPlace, lock: HubLock, check: OpenCheck): void {
  const trees = new Map<string, { readonly tree: WorkTree; readonly found: FoundPackages }>();
  for (const crate of lock.packages) {
    const address = addressOf(crate);
    const repository = check.opened.get(repositoryKey(address));
    if (repository === undefined) continue;
    const key = repositoryKey(address);
    let known = trees.get(key);
    if (known === undefined) {
      const mounts = mountsOf(repository, check.opened);
      if (mounts === undefined) continue; // a submodule's pack is a finding of its own
      const tree = openWorkTree(repository.url, mounts);
      known = { tree, found: findPackages(tree) };
      trees.set(key, known);
    }
    const directory = inHub(place, gitPackageDirectory({ ...crate, ...address }));
    checkPackage(directory, crate, { ...check, ...known, hubLock: inHub(place, hubLayout.hubLock) });
  }
}

interface PackageCheck extends OpenCheck {
  readonly tree: WorkTree;
  readonly found: FoundPackages;
  /** Absolute path of hub.lock. */
  readonly hubLock: string;
}

function checkPackage(directory: string, crate: HubGitPackage, check: PackageCheck): void {
  const { findings, tree, found, umask, total, mode, hubLock } = check;
  const inRepository = found.packages.get(packageName(crate));
  if (inRepository === undefined) {
    const reason = "the repository has no such package at this commit";
    findings.push({ kind: "damaged", area: "source", path: directory, reason });
    return;
  }
  const made = packageFiles(tree, inRepository);
  const { files, sizeBytes } = made;
  if (crate.files !== "" && !isSameRecord(crate, packageRecord(crate, inRepository.path, made))) {
    const reason = `what it says of ${packageName(crate)} is not what the repository has`;
    findings.push({ kind: "damaged", area: "hub-lock", path: hubLock, reason });
  }
  if (mode === "cargo-home") return;
  if (!existsSync(directory)) {
    findings.push({ kind: "missing", area: "source", path: directory, reason: "the package is not there" });
    return;
  }
  for (const { kind, path, reason } of comparePackage(files, { directory, umask })) {
    const area = path === PACKAGE_CHECKSUM_NAME && kind !== "foreign" ? "checksum-file" : "source";
    findings.push({ kind, area, path: join(directory, path), reason });
  }
  add(total, files.length, sizeBytes);
}

/** Whether hub.lock says of a package what its files say. */
function isSameRecord(one: HubGitPackage, other: HubGitPackage): boolean {
  return factsText(one) === factsText(other);
}

function factsText({ path, size, files, runs, license }: HubGitPackage): string {
  return JSON.stringify([path, size, files, runs, license]);
}

function checkDatabases(place: HubPlace, lock: HubLock, { opened, findings, total }: OpenCheck): void {
  const wanted = lock.packages.map(({ source }) => {
    const sourceId = parseSourceId(source, hubLayout.hubLock);
    return { sourceId, commit: sourceId.precise ?? "" };
  });
  for (const database of databasesOf([...opened.values()], wanted)) {
    const directory = inHub(place, database.path);
    const packs = [...opened.values()].map(({ pack }) => pack);
    const compared = compareRepository(directory, { files: database.files, packs });
    const inUse = isInUse(directory);
    const say = (kind: Finding["kind"], paths: readonly string[], reason: string): void => {
      for (const path of paths) {
        const area = kind === "foreign" ? "directory" : "database";
        findings.push({ kind, area, path: join(directory, path), reason });
      }
    };
    say("missing", compared.missing, "it is not there");
    const changed = compared.changed.filter((path) => !inUse || !changedByUse.has(path));
    say("damaged", changed, "it is not what the repository's pack gives");
    const foreign = inUse ? compared.foreign : [...compared.foreign, ...compared.added];
    say("foreign", foreign, "hub.lock does not account for it");
    add(total, database.files.length, 0);
  }
}

/** Names what stands beside the packs and packages of git sources. */
function findForeignGit(place: HubPlace, lock: HubLock, { findings, mode }: GitCheck): void {
  const repositories: readonly Pick<HubRepository, "url" | "commit">[] =
    lock.repositories.length > 0 ? lock.repositories : lock.packages.map(addressOf);
  const extra = (directory: string, known: ReadonlySet<string>): void => {
    for (const name of unknownNames(directory, known)) {
      const reason = "hub.lock does not account for it";
      findings.push({ kind: "foreign", area: "directory", path: join(directory, name), reason });
    }
  };
  for (const gident of new Set(repositories.map(({ url }) => gitIdent(url)))) {
    const own = repositories.filter(({ url }) => gitIdent(url) === gident);
    extra(inHub(place, crateDirectory(gident)), new Set(own.map(({ commit }) => `${commit}.pack`)));
  }
  if (mode !== "directory") return;
  const packages = new Map<string, Set<string>>();
  for (const crate of lock.packages) {
    const { sources } = repositoryPlaces(addressOf(crate));
    packages.set(sources, (packages.get(sources) ?? new Set()).add(packageDirectory(crate)));
  }
  for (const [sources, known] of packages) extra(inHub(place, sources), known);
  const commits = new Map<string, Set<string>>();
  for (const { url, commit } of lock.packages.map(addressOf)) {
    const { sources } = repositoryPlaces({ url, commit });
    const slash = sources.lastIndexOf("/");
    const directory = sources.slice(0, slash);
    commits.set(directory, (commits.get(directory) ?? new Set()).add(sources.slice(slash + 1)));
  }
  for (const [directory, known] of commits) extra(inHub(place, directory), known);
}
