import { lstatSync, readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { foldName, modesCount } from "../../system/index.ts";
import { errorCode } from "../files.ts";
import { filesBelow } from "../files-below.ts";
import type { PackageFile } from "./package-files.ts";
import { packageFileMode } from "./stage-package.ts";

/** How a file of a package on disk differs from what it should be. */
export interface PackageDifference {
  readonly kind: "missing" | "damaged" | "foreign";
  /** Below the package's directory. */
  readonly path: string;
  readonly reason: string;
}

/**
 * Compares a package on disk with its files, byte for byte and with their modes where the file system has any; names also what does not
 * belong to it.
 */
export function comparePackage(
  files: readonly PackageFile[],
  { directory, umask }: { readonly directory: string; readonly umask: number },
): PackageDifference[] {
  const differences: PackageDifference[] = [];
  const otherModes: PackageDifference[] = [];
  const fileModes = new Set<number>();
  for (const file of files) {
    const { path } = file;
    const found = compareFile(file, join(directory, path));
    if (typeof found !== "number") {
      differences.push({ ...found, path });
      continue;
    }
    fileModes.add(found);
    if (found !== packageFileMode(file.executable, umask))
      otherModes.push({ kind: "damaged", path, reason: `its mode is ${found.toString(8)}` });
  }
  if (otherModes.length > 0 && modesCount({ fileSystemType: statfsSync(directory).type, fileModes }))
    differences.push(...otherModes);
  const listed = [...filesBelow(directory)];
  const isExpected = expectation(files, new Set(listed), new Set(differences.map(({ path }) => path)));
  for (const path of listed) {
    if (!isExpected(path)) differences.push({ kind: "foreign", path, reason: "it does not belong to the package" });
  }
  return differences;
}

/** @returns The permission bits of a file whose content is right. */
function compareFile({ content }: PackageFile, path: string): number | Pick<PackageDifference, "kind" | "reason"> {
  try {
    const stat = lstatSync(path);
    if (!stat.isFile()) return { kind: "damaged", reason: "it is no plain file" };
    if (!readFileSync(path).equals(content()))
      return { kind: "damaged", reason: "its content is not the repository's" };
    return stat.mode & 0o777;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing", reason: "it is not there" };
    throw error;
  }
}

/** Whether a listed path is one of the package's; some file systems list another spelling of a file that is right under its own. */
function expectation(
  files: readonly PackageFile[],
  listed: ReadonlySet<string>,
  wrong: ReadonlySet<string>,
): (path: string) => boolean {
  const known = new Set(files.map(({ path }) => path));
  const spelled = new Set(
    [...known].filter((path) => !listed.has(path) && !wrong.has(path)).map((path) => foldName(path)),
  );
  return (path) => known.has(path) || spelled.has(foldName(path));
}
