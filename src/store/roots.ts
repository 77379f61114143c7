import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix, win32 } from "node:path";
import { type System, type Variables, variable } from "../system/index.ts";
import { movePath, removePath } from "./careful-files.ts";
import { makeDirectories, VERSION_PREFIX } from "./partial.ts";
import { uniqueName } from "./process-identity.ts";
import { errnoOf, StoreError, storeFailure } from "./store-error.ts";
import { thisSystem } from "./this-system.ts";

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
  "hub-locks",
  "gone",
  "stamps",
  "partial",
]);

/**
 * The machine's two roots: the store, which may vanish, and the data directory, which may not. Where they are by default is what each
 * system's users expect, see docs/formats/store.md.
 *
 * @param env Environment; `CARGO_HUB_STORE`, `CARGO_HUB_DATA`, `XDG_CACHE_HOME`, `XDG_DATA_HOME` and on Windows `LOCALAPPDATA` are read.
 * Empty means unset.
 * @param home The user's home directory.
 * @returns Absolute paths; nothing is created.
 */
export function storeRoots(env: Variables, home: string, system = thisSystem): { store: string; data: string } {
  const path = system === "windows" ? win32 : posix;
  const absolute = (name: string): string | undefined => {
    const value = variable(system, env, name);
    return value !== undefined && path.isAbsolute(value) ? value : undefined;
  };
  const usual = usualRoots(system, home, absolute("LOCALAPPDATA"));
  const cache = absolute("XDG_CACHE_HOME");
  const data = absolute("XDG_DATA_HOME");
  const store = variable(system, env, "CARGO_HUB_STORE") ?? (cache && path.join(cache, "cargo-hub", "v1"));
  return {
    store: path.resolve(store ?? usual.store),
    data: path.resolve(variable(system, env, "CARGO_HUB_DATA") ?? (data && path.join(data, "cargo-hub")) ?? usual.data),
  };
}

function usualRoots(system: System, home: string, localAppData: string | undefined): { store: string; data: string } {
  if (system === "windows") {
    // Not the roaming profile, which is copied to a server when the user logs off.
    const local = win32.join(localAppData ?? win32.join(home, "AppData", "Local"), "cargo-hub");
    return { store: win32.join(local, "store", "v1"), data: win32.join(local, "data") };
  }
  const path = (below: string): string => posix.join(home, below);
  return system === "macos"
    ? { store: path("Library/Caches/cargo-hub/v1"), data: path("Library/Application Support/cargo-hub") }
    : { store: path(".cache/cargo-hub/v1"), data: path(".local/share/cargo-hub") };
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
      movePath(partial, path);
    } finally {
      removePath(partial);
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
