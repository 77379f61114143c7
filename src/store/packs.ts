import { accessSync, lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import { renewTime } from "./age.ts";
import { linkOrCopy, removePath } from "./careful-files.ts";
import type { PutOutcome } from "./crates.ts";
import { type LinkMethod, type LinkMode, linkStoredFile } from "./links.ts";
import { listNames, makeDirectories, moveAside, partialPath, publish, withParent } from "./partial.ts";
import type { Store } from "./roots.ts";
import { errnoOf, StoreError, storeFailure } from "./store-error.ts";

/**
 * Looks into a file completely. What a pack is, this room does not know.
 *
 * @returns Undefined when the file is not the pack of the commit it is looked at for; else whatever the caller wants to know of it.
 */
export type PackCheck<T> = (path: string) => T | undefined;

/** A pack as it was found; `found` is what the check made of it. */
export type PackRead<T> =
  | { readonly kind: "intact"; readonly path: string; readonly found: T }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged" };

/** Where the pack of this commit lies, or would. @param commit 40 hexadecimal digits in lower case. */
export function packPath(store: Store, commit: string): string {
  if (!isCommit(commit)) throw new TypeError(`${JSON.stringify(commit)} is no commit`);
  return join(store.root, "packs", commit.slice(0, 2), commit);
}

/** Whether there is a pack for this commit. It is not looked into: {@link readPack} does that. */
export function hasPack(store: Store, commit: string): boolean {
  try {
    accessSync(packPath(store, commit));
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

/**
 * Looks into the pack of a commit. A damaged one is moved aside, so that the next put heals it.
 *
 * @throws {StoreError} store/io-error, store/not-writable; what `check` throws.
 */
export function readPack<T>(store: Store, commit: string, check: PackCheck<T>): PackRead<T> {
  const path = packPath(store, commit);
  if (!exists(path)) return { kind: "absent" };
  const found = check(path);
  if (found !== undefined) {
    renewTime(path);
    return { kind: "intact", path, found };
  }
  const moved = moveAside(store, path);
  if (moved.kind !== "moved" || check(moved.to) === undefined) return { kind: "damaged" };
  // Another process had replaced the damaged file in between.
  publish(moved.to, path);
  return readPack(store, commit, check);
}

/**
 * Takes in the pack of a commit from a file, by hard link where that works, else by copy; or leaves the store as it was. The file itself
 * stays as it is. Two writers of one commit both succeed.
 *
 * @param pack.path An existing regular file. @param pack.check Looks into what was taken in, and into what is there already.
 * @throws {StoreError} store/pack-damaged naming the file; store/disk-full, store/not-writable, store/io-error; what `check` throws.
 */
export function putPack(
  store: Store,
  commit: string,
  { path, check }: { readonly path: string; readonly check: PackCheck<unknown> },
): PutOutcome {
  if (readPack(store, commit, check).kind === "intact") return "already-present";
  const partial = partialPath(store);
  try {
    withParent(dirname(partial), () => linkOrCopy(path, partial));
    if (check(partial) === undefined) throw packDamaged(path, commit);
    publish(partial, packPath(store, commit));
    return "stored";
  } catch (error) {
    removePath(partial);
    throw errnoOf(error) === undefined ? error : storeFailure(error, path);
  }
}

/**
 * Puts the pack of a commit at `target`. It is not looked into: {@link readPack} or {@link putPack} did that a moment ago.
 *
 * @param job.target Must not exist; its parent must.
 * @returns Undefined when the store has no such pack.
 * @throws {StoreError} store/target-exists, store/link-unsupported, store/disk-full, store/not-writable, store/io-error.
 */
export function linkPack(
  store: Store,
  commit: string,
  job: { readonly target: string; readonly mode: LinkMode },
): LinkMethod | undefined {
  return linkStoredFile(packPath(store, commit), job);
}

/** Commits of all packs, sorted. Names that are no commit are left out. */
export function listPacks(store: Store): string[] {
  const root = join(store.root, "packs");
  return listNames(root)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((name) => listNames(join(root, name)))
    .filter(isCommit)
    .sort();
}

/** Where the repository of a git index is kept between runs. @param ident The registry's, as in cargo's own index directory. */
export function gitIndexPath(store: Store, ident: string): string {
  return join(store.root, "git-index", ident);
}

/**
 * Makes an empty directory that only this process uses; sweeping removes it when the process is dead. The caller removes it when it is done.
 *
 * @throws {StoreError} store/disk-full, store/not-writable, store/io-error.
 */
export function makePrivateDirectory(store: Store): string {
  const path = partialPath(store);
  try {
    makeDirectories(path);
    return path;
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/** Whether a name is a commit's: 40 hexadecimal digits in lower case. */
export function isCommit(name: string): boolean {
  return /^[0-9a-f]{40}$/.test(name);
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw storeFailure(error, path);
  }
}

function packDamaged(path: string, commit: string): StoreError {
  return new StoreError({
    code: "store/pack-damaged",
    what: `the file is not the pack of commit ${commit}`,
    where: path,
    help: "run `cargo-hub fill`, which fetches the commit again",
  });
}
