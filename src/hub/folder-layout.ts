import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { gitIdent, indexPath } from "../cargo/index.ts";
import { type ExportShape, parseExportRecord } from "../formats/index.ts";
import {
  crateDirectory,
  exportLayout,
  hubLayout,
  indexDirectory,
  packageDirectory,
  repositoryPlaces,
  sourceDirectory,
} from "../plan/index.ts";
import { readText } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { list } from "./observe.ts";

/** What a directory that holds crates can be. */
export type FolderKind = "hub" | "cargo-home" | "local-registry" | "directory" | `export as ${ExportShape}`;

/** A crate by what its places in a folder depend on. */
export interface FolderCrate {
  readonly ident: string;
  readonly name: string;
  readonly version: string;
}

/** Directory names under which a registry's config.json may lie: its own, and that of the mirror through which cargo reads it. */
export interface RegistryNames {
  readonly ident: string;
  readonly mirror: string;
}

/** An index file and how it is written. */
export interface FolderIndex {
  readonly path: string;
  readonly form: "raw" | "cache";
}

/** Where a folder may have things, absolute, likeliest first. Nothing needs to be there. */
export interface FolderLayout {
  readonly kind: FolderKind;
  readonly path: string;
  readonly crateFiles: (crate: FolderCrate) => readonly string[];
  readonly indexFiles: (crate: FolderCrate) => readonly FolderIndex[];
  readonly configFiles: (registry: RegistryNames) => readonly string[];
  /** Where a registry's unpacked packages lie, each with its `.cargo-checksum.json`. */
  readonly unpacked: (ident: string) => string | undefined;
  /** Packs of a repository at one commit. */
  readonly packFiles: (repository: { readonly url: string; readonly commit: string }) => readonly string[];
  /** Bare repositories of an address, as cargo keeps them. */
  readonly databases: (url: string) => readonly string[];
}

/**
 * Tells by its content what a folder is: an export of ours, a hub (or the project around one), a CARGO_HOME, a local registry, a
 * directory source.
 *
 * @param path Absolute.
 * @throws {HubRoomError} hub/folder-unknown; {FormatsError} formats/export-version.
 */
export function recogniseFolder(path: string): FolderLayout {
  const found = knownFolder(path);
  if (found !== undefined) return found;
  throw new HubRoomError({
    code: "hub/folder-unknown",
    what: isDirectory(path)
      ? "this directory is none that crates can come from: no export of cargo-hub, hub, CARGO_HOME, local registry or directory source"
      : "this directory does not exist",
    where: path,
    help: "name a directory that holds registry/, index/ with .crate files, or packages with a .cargo-checksum.json each",
  });
}

function knownFolder(path: string): FolderLayout | undefined {
  const exported = exportAt(path);
  if (exported !== undefined) return exported;
  const dotCargo = join(path, ".cargo");
  if (isDirectory(join(dotCargo, hubLayout.registry))) return homeLayout("hub", path, dotCargo);
  if (isDirectory(join(path, hubLayout.registry)))
    return homeLayout(existsSync(join(path, hubLayout.hubLock)) ? "hub" : "cargo-home", path, path);
  const names = list(path);
  if (isDirectory(join(path, "index")) || names.some((name) => name.endsWith(".crate"))) return localRegistry(path);
  return names.some((name) => existsSync(join(path, name, ".cargo-checksum.json"))) ? directorySource(path) : undefined;
}

/** The layout of an export of ours, when the folder is one. @throws {FormatsError} formats/export-version. */
export function exportAt(path: string): FolderLayout | undefined {
  const record = join(path, exportLayout.record);
  const shape = parseExportRecord(readText(record) ?? "", record)?.shape;
  if (shape === undefined) return undefined;
  const kind: FolderKind = `export as ${shape}`;
  if (shape === "cargo-home") return homeLayout(kind, path, path);
  const own = homeLayout(kind, path, join(path, exportLayout.own));
  const top = ({ ident }: Pick<FolderCrate, "ident">): string =>
    isDirectory(join(path, ident)) ? join(path, ident) : path;
  if (shape === "directory") return { ...own, unpacked: (ident) => top({ ident }) };
  const { configFiles, packFiles } = own;
  return {
    ...registryLayout(kind, path, top),
    configFiles,
    packFiles,
    ...(shape === "sparse" ? { crateFiles: (crate) => [join(top(crate), "crates", crateFileName(crate))] } : {}),
  };
}

/** A CARGO_HOME, a hub, or anything with their `registry` directory in `root`. */
export function homeLayout(kind: FolderKind, path: string, root: string): FolderLayout {
  return {
    kind,
    path,
    crateFiles: (crate) =>
      idents(join(root, "registry/cache"), crate.ident).map((ident) =>
        join(root, crateDirectory(ident), crateFileName(crate)),
      ),
    indexFiles: (crate) =>
      idents(join(root, "registry/index"), crate.ident).flatMap((ident): FolderIndex[] => {
        const directory = join(root, indexDirectory(ident));
        return [
          { path: join(directory, indexPath(crate.name)), form: "raw" },
          { path: join(directory, ".cache", indexPath(crate.name)), form: "cache" },
        ];
      }),
    configFiles: ({ ident, mirror }) => [ident, mirror].map((name) => join(root, indexDirectory(name), "config.json")),
    unpacked: (ident) => (kind === "hub" ? join(root, sourceDirectory(ident)) : undefined),
    packFiles: (repository) => [join(root, repositoryPlaces(repository).pack)],
    databases: (url) =>
      [join(root, "git/db", gitIdent(url))].filter((directory) => existsSync(join(directory, "HEAD"))),
  };
}

/** The registries of a CARGO_HOME, one's own first: crates that came through a mirror lie below the mirror's name. */
function idents(parent: string, own: string): string[] {
  return [
    own,
    ...list(parent)
      .filter((ident) => ident !== own)
      .toSorted(),
  ];
}

export function localRegistry(path: string): FolderLayout {
  return registryLayout("local-registry", path, () => path);
}

function registryLayout(kind: FolderKind, path: string, top: (crate: FolderCrate) => string): FolderLayout {
  return {
    kind,
    path,
    crateFiles: (crate) => [join(top(crate), crateFileName(crate))],
    indexFiles: (crate) => [{ path: join(top(crate), "index", indexPath(crate.name)), form: "raw" }],
    configFiles: () => [],
    ...nothingElse,
  };
}

export function directorySource(path: string): FolderLayout {
  const nothing = { crateFiles: none, indexFiles: none, configFiles: none };
  return { kind: "directory", path, ...nothing, ...nothingElse, unpacked: () => path };
}

function none(): [] {
  return [];
}

/** What a folder of packed crates does not have. */
const nothingElse: Pick<FolderLayout, "unpacked" | "packFiles" | "databases"> = {
  unpacked: () => undefined,
  packFiles: () => [],
  databases: () => [],
};

function crateFileName(crate: FolderCrate): string {
  return `${packageDirectory(crate)}.crate`;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
