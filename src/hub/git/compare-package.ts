import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

/** Compares a package on disk with its files, byte for byte and with their modes; names also what does not belong to it. */
export function comparePackage(
  files: readonly PackageFile[],
  { directory, umask }: { readonly directory: string; readonly umask: number },
): PackageDifference[] {
  const differences: PackageDifference[] = [];
  const known = new Set<string>();
  for (const file of files) {
    known.add(file.path);
    const difference = compareFile(file, join(directory, file.path), umask);
    if (difference !== undefined) differences.push({ ...difference, path: file.path });
  }
  for (const path of filesBelow(directory)) {
    if (!known.has(path)) differences.push({ kind: "foreign", path, reason: "it does not belong to the package" });
  }
  return differences;
}

function compareFile(
  { executable, content }: PackageFile,
  path: string,
  umask: number,
): Pick<PackageDifference, "kind" | "reason"> | undefined {
  let actual: Buffer;
  try {
    const stat = lstatSync(path);
    if (!stat.isFile()) return { kind: "damaged", reason: "it is no plain file" };
    if ((stat.mode & 0o777) !== packageFileMode(executable, umask))
      return { kind: "damaged", reason: `its mode is ${(stat.mode & 0o777).toString(8)}` };
    actual = readFileSync(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing", reason: "it is not there" };
    throw error;
  }
  return actual.equals(content()) ? undefined : { kind: "damaged", reason: "its content is not the repository's" };
}
