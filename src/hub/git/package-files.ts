import {
  formatPackageChecksum,
  gitPackageFiles,
  MOST_GIT_PACKAGE_FILES,
  PACKAGE_CHECKSUM_NAME,
} from "../../cargo/index.ts";
import type { BuildTimeCode, HubGitPackage } from "../../formats/index.ts";
import type { CrateKey } from "../../plan/index.ts";
import { isListed } from "../checksum-file.ts";
import { sha256Hex } from "../files.ts";
import { HubRoomError } from "../hub-room-error.ts";
import type { FoundPackage } from "./find-packages.ts";
import { normalManifest } from "./normal-manifest.ts";
import { readEntry, resolvePath, type WorkEntry, type WorkTree } from "./work-tree.ts";

/** A file of a package as it is to stand in the hub. */
export interface PackageFile {
  /** Below the package's directory; `/` separates. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: () => Buffer;
}

/** A git package as it is to stand in a directory source. */
export interface PackageFiles {
  /** Sorted by path; `.cargo-checksum.json` is among them. */
  readonly files: readonly PackageFile[];
  /** The text of Cargo.toml. */
  readonly manifest: string;
  /** The text of `.cargo-checksum.json`. */
  readonly checksumText: string;
  /** Bytes of all files but `.cargo-checksum.json`. */
  readonly sizeBytes: number;
  readonly runs: readonly BuildTimeCode[];
  readonly license: string;
  /** What of the package is left out, and why, in words. */
  readonly leftOut: readonly string[];
}

/**
 * All files of a package: those below its directory, links followed, without packages nested in it. Its manifest is in cargo's normal form.
 *
 * @throws {HubRoomError} hub/git-package-invalid when links make too many files.
 */
export function packageFiles(tree: WorkTree, found: FoundPackage): PackageFiles {
  const entries = entriesOf(tree, found.path);
  const normal = normalManifest(tree, found, new Set(entries.keys()));
  entries.delete("Cargo.toml");
  entries.delete(PACKAGE_CHECKSUM_NAME);
  const manifest: PackageFile = { path: "Cargo.toml", executable: false, content: () => Buffer.from(normal.text) };
  const files = [manifest, ...[...entries].map(([path, entry]) => fileOf(path, entry))];
  const digests = files.map(({ path, content }) => {
    const bytes = content();
    return { path, sha256: sha256Hex(bytes), size: bytes.length };
  });
  const checksumText = formatPackageChecksum(
    digests.filter(({ path }) => isListed(path)),
    null,
  );
  files.push({ path: PACKAGE_CHECKSUM_NAME, executable: false, content: () => Buffer.from(checksumText) });
  return {
    files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    manifest: normal.text,
    checksumText,
    sizeBytes: digests.reduce((sum, { size }) => sum + size, 0),
    runs: normal.runs,
    license: normal.license,
    leftOut: leftOut(tree, found.path),
  };
}

/** What hub.lock says of a package. @param path Its directory in the repository. */
export function packageRecord({ source, name, version }: CrateKey, path: string, files: PackageFiles): HubGitPackage {
  const { sizeBytes: size, runs, license } = files;
  return { source, name, version, path, size, files: sha256Hex(files.checksumText), runs, license };
}

function fileOf(path: string, entry: WorkEntry): PackageFile {
  return { path, executable: entry.kind === "executable", content: () => readEntry(entry) };
}

/** The package's files by their paths in it. */
function entriesOf(tree: WorkTree, directory: string): Map<string, WorkEntry> {
  const listed = gitPackageFiles(tree.listing, directory);
  if (listed === undefined) throw tooManyFiles(tree, directory);
  const entries = new Map<string, WorkEntry>();
  for (const { path, from } of listed) {
    const entry = tree.entries.get(from);
    if (entry !== undefined) entries.set(path, entry);
  }
  return entries;
}

/** Links below a directory that lead nowhere, in a circle or out of the repository; and names that no checksum file can hold. */
function leftOut(tree: WorkTree, directory: string): string[] {
  const below = directory === "" ? "" : `${directory}/`;
  const links = tree.listing.filter(({ kind, path }) => kind === "link" && path.startsWith(below));
  const isDead = (path: string): boolean => !["file", "directory"].includes(resolvePath(tree, path).kind);
  const dead = links.filter(({ path }) => isDead(path)).map(({ path }) => path.slice(below.length));
  const unnamed = [...tree.unnamed].filter((path) => `${path}/`.startsWith(below));
  return [
    ...dead.map((path) => `the link ${path} leads nowhere or out of the repository`),
    ...unnamed.map(
      (path) =>
        `what has a name in ${path === "" ? "the root of the repository" : path} that is not UTF-8 can not be listed`,
    ),
  ];
}

function tooManyFiles(tree: WorkTree, directory: string): HubRoomError {
  return new HubRoomError({
    code: "hub/git-package-invalid",
    what: `the package in ${directory === "" ? "its root" : directory} has more than ${MOST_GIT_PACKAGE_FILES} files once links are followed`,
    where: tree.url,
    help: "use mode `cargo-home`, where cargo itself checks the repository out",
  });
}
