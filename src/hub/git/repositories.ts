import { constants, existsSync } from "node:fs";
import { join } from "node:path";
import { effectiveSource, formatOrigin, type GitReference, gitIdent, type SourceId } from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import {
  type CommitPack,
  closePack,
  closeRemote,
  type GitSettings,
  listSubmodules,
  openPack,
  openRemote,
  packCommit,
} from "../../git/index.ts";
import { repositoryPlaces, type WantedGitPackage } from "../../plan/index.ts";
import {
  copyFile,
  hasPack,
  makePrivateDirectory,
  packPath,
  putPack,
  readPack,
  removePath,
  type Store,
  StoreError,
} from "../../store/index.ts";
import type { FillOptions, FillScene } from "../fill-scene.ts";
import type { FolderLayout } from "../folder-layout.ts";
import { HubRoomError } from "../hub-room-error.ts";
import { inHub } from "../locate.ts";
import { cargoHome } from "../sources.ts";
import { shownSource } from "./address.ts";
import { gitVariables } from "./git-variables.ts";
import { joined, type Mount } from "./work-tree.ts";

/** A repository at one commit, its pack open and checked. */
export interface OpenRepository {
  readonly url: string;
  readonly commit: string;
  readonly gident: string;
  readonly pack: CommitPack;
  /** Absolute path of the pack. */
  readonly path: string;
  readonly from: "hub" | "store";
}

/** What repositories are got with. */
export interface RepositorySearch {
  readonly scene: FillScene;
  readonly options: FillOptions;
  readonly store: Store;
  readonly offline: boolean;
  /** Folders that may have packs, or repositories as cargo keeps them. */
  readonly folders: readonly FolderLayout[];
}

/** A repository that is needed: by packages, or as a submodule. */
interface Need {
  readonly url: string;
  readonly commit: string;
  readonly reference: GitReference | undefined;
  /** The lockfile's source; undefined for a submodule. */
  readonly sourceId: SourceId | undefined;
}

/** One text for a repository at a commit, for maps. Two addresses of one repository are the same. */
export function repositoryKey({ url, commit }: { readonly url: string; readonly commit: string }): string {
  return `${gitIdent(url)} ${commit}`;
}

/**
 * Opens the repositories of these packages and their submodules, and theirs, from the hub, the store, CARGO_HOME or the network.
 *
 * @returns By {@link repositoryKey}. The caller closes the packs.
 * @throws {GitError} and {HubRoomError}; all packs are closed then.
 */
export async function openRepositories(
  wanted: readonly WantedGitPackage[],
  search: RepositorySearch,
): Promise<Map<string, OpenRepository>> {
  const opened = new Map<string, OpenRepository>();
  const waiting = needsOf(wanted);
  try {
    for (let need = waiting.shift(); need !== undefined; need = waiting.shift()) {
      const key = repositoryKey(need);
      if (opened.has(key)) continue;
      const repository = await openRepository(need, search);
      opened.set(key, repository);
      for (const { url, commit } of listSubmodules(repository.pack, need.url)) {
        waiting.push({ url: url.href, commit, reference: undefined, sourceId: undefined });
      }
    }
    return opened;
  } catch (error) {
    for (const { pack } of opened.values()) closePack(pack);
    throw error;
  }
}

function needsOf(wanted: readonly WantedGitPackage[]): Need[] {
  const needs = new Map<string, Need>();
  for (const { sourceId, commit } of wanted) {
    const { url, reference } = sourceId;
    const key = repositoryKey({ url, commit });
    if (!needs.has(key)) needs.set(key, { url, commit, reference, sourceId });
  }
  return [...needs.values()];
}

/** The packs that make up a checkout: the repository's own and those of its submodules, with theirs; undefined when one is not open. */
export function mountsOf(repository: OpenRepository, opened: ReadonlyMap<string, OpenRepository>): Mount[] | undefined {
  const mounts: Mount[] = [];
  const add = (at: string, { pack, url }: OpenRepository): boolean => {
    mounts.push({ at, pack });
    return listSubmodules(pack, url).every((submodule) => {
      const found = opened.get(repositoryKey({ url: submodule.url.href, commit: submodule.commit }));
      return found !== undefined && add(joined(at, submodule.path), found);
    });
  };
  return add("", repository) ? mounts : undefined;
}

async function openRepository(need: Need, search: RepositorySearch): Promise<OpenRepository> {
  const { scene, store } = search;
  const { url, commit } = need;
  const about = { url, commit, gident: gitIdent(url) };
  const inHubPath = inHub(scene.place, repositoryPlaces(need).pack);
  const held = openIfRight(inHubPath, commit);
  if (held !== undefined) {
    giveToStore(inHubPath, commit, search);
    return { ...about, pack: held, path: inHubPath, from: "hub" };
  }
  const kept = fromStore(need, store) ?? fromFolders(need, search) ?? (await fetchRepository(need, search));
  return { ...about, ...kept, from: "store" };
}

/** Other hubs can have what this one has. Who asked for copies gets no file that hub and store share. */
function giveToStore(path: string, commit: string, { store, options }: RepositorySearch): void {
  if (hasPack(store, commit)) return;
  try {
    if (options.link === "auto" || options.link === "hardlink") {
      putPack(store, commit, { path, check: (file) => isRightPack(file, commit) });
      return;
    }
    copyToStore(path, commit, store);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "store/not-writable") throw error;
  }
}

function copyToStore(path: string, commit: string, store: Store): void {
  const directory = makePrivateDirectory(store);
  try {
    const copy = join(directory, `${commit}.pack`);
    copyFile(path, copy, constants.COPYFILE_FICLONE);
    putPack(store, commit, { path: copy, check: (file) => isRightPack(file, commit) });
  } finally {
    removePath(directory, { recursive: true });
  }
}

function fromStore({ commit }: Need, store: Store): Pick<OpenRepository, "pack" | "path"> | undefined {
  const read = readPack(store, commit, (path) => openIfRight(path, commit));
  return read.kind === "intact" ? { pack: read.found, path: read.path } : undefined;
}

/** Copies the pack that a named folder has into the store. A wrong one is an error: a folder that was named must be right. */
function fromFolders(
  need: Need,
  { store, folders }: RepositorySearch,
): Pick<OpenRepository, "pack" | "path"> | undefined {
  const path = folders.flatMap((folder) => folder.packFiles(need)).find((file) => existsSync(file));
  if (path === undefined) return undefined;
  const { commit } = need;
  if (isRightPack(path, commit) === undefined) throw damagedPack(path, commit);
  copyToStore(path, commit, store);
  return fromStore(need, store);
}

function damagedPack(where: string, commit: string): HubRoomError {
  return new HubRoomError({
    code: "hub/folder-damaged",
    what: `it is not the pack of the commit ${commit}`,
    where,
    help: "take the file away or get it anew from where it came; nothing was taken from it",
  });
}

/** A pack that is there and right; a damaged one is as good as none: it is got anew. */
function openIfRight(path: string, commit: string): CommitPack | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return openPack({ path }, commit);
  } catch (error) {
    if (error instanceof HubError && error.code === "git/pack-damaged") return undefined;
    throw error;
  }
}

/** Puts the pack of a commit into the store and opens it there. */
async function fetchRepository(need: Need, search: RepositorySearch): Promise<Pick<OpenRepository, "pack" | "path">> {
  const { options, scene, store } = search;
  const { url, commit, reference } = need;
  const from = need.sourceId === undefined ? url : upstreamUrl(need.sourceId, scene);
  options.onEvent({ kind: "updating-repository", url: shownSource(need), commit });
  const directory = makePrivateDirectory(store);
  const network = search.offline ? "offline" : "online";
  const env = gitVariables(scene.config, options.env);
  const settings: GitSettings = { directory, env, terminal: false, network };
  const database = join(cargoHome(options.env, scene.place.root), "git", "db", gitIdent(url));
  const named = search.folders.flatMap((folder) => folder.databases(url));
  const remote = openRemote(settings, { url: from, places: existsSync(database) ? [...named, database] : named });
  const target = join(directory, `${commit}.pack`);
  try {
    await packCommit(remote, { commit, reference, target });
    putPack(store, commit, { path: target, check: (path) => isRightPack(path, commit) });
    const kept = fromStore(need, store);
    if (kept !== undefined) return kept;
  } finally {
    closeRemote(remote);
    removePath(directory, { recursive: true });
  }
  throw new HubRoomError({
    code: "hub/worker-failed",
    what: `the pack of commit ${commit} was put into the store and is not there any more`,
    where: packPath(store, commit),
    help: "run `cargo-hub fill` again",
  });
}

/** Whether a file is the pack of a commit, as the store asks for it. */
export function isRightPack(path: string, commit: string): true | undefined {
  const pack = openIfRight(path, commit);
  if (pack !== undefined) closePack(pack);
  return pack === undefined ? undefined : true;
}

/** Where a repository's bytes are to come from: the end of the user's own `[source]` chain, else the source itself. */
function upstreamUrl(sourceId: SourceId, { config }: FillScene): string {
  const { end } = effectiveSource(config, { ...sourceId, precise: undefined });
  if (end.kind === "git") return end.location;
  throw new HubRoomError({
    code: "hub/upstream-unsupported",
    what: `the source configuration replaces ${shownSource(sourceId)} by a ${end.kind} source, ${end.location}; the files there can not be checked against the commit`,
    where: end.definedIn === undefined ? "Cargo's configuration" : formatOrigin(end.definedIn),
    help: "take that `replace-with` out, or let it lead to a git source",
  });
}
