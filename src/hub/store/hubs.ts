import { dirname, join } from "node:path";
import { indexPath, parseSourceId, registryIdent } from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import { type HubLock, type HubPackageId, parseHubLock } from "../../formats/index.ts";
import { hubLayout } from "../../plan/index.ts";
import {
  goneSince,
  type HubRoot,
  hubLockPath,
  inodeOfDirectory,
  listHubs,
  readHubLock,
  type Store,
  type StoreNeeds,
} from "../../store/index.ts";
import { errorCode, sha256Hex } from "../files.ts";
import { HubRoomError } from "../hub-room-error.ts";
import { loadHubLock, lockfileDigest } from "../load.ts";

/** What is known of a hub that was filled from the store; docs/formats/store.md says what each means. */
export type HubState =
  | { readonly kind: "alive"; readonly lock: HubLock; readonly changed: boolean }
  | {
      readonly kind: "gone";
      /** When gc first missed it; undefined when it did not yet. */
      readonly sinceMs: number | undefined;
      /** The hub that is the same directory under another name. */
      readonly movedTo: string | undefined;
      /** What it held when it was last filled, or why that is not known. */
      readonly lock: HubLock | HubError;
    }
  | { readonly kind: "same"; readonly as: string }
  | { readonly kind: "unknown"; readonly error: HubError };

/** A root file and what became of its hub. */
export interface StoredHub {
  readonly root: HubRoot;
  readonly state: HubState;
}

/** Looks at all hubs of a store. @returns also the error for each damaged root file. */
export function surveyHubs(store: Store): { readonly hubs: readonly StoredHub[]; readonly damaged: HubError[] } {
  const { hubs, damaged } = listHubs(store);
  const alive = new Map<string, string>();
  const found = hubs.map((root) => ({ root, state: stateOf(root, alive) }));
  return {
    hubs: found.map(({ root, state }) => ({ root, state: state ?? goneState(store, root, alive) })),
    damaged: damaged.map(rootDamaged),
  };
}

/** @param alive Path of each hub so far, by inode. @returns undefined when the hub is gone. */
function stateOf(root: HubRoot, alive: Map<string, string>): HubState | undefined {
  const inode = inodeOfDirectory(root.path);
  const as = inode === undefined ? undefined : alive.get(inode);
  if (as !== undefined) return { kind: "same", as };
  const lock = readLock(root.path);
  if (lock === undefined) return undefined;
  if (lock instanceof HubError) return { kind: "unknown", error: lock };
  if (inode !== undefined) alive.set(inode, root.path);
  return { kind: "alive", lock: lock.lock, changed: lockfileDigest(lock.text) !== root.lockDigest };
}

function goneState(store: Store, root: HubRoot, alive: ReadonlyMap<string, string>): HubState {
  return {
    kind: "gone",
    sinceMs: goneSince(store, root),
    movedTo: root.inode === undefined ? undefined : alive.get(root.inode),
    lock: keptLock(store, root),
  };
}

/** A hub's hub.lock as it is now, or why it says nothing; undefined when it is not there. @param dotCargo The hub's directory. */
export function readLock(dotCargo: string): { readonly lock: HubLock; readonly text: string } | HubError | undefined {
  const path = join(dotCargo, hubLayout.hubLock);
  try {
    const found = loadHubLock({ root: dirname(dotCargo), dotCargo });
    if (found.kind === "absent") return undefined;
    if (found.kind === "damaged") return lockUnreadable(path, found.error);
    return { lock: found.lock, text: found.text };
  } catch (error) {
    return lockUnreadable(path, error);
  }
}

/** What a hub that is gone held, or why that is not known. */
function keptLock(store: Store, root: HubRoot): HubLock | HubError {
  const text = readHubLock(store, root.lockDigest);
  const path = hubLockPath(store, root.lockDigest);
  try {
    if (text !== undefined) return parseHubLock(text, path, sha256Hex);
  } catch (error) {
    return copyUnreadable(root.path, error);
  }
  return copyUnreadable(root.path, undefined);
}

/** What a hub holds, as far as it is known. */
export function lockOf(state: HubState): HubLock | undefined {
  if (state.kind === "alive") return state.lock;
  return state.kind === "gone" && !(state.lock instanceof HubError) ? state.lock : undefined;
}

/** What all these hub.locks list together. @param hubLocks Digests of the copies that root files name. */
export function needsOf(locks: readonly HubLock[], hubLocks: readonly string[]): StoreNeeds {
  const needs = {
    crates: new Set<string>(),
    lines: new Set<string>(),
    indexFiles: new Set<string>(),
    registries: new Set<string>(),
    packs: new Set<string>(),
    hubLocks: new Set(hubLocks),
  };
  const idents = new Map<string, string | undefined>();
  const needIndex = ({ source, name }: HubPackageId): void => {
    if (!idents.has(source)) idents.set(source, identOf(source));
    const ident = idents.get(source);
    if (ident === undefined) return;
    needs.registries.add(ident);
    for (const file of ["config.json", name]) needs.indexFiles.add(`${ident}/${indexPath(file)}`);
  };
  for (const { crates, vendored, repositories } of locks) {
    for (const crate of [...crates, ...vendored]) {
      needs.crates.add(crate.sha256);
      needIndex(crate);
    }
    for (const { line } of crates) needs.lines.add(line);
    for (const { commit } of repositories) needs.packs.add(commit);
  }
  return needs;
}

/** Directory name of a registry; undefined for a source that has no index. */
function identOf(source: string): string | undefined {
  try {
    const id = parseSourceId(source, hubLayout.hubLock);
    return id.kind === "registry" || id.kind === "sparse" ? registryIdent(id) : undefined;
  } catch (error) {
    if (error instanceof HubError) return undefined;
    throw error;
  }
}

function rootDamaged(path: string): HubError {
  return new HubRoomError({
    code: "hub/contents-unknown",
    what: "this root file is damaged, so it is not known which hub it speaks of and what that needs of the store",
    where: path,
    help: "run `cargo-hub store verify --repair`, which makes it anew where it can; else remove it and run `cargo-hub fill` in the project whose hub it was",
  });
}

/** The error for a hub.lock, or the store's copy of one, that says nothing to this program. */
export function lockUnreadable(path: string, error: unknown): HubError {
  return new HubRoomError({
    code: "hub/contents-unknown",
    what: `a hub was filled from the store, and its hub.lock can not be read (${reasonOf(error)}), so it is not known what it needs`,
    where: path,
    help: helpFor(error),
    cause: error,
  });
}

function helpFor(error: unknown): string {
  if (error instanceof HubError && error.code === "formats/hub-lock-version")
    return "use the cargo-hub that wrote it, or a newer one";
  const code = errorCode(error);
  return code === "EACCES" || code === "EPERM"
    ? "run it as a user who may read that file"
    : "run `cargo-hub fill` in that project, or remove its .cargo directory if it is not used any more";
}

function copyUnreadable(hub: string, error: unknown): HubError {
  const reason =
    error === undefined ? "has no copy of its hub.lock" : `can not read the copy of its hub.lock (${reasonOf(error)})`;
  return new HubRoomError({
    code: "hub/contents-unknown",
    what: `this hub is gone, and the store ${reason}, so it is not known what it needs`,
    where: hub,
    help: "run `cargo-hub fill` in the project if it was moved, or run `cargo-hub store gc` again when the grace period is over",
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof HubError) return error.what;
  return error instanceof Error ? error.message : String(error);
}
