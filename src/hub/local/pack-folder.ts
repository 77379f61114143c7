import { readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { type FileToPack, packCrate } from "../../archive/index.ts";
import {
  findWorkspaceRoot,
  type PackageSource,
  type PackedFile,
  packedFiles,
  parseManifest,
  publishedManifest,
} from "../../cargo/index.ts";
import { listWorkTree } from "../../git/index.ts";
import { packageDirectory } from "../../plan/index.ts";
import { readText } from "../files.ts";
import type { Environment } from "../sources.ts";
import { checkLink, type FolderPlace, folderAt, statIfThere, walkFolder } from "./folder-files.ts";

/** A package's directory, packed. */
export interface PackedFolder {
  readonly bytes: Uint8Array;
  /** The generated Cargo.toml. */
  readonly manifest: string;
}

/** What a folder is packed with. */
export interface FolderPacking {
  readonly env: Environment;
  /** The index URL of a registry that the manifest names. */
  readonly registryIndex: (name: string) => string;
}

/**
 * Packs a package's directory as `cargo package` would, but with bytes of its own and without a lockfile.
 *
 * @param directory Absolute; has a Cargo.toml.
 * @throws {HubRoomError} `hub/with-link`; {ManifestError}, {PackageFilesError}, {TomlError}, {WorkspaceError}, {ArchiveError}
 *   and {GitError} for what is wrong with the package.
 * @see docs/formats/crate.md
 */
export async function packFolder(directory: string, packing: FolderPacking): Promise<PackedFolder> {
  const source = sourceAt(directory);
  const tree = await listWorkTree({ env: packing.env }, directory, "Cargo.toml");
  const place: FolderPlace = { directory, boundary: tree?.top ?? rootOf(directory) ?? directory };
  // Only with `include` do hidden names count; without it a checkout is not walked through at all.
  const hasInclude = [source.text, source.workspace?.text ?? ""].some((text) => /\binclude\b/.test(text));
  const files = packedFiles(source, {
    all: tree === undefined || hasInclude ? walkFolder(place, hasInclude) : tree.paths,
    byGit: tree?.paths.flatMap((path) => filesAt(place, path)),
  });
  for (const { from } of files) checkLink(place, from);
  const paths = new Set(files.map(({ path }) => path));
  const manifest = publishedManifest(source, { files: paths, registryIndex: packing.registryIndex });
  const { name = "", version = "0.0.0" } = parseManifest(manifest, source.at);
  const packed = packCrate(
    packageDirectory({ name, version }),
    files.map((file) => fileToPack(file, directory, manifest)),
  );
  return { bytes: Buffer.concat([...packed]), manifest };
}

function sourceAt(directory: string): PackageSource {
  const at = join(directory, "Cargo.toml");
  const root = rootOf(directory);
  const rootAt = root === undefined ? undefined : join(root, "Cargo.toml");
  const rootText = rootAt === undefined ? undefined : readText(rootAt);
  return {
    text: readFileSync(at, "utf8"),
    at,
    directory: withSlashes(directory),
    folder: folderAt(directory),
    ...(root === undefined || rootAt === undefined || rootText === undefined
      ? {}
      : { workspace: { text: rootText, at: rootAt, directory: withSlashes(root) } }),
  };
}

/** The directory of the workspace that a package is a member of; undefined when it is its own. */
function rootOf(directory: string): string | undefined {
  const { root } = findWorkspaceRoot(withSlashes(join(directory, "Cargo.toml")), readText);
  const found = root.slice(0, -"/Cargo.toml".length);
  return found === withSlashes(directory) ? undefined : found;
}

function withSlashes(path: string): string {
  return path.split(sep).join("/");
}

/** A path that git lists, as files: a submodule and a link to a directory are one path to git. One that is gone is none. */
function filesAt(place: FolderPlace, path: string): readonly string[] {
  const stat = statIfThere(join(place.directory, path));
  if (stat === undefined) return [];
  checkLink(place, path);
  return stat.isDirectory() ? walkFolder(place, true, path) : [path];
}

function fileToPack({ path, from }: PackedFile, directory: string, manifest: string): FileToPack {
  if (path === "Cargo.toml") return { path, content: Buffer.from(manifest), isExecutable: false };
  const absolute = join(directory, from);
  return { path, content: { path: absolute }, isExecutable: (statSync(absolute).mode & 0o100) !== 0 };
}
