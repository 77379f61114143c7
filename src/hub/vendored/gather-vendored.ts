import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HubLock, HubQuarantine, HubVendoredCrate } from "../../formats/index.ts";
import { type CrateKey, crateKey, cratePlaces, packageDirectory, type WantedCrate } from "../../plan/index.ts";
import { readText, sha256Hex } from "../files.ts";
import type { FillOptions, FillScene } from "../fill-scene.ts";
import { comparePackage } from "../git/compare-package.ts";
import type { PackageFiles } from "../git/package-files.ts";
import { stagePackage } from "../git/stage-package.ts";
import { HubRoomError } from "../hub-room-error.ts";
import { foreignContent, type Move } from "../install.ts";
import { inHub } from "../locate.ts";
import { placedCrates, placedVendored } from "../placed-crate.ts";
import { quarantinedKeys, quarantineEntry, quarantineRule, reasonFor } from "../quarantine.ts";
import type { WantedVendored } from "./split.ts";
import { readVendorPackage } from "./vendor-package.ts";

/** What of vendored crates a fill has brought together. */
export interface GatheredVendored {
  readonly records: readonly HubVendoredCrate[];
  /** Renames that make packages visible. */
  readonly moves: readonly Move[];
  /** Packages whose directory is put in place anew. */
  readonly installed: readonly CrateKey[];
  readonly quarantine: readonly HubQuarantine[];
  /** How many came from which folder. */
  readonly folders: ReadonlyMap<string, number>;
}

export interface VendoredGathering {
  readonly scene: FillScene;
  readonly options: FillOptions;
  /** On the hub's file system. */
  readonly staging: string;
  readonly umask: number;
  /** What the last fill on this disk left behind. */
  readonly onDisk: HubLock;
}

/** Checks the packages of directory sources and stages them. The hub itself is untouched. @throws {HubRoomError} hub/folder-damaged. */
export function gatherVendored(wanted: readonly WantedVendored[], gathering: VendoredGathering): GatheredVendored {
  const work: Work = { ...gathering, records: [], moves: [], installed: [], quarantine: [], folders: new Map() };
  for (const vendored of wanted) {
    if (vendored.from === undefined && vendored.pin !== undefined) keep(vendored.crate, vendored.pin, work);
    else if (vendored.from !== undefined) install(vendored, vendored.from, work);
  }
  return work;
}

interface Work extends VendoredGathering {
  readonly records: HubVendoredCrate[];
  readonly moves: Move[];
  readonly installed: WantedCrate[];
  readonly quarantine: HubQuarantine[];
  readonly folders: Map<string, number>;
}

/** What the hub holds stays; only whether it belongs into quarantine may have changed. */
function keep(crate: WantedCrate, pin: HubVendoredCrate, work: Work): void {
  const { scene, onDisk, records, moves, quarantine } = work;
  records.push(pin);
  const was = quarantinedKeys(onDisk).has(crateKey(crate));
  const from = inHub(scene.place, cratePlaces({ ...crate, quarantined: was }).source);
  const reason = reasonFor(readText(join(from, "Cargo.toml")) ?? "", quarantineRule(scene));
  if (reason !== undefined) quarantine.push(quarantineEntry(crate, reason));
  const to = inHub(scene.place, cratePlaces({ ...crate, quarantined: reason !== undefined }).source);
  if (from !== to) moves.push({ from, to });
}

function install({ crate, pin }: WantedVendored, from: NonNullable<WantedVendored["from"]>, work: Work): void {
  const { scene, options, staging, umask, records, moves, installed, quarantine, folders } = work;
  const files = readVendorPackage(from.directory, crate);
  const record = recordOf(crate, files);
  if (options.locked && pin !== undefined && pin.files !== record.files) throw otherFiles(record, from.directory);
  records.push(record);
  const reason = reasonFor(files.manifest, quarantineRule(scene));
  if (reason !== undefined) quarantine.push(quarantineEntry(crate, reason));
  const target = inHub(scene.place, cratePlaces({ ...crate, quarantined: reason !== undefined }).source);
  if (isInPlace(target, crate, { files, work })) return;
  const staged = join(staging, `vendored-${installed.length}`, packageDirectory(crate));
  stagePackage(files, { directory: staged, umask });
  moves.push({ from: staged, to: target });
  installed.push(crate);
  folders.set(from.place, (folders.get(from.place) ?? 0) + 1);
  options.onEvent({ kind: "installed", name: crate.name, version: crate.version, from: "folder" });
}

/** Whether the package stands there already, byte for byte. @throws {HubRoomError} hub/foreign-content for another one that is not ours. */
function isInPlace(
  target: string,
  crate: CrateKey,
  { files, work }: { readonly files: PackageFiles; readonly work: Work },
): boolean {
  if (!existsSync(target)) return false;
  const [difference] = comparePackage(files.files, { directory: target, umask: work.umask });
  if (difference === undefined) return true;
  const { onDisk, options } = work;
  const isOurs =
    options.distrust?.everythingIsOurs === true ||
    [...onDisk.crates, ...onDisk.vendored].some((known) => crateKey(known) === crateKey(crate));
  if (isOurs) return false;
  throw foreignContent(
    join(target, difference.path),
    `it differs from the file of the vendored package: ${difference.reason}`,
  );
}

function otherFiles({ name, version }: HubVendoredCrate, where: string): HubRoomError {
  return new HubRoomError({
    code: "hub/lock-outdated",
    what: `hub.lock pins other files of ${name} ${version} than this package has, and --locked forbids to change it`,
    where,
    help: "run `cargo-hub fill` without --locked and commit the new hub.lock",
  });
}

function recordOf({ source, name, version, checksum }: WantedCrate, files: PackageFiles): HubVendoredCrate {
  const { sizeBytes: size, checksumText, runs, license } = files;
  return { source, name, version, sha256: checksum, size, files: sha256Hex(checksumText), runs, license };
}

/**
 * Where vendored packages lay that the hub holds no more, or holds elsewhere, as absolute paths.
 *
 * @param lock What the hub is to hold.
 */
export function vendoredRemovals({ place }: FillScene, onDisk: HubLock, lock: HubLock): string[] {
  const kept = new Set([...placedVendored(lock), ...placedCrates(lock)].map((crate) => cratePlaces(crate).source));
  return placedVendored(onDisk)
    .map((crate) => cratePlaces(crate).source)
    .filter((path) => !kept.has(path))
    .map((path) => inHub(place, path));
}
