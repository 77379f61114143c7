import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { makeDirectories } from "./partial.ts";
import { uniqueName } from "./process-identity.ts";
import { errnoOf, StoreError, storeFailure } from "./store-error.ts";

/** An open store. Plain data, so that it can be posted to a worker thread; every function of this room takes it. */
export interface Store {
  /** Absolute path of the store's directory. */
  readonly root: string;
  /** The umask that trees are unpacked under; part of their place. */
  readonly umask: number;
}

const VERSION_TEXT = "cargo-hub store 1\n";
const OWN_NAMES: ReadonlySet<string> = new Set([
  "version",
  "lease",
  "lease.owners",
  "crates",
  "packs",
  "git-index",
  "trees",
  "lines",
  "index",
  "hubs",
  "stamps",
  "partial",
]);
const VERSION_PREFIX = ".version-";

/**
 * The machine's two roots: the store, which may vanish, and the data directory, which may not.
 *
 * @param env Environment; `CARGO_HUB_STORE`, `CARGO_HUB_DATA`, `XDG_CACHE_HOME` and `XDG_DATA_HOME` are read. Empty means unset.
 * @param home The user's home directory.
 * @returns Absolute paths; nothing is created.
 */
export function storeRoots(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): { store: string; data: string } {
  const cache = absoluteOr(env["XDG_CACHE_HOME"], join(home, ".cache"));
  const data = absoluteOr(env["XDG_DATA_HOME"], join(home, ".local", "share"));
  return {
    store: resolve(env["CARGO_HUB_STORE"] || join(cache, "cargo-hub", "v1")),
    data: resolve(env["CARGO_HUB_DATA"] || join(data, "cargo-hub")),
  };
}

function absoluteOr(path: string | undefined, otherwise: string): string {
  return path !== undefined && isAbsolute(path) ? path : otherwise;
}

/**
 * Opens the store at `root`, making it when there is none. An existing one is only read, so a read-only store can be used.
 *
 * @param root Absolute path.
 * @throws {StoreError} store/version-unknown; store/not-a-store when the directory holds something else; store/not-writable, store/disk-full.
 */
export function openStore(root: string, { umask }: { readonly umask: number }): Store {
  const version = readVersion(root);
  if (version === undefined) createStore(root);
  else if (version !== VERSION_TEXT) throw versionUnknown(root, version);
  return { root, umask };
}

function readVersion(root: string): string | undefined {
  const path = join(root, "version");
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw storeFailure(error, path);
  }
}

function createStore(root: string): void {
  const path = join(root, "version");
  const partial = join(root, VERSION_PREFIX + uniqueName());
  try {
    makeDirectories(root);
    refuseForeign(root);
    try {
      writeFileSync(partial, VERSION_TEXT, { flag: "wx" });
      renameSync(partial, path);
    } finally {
      rmSync(partial, { force: true });
    }
  } catch (error) {
    throw storeFailure(error, root);
  }
}

function refuseForeign(root: string): void {
  const foreign = readdirSync(root).find((name) => !OWN_NAMES.has(name) && !name.startsWith(VERSION_PREFIX));
  if (foreign === undefined) return;
  throw new StoreError({
    code: "store/not-a-store",
    what: `the directory holds ${JSON.stringify(foreign)}, which no store has, and no version file`,
    where: root,
    help: "set CARGO_HUB_STORE to an empty or new directory",
  });
}

function versionUnknown(root: string, version: string): StoreError {
  const shown = JSON.stringify(version.slice(0, 60).trimEnd());
  return new StoreError({
    code: "store/version-unknown",
    what: `the store says it is ${shown}, but this cargo-hub knows only "cargo-hub store 1"`,
    where: join(root, "version"),
    help: "use the cargo-hub that made it, or set CARGO_HUB_STORE to another directory",
  });
}
