import { closeSync, openSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FlockAnswer, type LockMode, type OpenLock, tryFlock, waitFlock } from "./flock.ts";
import { findLockHolder, type LockHolder } from "./lock-holder.ts";
import { hasOwnerFiles, pause, tryOwnerFile } from "./owner-files.ts";
import { makeDirectories } from "./partial.ts";
import type { Store } from "./roots.ts";
import { errnoOf, StoreError } from "./store-error.ts";

/** A lock that is wanted. The file is made when it is missing, with its directory; it is never removed. */
export interface LockRequest {
  /** Absolute path of the lock file. */
  readonly path: string;
  readonly mode: LockMode;
}

/** Called once per lock that must be waited for; `holder` is undefined when it can not be seen. */
export type OnWait = (path: string, holder: LockHolder | undefined) => void;

/** Locks that are held until `release`, or until the process ends in whatever way. */
export interface HeldLocks {
  /** Paths that could not be locked and were passed over, as cargo does: read-only places, NFS, file systems without locks. */
  readonly skipped: readonly string[];
  /** Whether cargo sees them: `owner-files` stand in where there is no flock(1), and are seen only by cargo-hub. */
  readonly how: "flock" | "owner-files";
  /** Gives all of them back; a second call does nothing. */
  release(): void;
}

const NFS_MAGIC = 0x6969;

/**
 * Takes several locks at once; one child process for all that are free. While one is waited for, none is held, so any order is safe.
 *
 * @param requests Paths must differ. @throws {StoreError} store/lock-failed.
 */
export async function acquireLocks(requests: readonly LockRequest[], onWait?: OnWait): Promise<HeldLocks> {
  const wanted = requests.filter((request) => !onNfs(request.path));
  const announced = new Set<string>();
  const announce = (path: string, holder: () => LockHolder | undefined): void => {
    if (onWait === undefined || announced.has(path)) return;
    announced.add(path);
    onWait(path, holder());
  };
  const byFlock = await flockAll(wanted, announce);
  const held = byFlock === "no-flock" ? await ownAll(wanted, announce) : byFlock;
  const locked = new Set(held.locked);
  let released = false;
  return {
    how: byFlock === "no-flock" ? "owner-files" : "flock",
    skipped: requests.map(({ path }) => path).filter((path) => !locked.has(path)),
    release() {
      if (!released) held.release();
      released = true;
    },
  };
}

/** Takes one lock, see {@link acquireLocks}. */
export async function acquireLock(
  path: string,
  options: { readonly mode: LockMode; readonly waitMessage?: (holder: LockHolder | undefined) => void },
): Promise<HeldLocks> {
  return acquireLocks([{ path, mode: options.mode }], (_path, holder) => options.waitMessage?.(holder));
}

/** Runs `action` while the lock is held. @throws {StoreError} store/lock-failed, and whatever `action` throws. */
export async function withLock<T>(
  path: string,
  options: { readonly mode: LockMode; readonly waitMessage?: (holder: LockHolder | undefined) => void },
  action: () => T | Promise<T>,
): Promise<T> {
  const lock = await acquireLock(path, options);
  try {
    return await action();
  } finally {
    lock.release();
  }
}

/** The request for the store's lease: `shared` while its content is used, `exclusive` while something is deleted from it. */
export function storeLease(store: Store, mode: LockMode): LockRequest {
  return { path: join(store.root, "lease"), mode };
}

/** Takes the store's lease alone; with other locks, give {@link storeLease} to {@link acquireLocks}. */
export async function leaseStore(store: Store, mode: LockMode, onWait?: OnWait): Promise<HeldLocks> {
  return acquireLocks([storeLease(store, mode)], onWait);
}

/**
 * Whether nobody else can be at work in the store while `held` is: its lease was really taken, and no process without flock(1) holds it
 * in its own way.
 */
export function isLeaseCertain(store: Store, held: HeldLocks): boolean {
  const { path } = storeLease(store, "exclusive");
  return !held.skipped.includes(path) && (held.how === "owner-files" || !hasOwnerFiles(path));
}

type Announce = (path: string, holder: () => LockHolder | undefined) => void;

interface Held {
  readonly locked: readonly string[];
  release(): void;
}

/** An open lock file and its place. */
interface Opened extends OpenLock {
  readonly path: string;
}

async function flockAll(requests: readonly LockRequest[], announce: Announce): Promise<Held | "no-flock"> {
  let opened: readonly Opened[] = [];
  try {
    for (;;) {
      opened = openAll(requests, opened[0]);
      const answer: FlockAnswer = opened.length === 0 ? { kind: "locked" } : await tryFlock(opened);
      if (answer.kind === "locked") return heldByFlock(opened);
      if (answer.kind === "no-flock" || answer.kind === "unsupported") {
        closeAll(opened);
        return answer.kind === "no-flock" ? "no-flock" : { locked: [], release: () => undefined };
      }
      opened = keepBlocked(opened, answer);
      for (const lock of opened) await waitFor(lock, announce);
    }
  } catch (error) {
    closeAll(opened);
    throw lockFailed(requests, error);
  }
}

function heldByFlock(opened: readonly Opened[]): Held {
  return { locked: opened.map(({ path }) => path), release: () => closeAll(opened) };
}

/** Closes all lock files but the one that another process holds. */
function keepBlocked(opened: readonly Opened[], answer: FlockAnswer): Opened[] {
  if (answer.kind !== "blocked")
    throw new Error(answer.kind === "failed" ? answer.reason : `flock said ${answer.kind}`);
  closeAll(opened.filter((_lock, index) => index !== answer.index));
  return opened.filter((_lock, index) => index === answer.index);
}

async function waitFor(lock: Opened, announce: Announce): Promise<void> {
  announce(lock.path, () => findLockHolder(lock.path));
  const answer = await waitFlock(lock);
  if (answer.kind !== "locked") throw new Error(answer.kind === "failed" ? answer.reason : `flock said ${answer.kind}`);
}

/** Opens every lock file but the one that is already held; those that can not be written to are left out. */
function openAll(requests: readonly LockRequest[], kept: Opened | undefined): Opened[] {
  const opened: Opened[] = [];
  try {
    for (const { path, mode } of requests) {
      const descriptor = kept?.path === path ? kept.descriptor : openOrSkip(path);
      if (descriptor !== undefined) opened.push({ path, mode, descriptor });
    }
    return opened;
  } catch (error) {
    closeAll(opened.filter(({ path }) => path !== kept?.path));
    throw error;
  }
}

function openOrSkip(path: string): number | undefined {
  try {
    return openSync(path, "a");
  } catch (error) {
    const code = errnoOf(error);
    if (isReadOnly(code)) return undefined;
    if (code !== "ENOENT") throw error;
  }
  try {
    makeDirectories(dirname(path));
    return openSync(path, "a");
  } catch (error) {
    if (isReadOnly(errnoOf(error))) return undefined;
    throw error;
  }
}

function isReadOnly(code: string | undefined): boolean {
  return code === "EROFS" || code === "EACCES" || code === "EPERM";
}

function closeAll(locks: readonly Opened[]): void {
  for (const { descriptor } of locks) closeSync(descriptor);
}

/** Takes all by owner files; whoever can not have one gives the others back before waiting. */
async function ownAll(requests: readonly LockRequest[], announce: Announce): Promise<Held> {
  for (;;) {
    const files = new Map<string, string>();
    const release = (): void => {
      for (const file of files.values()) rmSync(file, { force: true });
    };
    try {
      const blocked = ownEach(requests, files);
      if (blocked === undefined) return { locked: [...files.keys()], release };
      release();
      announce(blocked.path, () => blocked.holder);
    } catch (error) {
      release();
      throw lockFailed(requests, error);
    }
    await pause();
  }
}

function ownEach(
  requests: readonly LockRequest[],
  files: Map<string, string>,
): { readonly path: string; readonly holder: LockHolder } | undefined {
  for (const { path, mode } of requests) {
    try {
      const answer = tryOwnerFile(path, mode);
      if ("holder" in answer) return { path, holder: answer.holder };
      files.set(path, answer.file);
    } catch (error) {
      if (!isReadOnly(errnoOf(error))) throw error;
    }
  }
  return undefined;
}

/** cargo takes no locks on NFS: there they may wait for ever. */
function onNfs(path: string): boolean {
  for (let at = dirname(path); ; at = dirname(at)) {
    try {
      return process.platform === "linux" && statfsSync(at).type === NFS_MAGIC;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      if (dirname(at) === at) return false;
    }
  }
}

function lockFailed(requests: readonly LockRequest[], cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError({
    code: "store/lock-failed",
    what: `the lock could not be taken: ${cause instanceof Error ? cause.message : String(cause)}`,
    where: requests.map(({ path }) => path).join(", "),
    help: "check that the file is a regular file and its file system works, then run the command again",
    cause,
  });
}
