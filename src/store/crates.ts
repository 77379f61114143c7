import { createHash } from "node:crypto";
import { accessSync, closeSync, openSync, readFileSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Sha256 } from "../cargo/index.ts";
import { linkOrCopy, removePath } from "./careful-files.ts";
import { moveAside, partialPath, publish, withParent, writeWhole } from "./partial.ts";
import type { Store } from "./roots.ts";
import { checksumMismatch, errnoOf, storeFailure } from "./store-error.ts";

/** A crate file as it was found; `actual` is the SHA-256 of what lay there instead. */
export type CrateRead =
  | { readonly kind: "intact"; readonly bytes: Buffer }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly actual: string };

/** What a crate file's content turned out to be; `sizeBytes` of an intact one. */
export type CrateCheck =
  | { readonly kind: "intact"; readonly sizeBytes: number }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly actual: string };

/** How content came in. */
export type PutOutcome = "stored" | "already-present";

/** Where the crate file with this digest lies, or would. */
export function cratePath(store: Store, sha: Sha256): string {
  return join(store.root, "crates", sha.slice(0, 2), sha);
}

/** Whether there is a file for this digest. It is not looked into: {@link readCrate} and linkCrate do that. */
export function hasCrate(store: Store, sha: Sha256): boolean {
  try {
    accessSync(cratePath(store, sha));
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

/**
 * Reads a crate file and re-hashes it. A damaged one is moved aside, so that the next put heals it.
 *
 * @throws {StoreError} store/io-error, store/not-writable when the file can not be read.
 */
export function readCrate(store: Store, sha: Sha256): CrateRead {
  const path = cratePath(store, sha);
  const bytes = readIfPresent(path);
  if (bytes === undefined) return { kind: "absent" };
  const actual = sha256Of(bytes);
  if (actual === sha) return { kind: "intact", bytes };
  const moved = moveAside(store, path);
  if (moved.kind !== "moved") return { kind: "damaged", actual };
  const again = readFileSync(moved.to);
  if (sha256Of(again) !== sha) return { kind: "damaged", actual };
  // Another process had replaced the damaged file in between.
  publish(moved.to, path);
  return { kind: "intact", bytes: again };
}

/**
 * Stores the bytes of a crate file, or leaves the store as it was. Two writers of one digest both succeed.
 *
 * @throws {StoreError} store/checksum-mismatch with both digests; store/disk-full, store/not-writable, store/io-error.
 */
export function putCrate(store: Store, sha: Sha256, bytes: Uint8Array): PutOutcome {
  const actual = sha256Of(bytes);
  if (actual !== sha) throw checksumMismatch(cratePath(store, sha), sha, actual);
  if (readCrate(store, sha).kind === "intact") return "already-present";
  writeWhole(store, cratePath(store, sha), bytes);
  return "stored";
}

/**
 * Takes in a crate file that lies elsewhere, by hard link where that works, else by copy. The file itself stays as it is.
 *
 * @param path An existing regular file.
 * @throws {StoreError} store/checksum-mismatch naming `path`; store/disk-full, store/not-writable, store/io-error.
 */
export function adoptCrate(store: Store, sha: Sha256, path: string): PutOutcome {
  if (readCrate(store, sha).kind === "intact") return "already-present";
  const partial = partialPath(store);
  try {
    withParent(dirname(partial), () => {
      linkOrCopy(path, partial);
    });
    const actual = sha256OfFile(partial).digest;
    if (actual !== sha) throw checksumMismatch(path, sha, actual);
    publish(partial, cratePath(store, sha));
    return "stored";
  } catch (error) {
    removePath(partial);
    throw storeFailure(error, path);
  }
}

/**
 * Re-hashes a crate file in pieces and changes nothing, also when it is damaged.
 *
 * @throws {StoreError} store/io-error, store/not-writable when the file can not be read.
 */
export function checkCrate(store: Store, sha: Sha256): CrateCheck {
  const path = cratePath(store, sha);
  try {
    const { digest, sizeBytes } = sha256OfFile(path);
    return digest === sha ? { kind: "intact", sizeBytes } : { kind: "damaged", actual: digest };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return { kind: "absent" };
    throw storeFailure(error, path);
  }
}

/** SHA-256 of `content` (text as UTF-8) in lower-case hex. */
export function sha256Of(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw storeFailure(error, path);
  }
}

const PIECE_BYTES = 256 * 1024;

function sha256OfFile(path: string): { digest: string; sizeBytes: number } {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const file = openSync(path, "r");
  try {
    let sizeBytes = 0;
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hash.update(piece.subarray(0, read));
      sizeBytes += read;
    }
    return { digest: hash.digest("hex"), sizeBytes };
  } finally {
    closeSync(file);
  }
}
