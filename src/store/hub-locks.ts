import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isSha256, type Sha256 } from "../cargo/index.ts";
import { renewTime } from "./age.ts";
import { sha256Of } from "./crates.ts";
import { writeWhole } from "./partial.ts";
import type { Store } from "./roots.ts";
import { errnoOf, storeFailure } from "./store-error.ts";

/** Where the copy of the hub.lock with this digest lies, or would. */
export function hubLockPath(store: Store, digest: Sha256): string {
  return join(store.root, "hub-locks", digest);
}

/**
 * Keeps a copy of a hub.lock, so that the store knows what a hub holds that is not there any more.
 *
 * @returns the SHA-256 of its text. @throws {StoreError} store/disk-full, store/not-writable, store/io-error.
 */
export function keepHubLock(store: Store, text: string): Sha256 {
  const digest = sha256Of(text);
  if (!isSha256(digest)) throw new TypeError(`${digest} is not a digest`);
  const path = hubLockPath(store, digest);
  if (readHubLock(store, digest) === undefined) writeWhole(store, path, text);
  else renewTime(path);
  return digest;
}

/**
 * The text of the kept hub.lock with this digest; undefined when there is none or it is damaged.
 *
 * @throws {StoreError} store/io-error, store/not-writable when it can not be read.
 */
export function readHubLock(store: Store, digest: Sha256): string | undefined {
  const path = hubLockPath(store, digest);
  try {
    const bytes = readFileSync(path);
    return sha256Of(bytes) === digest ? bytes.toString("utf8") : undefined;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw storeFailure(error, path);
  }
}
