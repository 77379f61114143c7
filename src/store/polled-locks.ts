import { dirname } from "node:path";
import { removePath } from "./careful-files.ts";
import type { LockRequest } from "./flock.ts";
import type { LockHolder } from "./lock-holder.ts";
import { lockFiles, type OpenLocking, tryOpenLock } from "./open-locks.ts";
import { pause, tryOwnerFile } from "./owner-files.ts";
import { makeDirectories } from "./partial.ts";
import { errnoOf } from "./store-error.ts";

/** Says once per lock that it must be waited for. */
export type Announce = (path: string, holder: () => LockHolder | undefined) => void;

/** Locks that are held. */
export interface Held {
  readonly locked: readonly string[];
  release(): void;
}

/** What came of one attempt to take one lock. */
type Attempt =
  | { readonly kind: "locked"; readonly release: () => void }
  | { readonly kind: "blocked"; readonly holder: LockHolder | undefined }
  /** The place is read-only, or its file system has no locks: passed over, as cargo does. */
  | { readonly kind: "skipped" };

/** Locks that nobody can be asked to wait for: they are tried again and again, with random pauses. */
export async function takeAll(
  requests: readonly LockRequest[],
  attempt: (request: LockRequest) => Attempt,
  announce: Announce,
): Promise<Held> {
  for (;;) {
    const taken = new Map<string, () => void>();
    const release = (): void => {
      for (const giveBack of taken.values()) giveBack();
    };
    try {
      const blocked = takeEach(requests, attempt, taken);
      if (blocked === undefined) return { locked: [...taken.keys()], release };
      release();
      announce(blocked.path, () => blocked.holder);
    } catch (error) {
      release();
      throw error;
    }
    await pause();
  }
}

/** Takes one after the other; whoever can not have one holds none while waiting for it. */
function takeEach(
  requests: readonly LockRequest[],
  attempt: (request: LockRequest) => Attempt,
  taken: Map<string, () => void>,
): { readonly path: string; readonly holder: LockHolder | undefined } | undefined {
  for (const request of requests) {
    const { path } = request;
    const found = attempt(request);
    if (found.kind === "blocked") return { path, holder: found.holder };
    if (found.kind === "locked") taken.set(path, found.release);
  }
  return undefined;
}

/** Takes a lock by an owner file. */
export function attemptByOwnerFile({ path, mode }: LockRequest): Attempt {
  try {
    const answer = tryOwnerFile(path, mode);
    if ("holder" in answer) return { kind: "blocked", holder: answer.holder };
    return { kind: "locked", release: () => removePath(answer.file) };
  } catch (error) {
    if (isReadOnly(errnoOf(error))) return { kind: "skipped" };
    throw error;
  }
}

/**
 * Takes a lock by opening its file.
 *
 * A file of cargo's own is passed over where cargo locks in another way: it would not see our lock, and could fail on it.
 */
export function attemptByOpening(locking: OpenLocking, files = lockFiles): (request: LockRequest) => Attempt {
  const attempt = (request: LockRequest): Attempt => {
    const answer = tryOpenLock(request, locking, files);
    if (answer === "blocked") return { kind: "blocked", holder: undefined };
    return { kind: "locked", release: () => files.close(answer.descriptor) };
  };
  return (request) => {
    if (!locking.isCargos && isCargosFile(request.path)) return { kind: "skipped" };
    try {
      try {
        return attempt(request);
      } catch (error) {
        if (errnoOf(error) !== "ENOENT") throw error;
        makeDirectories(dirname(request.path));
        return attempt(request);
      }
    } catch (error) {
      const code = errnoOf(error);
      if (isReadOnly(code) || code === "ENOTSUP" || code === "EOPNOTSUPP") return { kind: "skipped" };
      throw error;
    }
  };
}

function isCargosFile(path: string): boolean {
  return /(?:^|[\\/])\.package-cache(?:-mutate)?$/.test(path);
}

/** Whether a lock file can not be opened because nobody may write there. */
export function isReadOnly(code: string | undefined): boolean {
  return code === "EROFS" || code === "EACCES" || code === "EPERM";
}
