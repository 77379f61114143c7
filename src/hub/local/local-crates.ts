import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { readCrateManifest } from "../../archive/index.ts";
import {
  type CargoConfig,
  CRATES_IO,
  formatSourceId,
  indexLineOf,
  parseManifest,
  publishRegistries,
  registryIdent,
  registryIndex,
  type SourceId,
} from "../../cargo/index.ts";
import { crateKey, packageDirectory, type WantedCrate } from "../../plan/index.ts";
import { putCrate, type Store } from "../../store/index.ts";
import type { OnEvent } from "../events.ts";
import { sha256Hex } from "../files.ts";
import type { FillPlan } from "../fill-plan.ts";
import { HubRoomError } from "../hub-room-error.ts";
import type { HubPlace } from "../locate.ts";
import type { Environment } from "../sources.ts";
import { statIfThere } from "./folder-files.ts";
import { packFolder } from "./pack-folder.ts";

/** A crate that hub.toml's `with` gives, ready for the hub. */
export interface LocalCrate {
  readonly crate: WantedCrate;
  readonly bytes: Uint8Array;
  /** Its index line, made from its manifest. */
  readonly line: string;
  /** The file or directory; absolute. */
  readonly path: string;
  readonly isFolder: boolean;
}

/** What local crates are loaded with. */
export interface LocalLoading {
  readonly env: Environment;
  /** Cargo's configuration without any hub. */
  readonly config: CargoConfig;
}

/**
 * Reads and packs what `with` lists.
 *
 * @param paths As in hub.toml.
 * @throws {HubRoomError} `hub/with-missing`, `hub/with-mismatch`, `hub/with-registry`, `hub/with-link`; and what reading and
 *   packing throw.
 */
export async function loadLocalCrates(
  place: HubPlace,
  paths: readonly string[],
  loading: LocalLoading,
): Promise<readonly LocalCrate[]> {
  const crates: LocalCrate[] = [];
  for (const path of paths) crates.push(await loadLocalCrate(resolve(place.root, path), loading));
  return crates;
}

/** What puts local crates into the store. */
interface LocalStoring {
  readonly store: Store;
  readonly onEvent: OnEvent;
}

/** Puts those into the store that are not in place yet, so that they are installed like any crate that is there. */
export function storeLocalCrates(
  local: readonly LocalCrate[],
  { install }: FillPlan,
  { store, onEvent }: LocalStoring,
): void {
  const needed = new Set(install.map(({ crate }) => crateKey(crate)));
  for (const { crate, bytes, path, isFolder } of local) {
    if (!needed.has(crateKey(crate))) continue;
    if (isFolder) onEvent({ kind: "packed", name: crate.name, version: crate.version, path });
    putCrate(store, crate.checksum, bytes);
  }
}

async function loadLocalCrate(path: string, loading: LocalLoading): Promise<LocalCrate> {
  const stat = statIfThere(path);
  if (stat === undefined) throw missing(path, "it does not exist");
  const isFolder = stat.isDirectory();
  if (isFolder && statIfThere(join(path, "Cargo.toml"))?.isFile() !== true) throw missing(path, "it has no Cargo.toml");
  const indexOf = (name: string): string => {
    const source = sourceNamed(name, path, loading);
    return source.kind === "sparse" ? `sparse+${source.url}` : source.url;
  };
  const { bytes, manifest } = isFolder
    ? await packFolder(path, { env: loading.env, registryIndex: indexOf })
    : await crateFileAt(path);
  const at = isFolder ? join(path, "Cargo.toml") : `${path}: Cargo.toml`;
  const { name = "", version = "0.0.0" } = parseManifest(manifest, at);
  const sourceId = sourceOf(manifest, { at, path }, loading);
  const checksum = sha256Hex(bytes);
  const source = formatSourceId(sourceId);
  return {
    crate: { source, sourceId, ident: registryIdent(sourceId), name, version, checksum, wantedBy: path },
    bytes,
    line: indexLineOf(manifest, at, { checksum, registry: sourceId }),
    path,
    isFolder,
  };
}

async function crateFileAt(path: string): Promise<{ bytes: Uint8Array; manifest: string }> {
  const bytes = readFileSync(path);
  const { topDirectory, manifest } = await readCrateManifest(bytes, path);
  const text = Buffer.from(manifest).toString("utf8");
  const { name, version = "0.0.0" } = parseManifest(text, `${path}: Cargo.toml`);
  if (name === undefined) throw mismatch(path, "its manifest has no package");
  const own = packageDirectory({ name, version });
  if (topDirectory !== own) {
    throw mismatch(path, `its manifest is that of ${own}, but its files lie in ${JSON.stringify(topDirectory)}`);
  }
  const file = basename(path);
  if (file.endsWith(".crate") && file !== `${own}.crate`) throw mismatch(path, `it is the crate of ${own}`);
  return { bytes, manifest: text };
}

/** The registry that a package belongs to: the one that its `publish` names, else crates.io. */
function sourceOf(manifest: string, { at, path }: { at: string; path: string }, loading: LocalLoading): SourceId {
  const [first, ...others] = publishRegistries(manifest, at) ?? [];
  if (first === undefined) return CRATES_IO;
  if (others.length === 0) return sourceNamed(first, path, loading);
  throw new HubRoomError({
    code: "hub/with-registry",
    what: `\`publish\` names ${others.length + 1} registries, so nobody can tell which one the package belongs to`,
    where: path,
    help: "name one registry in `publish`",
  });
}

function sourceNamed(name: string, path: string, { config }: LocalLoading): SourceId {
  if (name === "crates-io") return CRATES_IO;
  const source = registryIndex(config, name)?.source;
  if (source !== undefined) return source;
  throw new HubRoomError({
    code: "hub/with-registry",
    what: `its manifest names the registry ${JSON.stringify(name)}, which Cargo's configuration does not have`,
    where: path,
    help: `add [registries.${name}] with its index to .cargo/config.toml`,
  });
}

function missing(where: string, what: string): HubRoomError {
  return new HubRoomError({
    code: "hub/with-missing",
    what,
    where,
    help: "correct `with` in .cargo/hub.toml: it lists .crate files and directories of packages",
  });
}

function mismatch(where: string, what: string): HubRoomError {
  return new HubRoomError({
    code: "hub/with-mismatch",
    what,
    where,
    help: "find out what the file is; `cargo package` writes well-formed crates",
  });
}
