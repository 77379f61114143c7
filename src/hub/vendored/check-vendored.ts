import { existsSync, lstatSync, readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_CHECKSUM_NAME, type PackageChecksum, parsePackageChecksum } from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import type { HubLock, HubVendoredCrate } from "../../formats/index.ts";
import { cratePlaces } from "../../plan/index.ts";
import { modesCount } from "../../system/index.ts";
import type { Finding } from "../check-crate.ts";
import { errorCode, readText, sha256Hex } from "../files.ts";
import { filesBelow } from "../files-below.ts";
import { packageFileMode } from "../git/stage-package.ts";
import { type HubPlace, inHub } from "../locate.ts";
import { placedVendored } from "../placed-crate.ts";

/**
 * Checks vendored crates byte for byte: hub.lock pins the checksum file, and that pins all others.
 *
 * @returns what was looked at.
 */
export function checkVendored(
  place: HubPlace,
  lock: HubLock,
  { findings, umask }: { readonly findings: Finding[]; readonly umask: number },
): { files: number; bytes: number } {
  const total = { files: 0, bytes: 0 };
  for (const crate of placedVendored(lock)) {
    const directory = inHub(place, cratePlaces(crate).source);
    const list = checkList(directory, crate, findings);
    if (list !== undefined) checkFiles(directory, list, { findings, umask, total });
  }
  return total;
}

/** The checksum file, when it is the pinned one. */
function checkList(directory: string, { files }: HubVendoredCrate, findings: Finding[]): PackageChecksum | undefined {
  const path = join(directory, PACKAGE_CHECKSUM_NAME);
  const say = (finding: Finding): undefined => {
    findings.push(finding);
  };
  const list = { area: "checksum-file", path } as const;
  if (!existsSync(directory))
    return say({ kind: "missing", area: "source", path: directory, reason: "the unpacked crate is not there" });
  const text = readText(path);
  if (text === undefined) return say({ kind: "missing", ...list, reason: "Cargo needs this file and it is not there" });
  if (sha256Hex(text) !== files)
    return say({ kind: "damaged", ...list, reason: "it is not the text that hub.lock pins" });
  try {
    return parsePackageChecksum(text, path);
  } catch (error) {
    if (error instanceof HubError) return say({ kind: "damaged", ...list, reason: error.what });
    throw error;
  }
}

interface FileCheck {
  readonly findings: Finding[];
  readonly umask: number;
  readonly total: { files: number; bytes: number };
}

function checkFiles(directory: string, list: PackageChecksum, { findings, umask, total }: FileCheck): void {
  const area = "source";
  const otherModes: Finding[] = [];
  const fileModes = new Set<number>();
  for (const [name, sha256] of list.files) {
    const path = join(directory, name);
    const found = readPlainFile(path);
    if ("reason" in found) {
      findings.push({ area, path, ...found });
      continue;
    }
    total.bytes += found.bytes.length;
    const actual = sha256Hex(found.bytes);
    if (actual !== sha256)
      findings.push({ kind: "damaged", area, path, reason: `it hashes to ${actual}, but ${sha256} is listed` });
    fileModes.add(found.mode);
    if ([true, false].every((executable) => found.mode !== packageFileMode(executable, umask)))
      otherModes.push({ kind: "damaged", area, path, reason: `its mode is ${found.mode.toString(8)}` });
  }
  if (otherModes.length > 0 && modesCount({ fileSystemType: statfsSync(directory).type, fileModes }))
    findings.push(...otherModes);
  total.files += list.files.size + 1;
  for (const name of filesBelow(directory)) {
    if (list.files.has(name) || name === PACKAGE_CHECKSUM_NAME) continue;
    findings.push({ kind: "foreign", area, path: join(directory, name), reason: "it does not belong to the package" });
  }
}

function readPlainFile(path: string): { bytes: Buffer; mode: number } | Pick<Finding, "kind" | "reason"> {
  try {
    const stat = lstatSync(path);
    if (!stat.isFile()) return { kind: "damaged", reason: "it is no plain file" };
    return { bytes: readFileSync(path), mode: stat.mode & 0o777 };
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing", reason: "it is not there" };
    throw error;
  }
}
