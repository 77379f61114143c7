import { formatPackageChecksum, PACKAGE_CHECKSUM_NAME } from "../../cargo/index.ts";
import type { BuildTimeCode } from "../../formats/index.ts";
import { isListed } from "../checksum-file.ts";
import { sha256Hex } from "../files.ts";
import { HubRoomError } from "../hub-room-error.ts";
import type { FoundPackage } from "./find-packages.ts";
import { normalManifest } from "./normal-manifest.ts";
import { joined, readEntry, resolvePath, type WorkEntry, type WorkTree } from "./work-tree.ts";

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
  /** Links that lead nowhere or out of the repository; they are left out. */
  readonly leftOut: readonly string[];
}

const mostFiles = 200_000;

/**
 * All files of a package: those below its directory, links followed, without packages nested in it. Its manifest is in cargo's normal form.
 *
 * Unlike `cargo vendor`, `include` and `exclude` do not count: a build from a checkout sees every file.
 */
export function packageFiles(tree: WorkTree, found: FoundPackage): PackageFiles {
  const entries = new Map<string, WorkEntry>();
  const leftOut: string[] = [];
  collect({ tree, entries, leftOut }, { from: found.path, to: "", above: [] });
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
    leftOut,
  };
}

function fileOf(path: string, entry: WorkEntry): PackageFile {
  return { path, executable: entry.kind === "executable", content: () => readEntry(entry) };
}

interface Collection {
  readonly tree: WorkTree;
  readonly entries: Map<string, WorkEntry>;
  readonly leftOut: string[];
}

interface Place {
  /** The directory in the repository. */
  readonly from: string;
  /** Where its files stand below the package. */
  readonly to: string;
  /** The directories on the way, against links in a circle. */
  readonly above: readonly string[];
}

function collect(collection: Collection, { from, to, above }: Place): void {
  const { tree, entries, leftOut } = collection;
  if (above.includes(from)) return;
  for (const name of tree.directories.get(from) ?? []) {
    const path = joined(from, name);
    const target = joined(to, name);
    const found = resolvePath(tree, path);
    if (found.kind === "file") entries.set(target, found.entry);
    else if (found.kind !== "directory") leftOut.push(target);
    else if (tree.directories.get(found.path)?.includes("Cargo.toml") !== true)
      collect(collection, { from: found.path, to: target, above: [...above, from] });
    if (entries.size > mostFiles) throw tooManyFiles(tree, from);
  }
}

function tooManyFiles(tree: WorkTree, directory: string): HubRoomError {
  return new HubRoomError({
    code: "hub/git-package-invalid",
    what: `the package in ${directory === "" ? "its root" : directory} has more than ${mostFiles} files once links are followed`,
    where: tree.url,
    help: "use mode `cargo-home`, where cargo itself checks the repository out",
  });
}
