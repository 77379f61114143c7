import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { compareCrate } from "../archive/index.ts";
import type { Sha256 } from "../cargo/index.ts";
import { packageDirectory } from "../plan/index.ts";
import { isIntactTreeList } from "../store/index.ts";
import { errorCode, readText, sha256Hex } from "./files.ts";
import { sourceMarks } from "./install.ts";

/** One crate to be re-checked byte for byte; plain data, sent to a worker thread. */
export interface CheckJob {
  readonly name: string;
  readonly version: string;
  readonly sha256: Sha256;
  /** Where its `.crate` file should be: the hub's, then the store's when it is there. */
  readonly crates: readonly CheckedPlace[];
  /** Where its unpacked sources should be: the hub's, then the store's when it is there. */
  readonly sources: readonly CheckedPlace[];
  /** The stat list of the store's tree, when the tree is there. */
  readonly list: CheckedPlace | undefined;
  readonly umask: number;
}

export interface CheckedPlace {
  readonly path: string;
  readonly area: "crate" | "source" | "store-crate" | "store-tree";
}

/** Something that is not as it should be. */
export interface Finding {
  readonly kind: "missing" | "damaged" | "foreign";
  readonly area: Area;
  readonly path: string;
  readonly reason: string;
}

export type Area =
  | "hub-lock"
  | "lockfile"
  | "config"
  | "source-toml"
  | "index"
  | "index-cache"
  | "index-repository"
  | "registry-config"
  | "crate"
  | "source"
  | "checksum-file"
  | "store-crate"
  | "store-tree"
  | "pack"
  | "store-pack"
  | "database"
  | "store-line"
  | "store-index"
  | "store-hub-lock"
  | "store-root"
  | "directory";

export interface CheckReply {
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly bytes: number;
}

/** Re-checks one crate: its `.crate` files by hash, each unpacked file against the archive, and Cargo's marks. */
export async function checkCrate(job: CheckJob): Promise<CheckReply> {
  const findings: Finding[] = [];
  let files = 0;
  let bytes = 0;
  let intact: Buffer | undefined;
  const seen = new Map<string, Buffer>();
  for (const place of job.crates) {
    const content = readOnce(place.path, seen);
    if (content === undefined) {
      // The store may lose a crate at any moment: to garbage collection, or to whoever deletes it.
      if (place.area !== "store-crate")
        findings.push({ kind: "missing", area: place.area, path: place.path, reason: "the crate file is not there" });
      continue;
    }
    files += 1;
    bytes += content.length;
    const actual = content === intact ? job.sha256 : sha256Hex(content);
    if (actual === job.sha256) intact = content;
    else {
      const promise = place.area === "store-crate" ? "its name" : "hub.lock";
      findings.push(damaged(place, `it hashes to ${actual}, but ${promise} says ${job.sha256}`));
    }
  }
  if (job.list !== undefined) checkTreeList(job.list, findings);
  const present = job.sources.filter((place) => isThere(place, findings));
  if (intact === undefined || present.length === 0) return { findings, files, bytes };
  const compared = await compareCrate({
    crate: intact,
    topDirectory: packageDirectory(job),
    directories: present.map(({ path }) => path),
    umask: job.umask,
  });
  for (const { directory, path, kind, reason } of compared.differences) {
    const place = present[directory];
    if (place !== undefined) findings.push({ kind, area: place.area, path: join(place.path, path), reason });
  }
  for (const file of compared.files) bytes += file.size * present.length;
  files += compared.files.length * present.length;
  const marks = sourceMarks(compared.files, job.sha256);
  for (const place of present) {
    for (const [name, text] of marks) checkMark(place, name, { text, findings });
  }
  return { findings, files: files + marks.length * present.length, bytes };
}

/** Reads a file once even when two places are hard links of it. */
function readOnce(path: string, seen: Map<string, Buffer>): Buffer | undefined {
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
  try {
    const { dev, ino, size: sizeBytes } = fstatSync(handle, { bigint: true });
    const size = Number(sizeBytes);
    const inode = ino === 0n ? path : `${dev}:${ino}`; // some network file systems number nothing
    const known = seen.get(inode);
    if (known !== undefined) return known;
    const content = Buffer.allocUnsafe(size);
    let length = 0;
    while (length < size) {
      const read = readSync(handle, content, length, size - length, null);
      if (read === 0) break;
      length += read;
    }
    const whole = content.subarray(0, length);
    seen.set(inode, whole);
    return whole;
  } finally {
    closeSync(handle);
  }
}

function isThere(place: CheckedPlace, findings: Finding[]): boolean {
  if (existsSync(place.path)) return true;
  if (place.area !== "store-tree")
    findings.push({ kind: "missing", area: place.area, path: place.path, reason: "the unpacked crate is not there" });
  return false;
}

function checkTreeList(place: CheckedPlace, findings: Finding[]): void {
  const text = readText(place.path);
  const about = { area: place.area, path: place.path };
  if (text === undefined) findings.push({ kind: "missing", ...about, reason: "the tree's stat list is not there" });
  else if (!isIntactTreeList(text))
    findings.push(damaged(place, "the stat list does not hash to what its last line says"));
}

function damaged(place: CheckedPlace, reason: string): Finding {
  return { kind: "damaged", area: place.area, path: place.path, reason };
}

function checkMark(place: CheckedPlace, name: string, { text, findings }: { text: string; findings: Finding[] }): void {
  const path = join(place.path, name);
  const area = place.area === "source" ? "checksum-file" : place.area;
  let actual: string | undefined;
  try {
    actual = readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  if (actual === undefined)
    findings.push({ kind: "missing", area, path, reason: "Cargo needs this file and it is not there" });
  else if (actual !== text)
    findings.push({ kind: "damaged", area, path, reason: "its text is not what the crate's files give" });
}
