import { closeSync, openSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FlockAnswer, type LockMode, type LockRequest, type OpenLock, tryFlock, waitFlock } from "./flock.ts";
import { findLockHolder, type LockHolder } from "./lock-holder.ts";
import { openLocking } from "./open-locks.ts";
import { hasOwnerFiles } from "./owner-files.ts";
import { makeDirectories } from "./partial.ts";
import { type Announce, attemptByOpening, attemptByOwnerFile, type Held, isReadOnly, takeAll } from "./polled-locks.ts";
import type { Store } from "./roots.ts";
import { errnoOf, StoreError } from "./store-error.ts";
import { thisSystem } from "./this-system.ts";

/** Called once per lock that must be waited for; `holder` is undefined when it can not be seen. */
export type OnWait = (path: string, holder: LockHolder | undefined) => void;

/** Locks that are held until `release`, or until the process ends in whatever way. */
export interface HeldLocks {
  /** Paths that could not be locked and were passed over, as cargo does: read-only places, NFS, file systems without locks. */
  readonly skipped: readonly string[];
  /**
   * Whether cargo sees them, as it does `flock`. `open-files` are those of Windows, `owner-files` stand in where there is no flock(1):
   * both are seen only by cargo-hub.
   */
  readonly how: "flock" | "open-files" | "owner-files";
  /** Gives all of them back; a second call does nothing. */
  release(): void;
}

/** The number that Linux has for NFS; other systems number no file system so. */
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
  const { how, held } = await takeAsPossible(wanted, announce);
  const locked = new Set(held.locked);
  let released = false;
  return {
    how,
    skipped: requests.map(({ path }) => path).filter((path) => !locked.has(path)),
    release() {
      if (!released) held.release();
      released = true;
    },
  };
}

async function takeAsPossible(
  requests: readonly LockRequest[],
  announce: Announce,
): Promise<{ readonly how: HeldLocks["how"]; readonly held: Held }> {
  try {
    const locking = openLocking(thisSystem);
    if (locking !== undefined) {
      const held = await takeAll(requests, attemptByOpening(locking), announce);
      return { how: locking.isCargos ? "flock" : "open-files", held };
    }
    const held = await flockAll(requests, announce);
    if (held !== "no-flock") return { how: "flock", held };
    return { how: "owner-files", held: await takeAll(requests, attemptByOwnerFile, announce) };
  } catch (error) {
    throw lockFailed(requests, error);
  }
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
    throw error;
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

function closeAll(locks: readonly Opened[]): void {
  for (const { descriptor } of locks) closeSync(descriptor);
}

/** cargo takes no locks on NFS: there they may wait for ever. */
function onNfs(path: string): boolean {
  for (let at = dirname(path); ; at = dirname(at)) {
    try {
      return statfsSync(at).type === NFS_MAGIC;
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
