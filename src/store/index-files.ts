import { readFileSync } from "node:fs";
import { join } from "node:path";
import { indexPath } from "../cargo/index.ts";
import { renewTime } from "./age.ts";
import { sha256Of } from "./crates.ts";
import { parseJson } from "./json.ts";
import { writeWhole } from "./partial.ts";
import type { Store } from "./roots.ts";
import { errnoOf, storeFailure } from "./store-error.ts";

/** What a registry gave to ask again with: at most one of the two. */
export interface IndexValidator {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** A registry's whole index file for one package name. */
export interface IndexFile {
  /** Absent when the registry gave none. */
  readonly validator?: IndexValidator;
  /** Verbatim. */
  readonly body: string;
  /** When the registry gave it, milliseconds since 1970. */
  readonly fetchedAtMs: number;
}

const HEADER = "cargo-hub index 1 ";

function filePath(store: Store, ident: string, name: string): string {
  return join(store.root, "index", ident, indexPath(name));
}

/**
 * Reads the kept index file of a package; undefined when there is none or it is damaged.
 *
 * @param ident Directory name of the registry. @param name A checked package name.
 * @throws {StoreError} store/io-error, store/not-writable when it can not be read.
 */
export function readIndexFile(store: Store, ident: string, name: string): IndexFile | undefined {
  const path = filePath(store, ident, name);
  try {
    const file = parseIndexFile(readFileSync(path));
    if (file !== undefined) renewTime(path);
    return file;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw storeFailure(error, path);
  }
}

/**
 * Keeps the index file of a package; a reader sees the old one or the new one.
 *
 * @param place `ident` is the directory name of the registry, `name` a checked package name.
 * @throws {StoreError} store/disk-full, store/not-writable, store/io-error.
 */
export function writeIndexFile(
  store: Store,
  place: { readonly ident: string; readonly name: string },
  file: IndexFile,
): void {
  const { validator, body, fetchedAtMs } = file;
  const rest = `${JSON.stringify({ ...validator, fetchedAtMs })}\n${body}`;
  writeWhole(store, filePath(store, place.ident, place.name), `${HEADER}${sha256Of(rest)}\n${rest}`);
}

/**
 * Whether an index file is as it was written: its digest is right.
 *
 * @param path Absolute. @throws {StoreError} store/io-error, store/not-writable when it can not be read.
 */
export function isIntactIndexFile(path: string): boolean {
  try {
    return parseIndexFile(readFileSync(path)) !== undefined;
  } catch (error) {
    throw storeFailure(error, path);
  }
}

function parseIndexFile(bytes: Buffer): IndexFile | undefined {
  const restAt = HEADER.length + 65;
  const rest = bytes.subarray(restAt);
  if (bytes.toString("latin1", 0, restAt) !== `${HEADER}${sha256Of(rest)}\n`) return undefined;
  const bodyAt = rest.indexOf(10) + 1;
  const head = parseJson(rest.toString("utf8", 0, bodyAt));
  if (typeof head !== "object" || head === null || !("fetchedAtMs" in head)) return undefined;
  const { fetchedAtMs } = head;
  if (typeof fetchedAtMs !== "number") return undefined;
  const validator = validatorOf(head);
  const body = rest.toString("utf8", bodyAt);
  return validator === undefined ? { body, fetchedAtMs } : { validator, body, fetchedAtMs };
}

function validatorOf(head: object): IndexValidator | undefined {
  if ("etag" in head && typeof head.etag === "string") return { etag: head.etag };
  if ("lastModified" in head && typeof head.lastModified === "string") return { lastModified: head.lastModified };
  return undefined;
}
