import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareCrate, type UnpackedFile, unpackCrate } from "../archive/index.ts";
import { CARGO_OK_CONTENT, formatPackageChecksum, type Sha256 } from "../cargo/index.ts";
import { packageDirectory } from "../plan/index.ts";
import {
  addTree,
  adoptCrate,
  type BuiltFile,
  checkTree,
  hubsSharing,
  type LinkMode,
  linkCrate,
  linkTree,
  putCrate,
  readCrate,
  removePath,
  type Store,
  StoreError,
  type TreeList,
} from "../store/index.ts";
import { isListed } from "./checksum-file.ts";
import { type CrateFacts, readManifest } from "./crate-manifest.ts";
import { errorCode, lstatIfThere, makeDirectory, readBytesIfThere, sha256Hex } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import type { QuarantineRule } from "./quarantine.ts";

/** One crate to be put into a hub; plain data, sent to a worker thread. */
export interface InstallJob {
  readonly store: Store;
  readonly link: LinkMode;
  /** A private directory on the hub's file system, renamed out of when complete. */
  readonly staging: string;
  readonly name: string;
  readonly version: string;
  readonly sha256: Sha256;
  readonly crateTarget: string;
  readonly sourceTarget: string;
  /** Where the sources belong instead when Cargo must not load the crate. */
  readonly quarantineTarget: string;
  readonly quarantine: QuarantineRule;
  /** Whether the previous hub.lock lists this crate, so that what stands at the targets is ours to replace. */
  readonly owned: boolean;
  /** The crate's bytes when they were just downloaded. */
  readonly bytes: Uint8Array | undefined;
}

export type InstallReply =
  | { readonly kind: "not-in-store"; readonly damaged: boolean }
  | {
      readonly kind: "installed";
      readonly size: number;
      readonly facts: CrateFacts;
      /** Why the sources lie in quarantine; undefined: they do not. */
      readonly quarantine: string | undefined;
      /** What stood at the targets already and was right. */
      readonly adopted: boolean;
      /** Files of the store's tree that somebody had edited through a hard link. */
      readonly changedInStore: readonly string[];
      /** The hubs through which that may have happened. */
      readonly changedBy: readonly string[];
      /** Renames that make the crate visible. */
      readonly moves: readonly Move[];
    };

/** A rename from the staging directory to its place; what stands there is moved aside. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/**
 * Puts one crate into the store and stages it for the hub: `.crate` file, unpacked sources, Cargo's two marks in them.
 *
 * Nothing in the hub changes: the caller makes the returned moves when all crates are ready.
 */
export async function installCrate(job: InstallJob): Promise<InstallReply> {
  const crate = crateBytes(job);
  if (crate.kind !== "bytes") return { kind: "not-in-store", damaged: crate.kind === "damaged" };
  makeDirectory(job.staging);
  const moves: Move[] = [];
  const crateAdopted = stageCrateFile(job, crate.bytes, moves);
  const { sourceAdopted, ...staged } = await stageFromTree(job, crate.bytes);
  return {
    kind: "installed",
    size: crate.bytes.length,
    ...staged,
    adopted: crateAdopted || sourceAdopted,
    moves: [...moves, ...staged.moves],
  };
}

type Installed = Extract<InstallReply, { kind: "installed" }>;
type StagedSource = Omit<Installed, "kind" | "size" | "adopted"> & { readonly sourceAdopted: boolean };

/** A store may vanish at any moment, and be there again with the next attempt. */
const MOST_ATTEMPTS = 5;

/** Stages the sources. A tree that somebody deletes from the store meanwhile is unpacked anew. */
async function stageFromTree(job: InstallJob, bytes: Uint8Array): Promise<StagedSource> {
  let edited: StoredTree = { list: { directories: [], files: [] }, changed: [], changedBy: [] };
  for (let attempt = 1; ; attempt += 1) {
    const tree = await storeTree(job, bytes);
    if (tree.changed.length > 0) edited = tree;
    try {
      const moves: Move[] = [];
      const { facts, quarantine } = readManifest(job, tree.list);
      const target = quarantine === undefined ? job.sourceTarget : job.quarantineTarget;
      const sourceAdopted = await stageSource(job, { bytes, list: tree.list, moves, target });
      return { facts, quarantine, moves, sourceAdopted, changedInStore: edited.changed, changedBy: edited.changedBy };
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !hasVanished(error)) throw error;
    }
  }
}

function hasVanished(error: unknown): boolean {
  return errorCode(error) === "ENOENT" || (error instanceof StoreError && error.code === "store/tree-vanished");
}

type CrateBytes = { readonly kind: "bytes"; readonly bytes: Uint8Array } | { readonly kind: "absent" | "damaged" };

function crateBytes(job: InstallJob): CrateBytes {
  if (job.bytes !== undefined) {
    putCrate(job.store, job.sha256, job.bytes);
    return { kind: "bytes", bytes: job.bytes };
  }
  const stored = readCrate(job.store, job.sha256);
  if (stored.kind === "intact") return { kind: "bytes", bytes: stored.bytes };
  const own = readBytesIfThere(job.crateTarget);
  if (own !== undefined && sha256Hex(own) === job.sha256) {
    // Who asked for copies gets no file that hub and store share.
    if (job.link === "auto" || job.link === "hardlink") adoptCrate(job.store, job.sha256, job.crateTarget);
    else putCrate(job.store, job.sha256, own);
    return { kind: "bytes", bytes: own };
  }
  return { kind: stored.kind };
}

/** @returns true when a right file that is not ours stands there already. */
function stageCrateFile(job: InstallJob, bytes: Uint8Array, moves: Move[]): boolean {
  if (!job.owned) refuseOther(job.crateTarget, "file");
  const there = readBytesIfThere(job.crateTarget);
  if (there !== undefined) {
    const actual = sha256Hex(there);
    if (actual === job.sha256) return !job.owned;
    if (!job.owned)
      throw foreignContent(job.crateTarget, `it hashes to ${actual}, but the lockfile promises ${job.sha256}`);
  }
  const staged = join(job.staging, `${packageDirectory(job)}.crate`);
  removePath(staged);
  const linked = linkCrate(job.store, { sha: job.sha256, target: staged, mode: job.link, checked: true });
  // Somebody may have deleted it from the store just now.
  if (linked.kind !== "linked") writeFileSync(staged, bytes);
  moves.push({ from: staged, to: job.crateTarget });
  return false;
}

interface StoredTree {
  readonly list: TreeList;
  readonly changed: readonly string[];
  readonly changedBy: readonly string[];
}

async function storeTree(job: InstallJob, bytes: Uint8Array): Promise<StoredTree> {
  const found = checkTree(job.store, job.sha256);
  if (found.kind === "intact") return { list: found.list, changed: [], changedBy: [] };
  const changed = found.kind === "changed" ? found.paths : [];
  const changedBy = hubsSharing(job.store, job.sha256, changed).map(({ hub }) => hub.path);
  const { list } = await addTree(job.store, job.sha256, async (directory) => {
    const unpacked = await unpackCrate({
      crate: bytes,
      topDirectory: packageDirectory(job),
      into: directory,
      umask: job.store.umask,
    });
    const marks = writeMarks(directory, unpacked.files, job);
    const links = unpacked.symlinks.map(({ path, target }) => ({ path, size: Buffer.byteLength(target) }));
    return [...unpacked.files, ...links, ...marks];
  });
  return { list, changed, changedBy };
}

/** The text of .cargo-checksum.json for an unpacked crate. */
function checksumText(files: readonly UnpackedFile[], sha256: Sha256): string {
  return formatPackageChecksum(
    files.filter(({ path }) => isListed(path)),
    sha256,
  );
}

function writeMarks(directory: string, files: readonly UnpackedFile[], job: InstallJob): BuiltFile[] {
  return sourceMarks(files, job.sha256).map(([name, text]) => {
    writeFileSync(join(directory, name), text);
    return { path: name, size: Buffer.byteLength(text) };
  });
}

interface SourceStage {
  readonly bytes: Uint8Array;
  readonly list: TreeList;
  readonly moves: Move[];
  /** Where the sources belong. */
  readonly target: string;
}

/** @returns true when right sources that are not ours stand there already. */
async function stageSource(job: InstallJob, { bytes, list, moves, target }: SourceStage): Promise<boolean> {
  if (!job.owned) refuseOther(target, "directory");
  if (kindOf(target) === "directory") {
    const marks = await stageMarks(job, bytes, target);
    if (marks !== undefined) {
      moves.push(...marks);
      return !job.owned;
    }
  }
  const staged = join(job.staging, packageDirectory(job));
  removePath(staged, { recursive: true });
  linkTree(job.store, { sha: job.sha256, list, target: staged, mode: job.link });
  moves.push({ from: staged, to: target });
  return false;
}

/** Refuses what is not ours and is not of the kind that belongs there; a link is no directory, because nothing may be written through it. */
function refuseOther(path: string, kind: "file" | "directory"): void {
  const there = kindOf(path);
  if (there !== undefined && there !== kind)
    throw foreignContent(path, `it is a ${there}, where the crate's ${kind} belongs`);
}

function kindOf(path: string): "file" | "directory" | "link or device" | undefined {
  const stat = lstatIfThere(path);
  if (stat === undefined) return undefined;
  if (stat.isDirectory()) return "directory";
  return stat.isFile() ? "file" : "link or device";
}

/** What sources that are right still lack; undefined when they are ours and wrong, so that they are to be replaced. */
async function stageMarks(job: InstallJob, bytes: Uint8Array, target: string): Promise<Move[] | undefined> {
  const compared = await compareCrate({
    crate: bytes,
    topDirectory: packageDirectory(job),
    directories: [target],
    umask: job.store.umask,
  });
  const difference = compared.differences[0];
  if (difference !== undefined) {
    if (job.owned) return undefined;
    throw foreignContent(join(target, difference.path), `it differs from the crate's own file: ${difference.reason}`);
  }
  const moves: Move[] = [];
  for (const [name, text] of sourceMarks(compared.files, job.sha256)) {
    const path = join(target, name);
    if (readBytesIfThere(path)?.toString("utf8") === text) continue;
    const staged = join(job.staging, `${packageDirectory(job)}${name}`);
    writeFileSync(staged, text);
    moves.push({ from: staged, to: path });
  }
  return moves;
}

/** The two files that Cargo wants in an unpacked crate, with their texts. */
export function sourceMarks(files: readonly UnpackedFile[], sha256: Sha256): (readonly [name: string, text: string])[] {
  return [
    [".cargo-checksum.json", checksumText(files, sha256)],
    [".cargo-ok", CARGO_OK_CONTENT],
  ];
}

export function foreignContent(where: string, what: string): HubRoomError {
  return new HubRoomError({
    code: "hub/foreign-content",
    what,
    where,
    help: "move it out of the hub and run `cargo-hub fill` again; cargo-hub replaces only what it made",
  });
}
