import { hash } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { compareCrate, type UnpackedFile, unpackCrate } from "../archive/index.ts";
import type { Sha256 } from "../cargo/index.ts";
import type { FileSum } from "../formats/index.ts";
import { packageDirectory } from "../plan/index.ts";
import {
  changeMode,
  checkTree,
  cratePath,
  type LinkCounts,
  type LinkMode,
  linkTree,
  removePath,
  type Store,
} from "../store/index.ts";
import { exportDirectoryMode, exportUmask, linkStamped, stampDirectories, writeStamped } from "./export-files.ts";
import { errorCode, readBytesIfThere, readText, sha256Hex } from "./files.ts";
import { sourceMarks } from "./install.ts";
import { type QuarantineRule, reasonFor } from "./quarantine.ts";

/** One crate to be exported; plain data, sent to a worker thread. */
export interface ExportJob {
  /** Opened with {@link exportUmask}. */
  readonly store: Store | undefined;
  readonly link: LinkMode;
  readonly name: string;
  readonly version: string;
  readonly sha256: Sha256;
  /** The hub's own `.crate` file. */
  readonly own: string;
  /** Where the `.crate` file goes; its directory is there. */
  readonly crateTarget: string;
  /** Where the unpacked package goes, and which of Cargo's two marks it gets. */
  readonly source: { readonly target: string; readonly marks: readonly string[] } | undefined;
  readonly quarantine: QuarantineRule;
}

export type ExportReply =
  | {
      readonly kind: "exported";
      readonly sizeBytes: number;
      /** Files of the unpacked package, by path below it. */
      readonly sums: readonly FileSum[];
      readonly linked: LinkCounts;
      /** Files of the store's tree that were not the crate's; they did not get into the export. */
      readonly changedInStore: readonly string[];
      /** Why Cargo must not load the unpacked package; undefined: it may. */
      readonly quarantine: string | undefined;
    }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly path: string; readonly actual: string };

/** Puts one crate into a staged export; what is put there was compared with the crate's digest, byte for byte. */
export async function exportCrate(job: ExportJob): Promise<ExportReply> {
  const crate = intactCrate(job);
  if (crate.kind !== "intact") return crate;
  const linked = { reflink: 0, hardlink: 0, copy: 0 };
  linked[linkStamped(crate.path, job.crateTarget, job.link)] += 1;
  const source = job.source === undefined ? undefined : await placeSource(job, { ...job.source, bytes: crate.bytes });
  for (const method of ["reflink", "hardlink", "copy"] as const) linked[method] += source?.linked[method] ?? 0;
  return {
    kind: "exported",
    sizeBytes: crate.bytes.length,
    sums: source?.sums ?? [],
    linked,
    changedInStore: source?.changedInStore ?? [],
    quarantine: job.source === undefined ? undefined : reasonFor(manifestAt(job.source.target), job.quarantine),
  };
}

function manifestAt(directory: string): string {
  return readText(join(directory, "Cargo.toml")) ?? "";
}

type IntactCrate =
  | { readonly kind: "intact"; readonly path: string; readonly bytes: Uint8Array }
  | Exclude<ExportReply, { kind: "exported" }>;

/** The crate's bytes from the store, else from the hub. */
function intactCrate({ store, own, sha256, source }: ExportJob): IntactCrate {
  let damaged: IntactCrate = { kind: "absent" };
  for (const path of store === undefined ? [own] : [cratePath(store, sha256), own]) {
    const bytes = source === undefined ? readReused(path) : readBytesIfThere(path);
    if (bytes === undefined) continue;
    const actual = hash("sha256", bytes, "hex");
    if (actual === sha256) return { kind: "intact", path, bytes };
    damaged = { kind: "damaged", path, actual };
  }
  return damaged;
}

/** Memory for one crate file after the other, where nothing waits with one in hand: fresh memory for each costs as much as reading it. */
let memory = Buffer.allocUnsafeSlow(1 << 20);

/** A file's bytes, which are good until the next call; undefined when there is none. */
function readReused(path: string): Uint8Array | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    if (size > memory.length) memory = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size)));
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read)
      read = readSync(descriptor, memory, length, size - length, null);
    return memory.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

interface SourcePlace {
  readonly target: string;
  readonly marks: readonly string[];
  readonly bytes: Uint8Array;
}

interface PlacedSource {
  readonly sums: readonly FileSum[];
  readonly linked: LinkCounts;
  readonly changedInStore: readonly string[];
}

async function placeSource(job: ExportJob, place: SourcePlace): Promise<PlacedSource> {
  const shared = await linkSource(job, place);
  const files = shared.files ?? (await unpackSource(job, place));
  const { target, marks } = place;
  const sums: FileSum[] = files.map(({ path, sha256 }) => ({ path, sha256 }));
  for (const [name, text] of sourceMarks(files, job.sha256).filter(([mark]) => marks.includes(mark))) {
    writeStamped(join(target, name), text);
    sums.push({ path: name, sha256: sha256Hex(text) });
  }
  sums.push(...stampDirectories(target));
  return {
    sums,
    linked: shared.linked ?? { reflink: 0, hardlink: 0, copy: files.length },
    changedInStore: shared.changed,
  };
}

interface SharedSource {
  /** Undefined: there is no tree to share, or a wrong one. */
  readonly files: readonly UnpackedFile[] | undefined;
  readonly linked: LinkCounts | undefined;
  readonly changed: readonly string[];
}

/** Links the store's tree and compares the result with the crate: the tree's own stat list does not notice every edit. */
async function linkSource(
  { store, sha256, link, name, version }: ExportJob,
  { target, bytes }: SourcePlace,
): Promise<SharedSource> {
  // A copy that is compared costs more than one that is unpacked.
  const tree = store === undefined || link === "copy" ? undefined : checkTree(store, sha256);
  if (store === undefined || tree?.kind !== "intact") return { files: undefined, linked: undefined, changed: [] };
  const { directories, files } = tree.list;
  const list = { directories, files: files.filter(({ path }) => !allMarks.has(path)) };
  const linked = linkTree(store, { sha: sha256, list, target, mode: link });
  const compared = await compareCrate({
    crate: bytes,
    topDirectory: packageDirectory({ name, version }),
    directories: [target],
    umask: exportUmask,
  });
  if (compared.differences.length === 0) return { files: compared.files, linked, changed: [] };
  removePath(target, { recursive: true });
  return { files: undefined, linked: undefined, changed: compared.differences.map(({ path }) => path) };
}

const allMarks: ReadonlySet<string> = new Set([".cargo-checksum.json", ".cargo-ok"]);

async function unpackSource(job: ExportJob, { target, bytes }: SourcePlace): Promise<readonly UnpackedFile[]> {
  mkdirSync(target);
  changeMode(target, exportDirectoryMode);
  const unpacked = await unpackCrate({
    crate: bytes,
    topDirectory: packageDirectory(job),
    into: target,
    umask: exportUmask,
  });
  return unpacked.files;
}
