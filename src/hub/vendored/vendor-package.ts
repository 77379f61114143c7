import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  formatPackageChecksum,
  PACKAGE_CHECKSUM_NAME,
  type PackageChecksum,
  parseManifest,
  parsePackageChecksum,
  type Sha256,
} from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import type { BuildTimeCode } from "../../formats/index.ts";
import type { WantedCrate } from "../../plan/index.ts";
import { errorCode, readText, sha256Hex } from "../files.ts";
import type { PackageFile, PackageFiles } from "../git/package-files.ts";
import { HubRoomError } from "../hub-room-error.ts";

/** What a file of a vendored package may have at most, and all of one package together, in bytes. */
const mostBytes = 1 << 30;
const mostFiles = 100_000;

/** Files that are Cargo's own marks; whoever lists them means nothing by it. */
const marks: ReadonlySet<string> = new Set([PACKAGE_CHECKSUM_NAME, ".cargo-ok"]);

/**
 * A package of somebody's directory source, every file of it checked: against its `.cargo-checksum.json`, whose `package` must be what the
 * lockfile says. Files that are not listed, such as .gitignore, do not count.
 *
 * @throws {HubRoomError} hub/folder-damaged naming the file and both digests.
 */
export function readVendorPackage(directory: string, crate: WantedCrate): PackageFiles {
  const list = readChecksums(directory, crate);
  const listed = [...list.files].filter(([path]) => !marks.has(path));
  const files = readFiles(directory, listed);
  const manifest = readManifest(directory, crate, files);
  const checksumText = formatPackageChecksum(
    listed.map(([path, sha256]) => ({ path, sha256 })),
    crate.checksum,
  );
  const own: PackageFile = {
    path: PACKAGE_CHECKSUM_NAME,
    executable: false,
    content: () => Buffer.from(checksumText),
  };
  return {
    ...manifest,
    checksumText,
    files: [...files.map(({ file }) => file), own].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    sizeBytes: files.reduce((sum, { size }) => sum + size, 0),
    leftOut: [],
  };
}

/** Reads a `.cargo-checksum.json` and compares its `package`. */
function readChecksums(directory: string, { name, version, checksum, wantedBy }: WantedCrate): PackageChecksum {
  const path = join(directory, PACKAGE_CHECKSUM_NAME);
  const text = readText(path);
  if (text === undefined) throw damaged(path, "the package has no checksum file, so nothing in it can be checked");
  const list = understood(path, () => parsePackageChecksum(text, path));
  if (list.package !== checksum) {
    const stated = list.package ?? "none";
    throw damaged(path, `it states the checksum ${stated} for ${name} ${version}, but ${wantedBy} says ${checksum}`);
  }
  if (list.files.size > mostFiles) throw damaged(path, `it lists ${list.files.size} files, more than ${mostFiles}`);
  return list;
}

function understood<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof HubError) throw damaged(path, error.what);
    throw error;
  }
}

interface ReadFile {
  readonly file: PackageFile;
  readonly bytes: Buffer;
  readonly size: number;
}

function readFiles(directory: string, listed: readonly (readonly [path: string, sha256: Sha256])[]): ReadFile[] {
  let left = mostBytes;
  return listed.map(([path, sha256]) => {
    if (!isInside(path))
      throw damaged(
        join(directory, PACKAGE_CHECKSUM_NAME),
        `it lists ${JSON.stringify(path)}, which is no path in the package`,
      );
    const { bytes, executable } = readListed(join(directory, path), left);
    left -= bytes.length;
    const actual = sha256Hex(bytes);
    if (actual !== sha256)
      throw damaged(join(directory, path), `it hashes to ${actual}, but ${PACKAGE_CHECKSUM_NAME} lists ${sha256}`);
    return { file: { path, executable, content: () => bytes }, bytes, size: bytes.length };
  });
}

/** Whether a listed path is one of a file below the package, spelled in one way only. */
function isInside(path: string): boolean {
  return (
    !/[\\\0]|^[A-Za-z]:/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}

function readListed(path: string, mostBytesLeft: number): { bytes: Buffer; executable: boolean } {
  try {
    const stat = lstatSync(path);
    if (!stat.isFile()) throw damaged(path, `it is no plain file, but ${PACKAGE_CHECKSUM_NAME} lists it`);
    if (stat.size > mostBytesLeft) throw damaged(path, `the package has more than ${mostBytes} bytes`);
    return { bytes: readFileSync(path), executable: (stat.mode & 0o100) !== 0 };
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw damaged(path, `it is not there, but ${PACKAGE_CHECKSUM_NAME} lists it`);
    throw error;
  }
}

/** What the manifest says; it must be listed, and of this very package. */
function readManifest(
  directory: string,
  { name, version, wantedBy }: WantedCrate,
  files: readonly ReadFile[],
): { manifest: string; runs: BuildTimeCode[]; license: string } {
  const path = join(directory, "Cargo.toml");
  const found = files.find(({ file }) => file.path === "Cargo.toml");
  if (found === undefined)
    throw damaged(path, `${PACKAGE_CHECKSUM_NAME} does not list it, so nobody can tell whether it is right`);
  const manifest = found.bytes.toString("utf8");
  const facts = understood(path, () => parseManifest(manifest, path));
  if (facts.name !== name || facts.version !== version) {
    const other = `${facts.name ?? "no package"} ${facts.version ?? ""}`.trim();
    throw damaged(path, `it is the manifest of ${other}, but ${wantedBy} asks for ${name} ${version}`);
  }
  const hasBuildScript = files.some(({ file }) => file.path === "build.rs");
  const runs: BuildTimeCode[] = [];
  if (facts.buildScript !== undefined || (facts.autoBuildScript && hasBuildScript)) runs.push("build-script");
  if (facts.procMacro) runs.push("proc-macro");
  const license = facts.license ?? (facts.licenseFile === undefined ? "" : `file:${facts.licenseFile}`);
  return { manifest, runs, license };
}

/** The error for a file of a folder that is not what it should be. */
function damaged(where: string, what: string): HubRoomError {
  return new HubRoomError({
    code: "hub/folder-damaged",
    what,
    where,
    help: "put the original back (`cargo vendor`, `git checkout`), or let the crate come from elsewhere; nothing was taken from it",
  });
}
