import { existsSync, rmdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseSourceId, registryIdent } from "../cargo/index.ts";
import type { HubCrate, HubLock } from "../formats/index.ts";
import { crateKey, cratePlaces, hubLayout, indexPlaces, type WantedCrate } from "../plan/index.ts";
import { movePath, removePath } from "../store/index.ts";
import { isSwitchedOff, switchOn, writeCacheTag, writeCommittedConfig } from "./config-files.ts";
import type { OnEvent } from "./events.ts";
import { ensureFile, ensureText, makeDirectory, writeError } from "./files.ts";
import type { FillPlan } from "./fill-plan.ts";
import type { FillScene } from "./fill-scene.ts";
import type { Gathered } from "./gather.ts";
import type { GatheredGit } from "./git/gather-git.ts";
import { hasGitIndex, removeIndexRepository, writeIndexRepository } from "./git/index-repository.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type VersionLine, writeIndexFiles, writeRegistryConfig } from "./index-files.ts";
import type { Move } from "./install.ts";
import { stdLockfile } from "./load.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { placedVendored } from "./placed-crate.ts";
import { quarantinedKeys } from "./quarantine.ts";
import { writeStandIns } from "./stand-ins.ts";
import type { GatheredVendored } from "./vendored/gather-vendored.ts";

/** What a fill has decided and gathered. */
export interface Commit {
  readonly plan: FillPlan;
  readonly gathered: Gathered;
  readonly git: GatheredGit;
  readonly vendored: GatheredVendored;
  /** Absolute paths of vendored packages that the hub holds no more. */
  readonly vendoredRemovals: readonly string[];
  /** Marks for foreign packages that were found right. */
  readonly foreign: readonly Move[];
  readonly lock: HubLock;
  readonly lockText: string;
  readonly staging: string;
  readonly onEvent: OnEvent;
}

/**
 * Makes everything visible: crates, index, configuration, at last hub.lock.
 *
 * Each step is a rename, so that a reader sees whole crates only; a kill in between leaves a hub that the next fill completes.
 *
 * @returns whether anything changed.
 */
export async function commit(scene: FillScene, work: Commit): Promise<boolean> {
  const { place, hubToml, sources } = scene;
  const { plan, gathered, git, foreign, lockText, onEvent, staging } = work;
  const moves = [...gathered.moves, ...git.moves, ...work.vendored.moves, ...foreign];
  const removals = [...git.removals, ...work.vendoredRemovals];
  let changed = moves.length + plan.remove.length + removals.length > 0;
  const note = (written: boolean): void => {
    changed ||= written;
  };
  // Says that files are being written, also when nothing was staged: should this fill be killed, the next one looks for its private files.
  if (plan.index.length > 0) makeDirectory(staging);
  note(writeCacheTag(place));
  for (const [at, move] of moves.entries()) makeMove(move, join(staging, `old-${at + 1}`));
  for (const group of plan.index) note(writeGroup(scene, group, work));
  for (const [ident, text] of gathered.configs) note(writeRegistryConfig(place, ident, text));
  note(writeIndexRepositories(scene, work));
  note(writeStandIns(place, { lock: work.lock, hubToml, staging }));
  if (scene.newHubToml !== undefined) note(ensureText(inHub(place, hubLayout.hubToml), scene.newHubToml) === "written");
  note(writeStdLock(scene));
  note(writeCommittedConfig(place, { hubToml, sources }));
  if (!isSwitchedOff(place)) note(switchOn(place, { hubToml, sources }));
  for (const crate of plan.remove) removeCrate(scene, crate, { lock: work.lock, staging, onEvent });
  for (const path of leftPlaces(scene, work)) removeAside(place, path, join(staging, `left-${basename(path)}`));
  for (const [at, path] of removals.entries()) removeAside(place, path, join(staging, `removed-other-${at}`));
  for (const { name, version } of git.removed) onEvent({ kind: "removed", name, version });
  note(noteHeld(place, lockText));
  note(ensureText(inHub(place, hubLayout.hubLock), lockText) === "written");
  return changed;
}

/** Puts the standard library's lockfile in place, or takes away the one that an earlier fill put there. */
function writeStdLock({ place, hubToml, newStdLock, previous }: FillScene): boolean {
  const path = inHub(place, hubLayout.stdLock);
  if (newStdLock !== undefined) return ensureText(path, newStdLock) === "written";
  const isOurs = previous.kind === "read" && previous.lock.lockfiles.some((lockfile) => lockfile.path === stdLockfile);
  if (hubToml.std || !isOurs || !existsSync(path)) return false;
  removePath(path);
  return true;
}

/** Notes what lies here now. A hub that nobody can write to stays as it is, and so needs no note. */
function noteHeld(place: HubPlace, lockText: string): boolean {
  try {
    return ensureFile(inHub(place, hubLayout.held), lockText) === "written";
  } catch (error) {
    if (error instanceof HubRoomError && error.code === "hub/not-writable") return false;
    throw error;
  }
}

function makeMove({ from, to }: Move, aside: string): void {
  try {
    makeDirectory(dirname(to));
    if (existsSync(to)) {
      makeDirectory(dirname(aside));
      movePath(to, aside);
    }
    movePath(from, to);
  } catch (error) {
    throw writeError(error, to);
  }
}

function writeGroup({ place }: FillScene, group: readonly WantedCrate[], { plan, gathered }: Commit): boolean {
  const first = group[0];
  if (first === undefined) return false;
  const versions: VersionLine[] = group.flatMap((crate) => {
    const found = gathered.lines.get(crateKey(crate));
    return found === undefined ? [] : [{ version: crate.version, line: found.line }];
  });
  const removed = plan.remove.filter(({ source, name }) => source === first.source && name === first.name);
  const { ident, name } = first;
  const protocol = hasGitIndex(first.sourceId) ? "git" : "sparse";
  const files = { ident, name, removed: new Set(removed.map(({ version }) => version)), protocol } as const;
  return writeIndexFiles(place, files, versions);
}

/** The repositories that cargo reads git indices from: only in mode `cargo-home`, where cargo looks into the index at all. */
function writeIndexRepositories({ place, wanted, hubToml }: FillScene, { plan, staging }: Commit): boolean {
  const names = new Map<string, string[]>();
  for (const { ident, name, sourceId } of wanted) {
    if (hasGitIndex(sourceId)) names.set(ident, [...(names.get(ident) ?? []), name]);
  }
  let written = false;
  for (const [ident, held] of names) {
    const staged = join(staging, `index-${ident}`);
    if (hubToml.mode === "cargo-home") written = writeIndexRepository(place, { ident, names: held }, staged) || written;
    else written = removeIndexRepository(place, ident, staged) || written;
  }
  const kept = new Set(wanted.map(({ ident }) => ident));
  const gone = new Set(plan.remove.map(({ source }) => registryIdent(parseSourceId(source, hubLayout.hubLock))));
  for (const ident of gone) {
    if (!kept.has(ident)) written = removeIndexRepository(place, ident, join(staging, `index-${ident}`)) || written;
  }
  return written;
}

/** The quarantine of crates that came out of it; where one goes into it, another package stands in for it. */
function leftPlaces({ place }: FillScene, { plan, gathered }: Commit): string[] {
  return plan.install.flatMap(({ crate, owned, placement: { quarantined } }) => {
    const isFree = owned && quarantined && !gathered.quarantine.has(crateKey(crate));
    return isFree ? [inHub(place, cratePlaces({ ...crate, quarantined }).source)] : [];
  });
}

interface Removal {
  /** What the hub holds from now on. */
  readonly lock: HubLock;
  readonly staging: string;
  readonly onEvent: OnEvent;
}

function removeCrate(scene: FillScene, crate: HubCrate, { lock, staging, onEvent }: Removal): void {
  const { place, wanted } = scene;
  const ident = registryIdent(parseSourceId(crate.source, "hub.lock"));
  const places = cratePlaces({ ...crate, ident });
  const aside = join(staging, `removed-${crate.name}-${crate.version}-${ident}`);
  makeDirectory(staging);
  // A crate that is held unpacked only from now on has its files there already.
  const unpacked = placedVendored(lock).find((vendored) => crateKey(vendored) === crateKey(crate));
  const kept = unpacked === undefined ? undefined : cratePlaces(unpacked).source;
  if (kept !== places.source && existsSync(inHub(place, places.source))) movePath(inHub(place, places.source), aside);
  const quarantine = cratePlaces({ ...crate, ident, quarantined: true }).source;
  if (kept !== quarantine && heldInQuarantine(scene).has(crateKey(crate)))
    removeAside(place, inHub(place, quarantine), `${aside}-quarantine`);
  removePath(inHub(place, places.crate));
  const shared = wanted.some((other) => other.ident === ident && other.name.toLowerCase() === crate.name.toLowerCase());
  if (!shared) {
    for (const file of Object.values(indexPlaces({ ...crate, ident })))
      removeWithEmptyParents(inHub(place, file), inHub(place, hubLayout.registry));
  }
  if (unpacked === undefined) onEvent({ kind: "removed", name: crate.name, version: crate.version });
}

/** Packages that lay in quarantine before this fill. */
function heldInQuarantine({ held, previous }: FillScene): ReadonlySet<string> {
  return quarantinedKeys(held ?? (previous.kind === "read" ? previous.lock : { quarantine: [] }));
}

/** Takes a file or directory away at once, and the directories above it that are empty then. */
function removeAside(place: HubPlace, path: string, aside: string): void {
  if (!existsSync(path)) return;
  makeDirectory(dirname(aside));
  movePath(path, aside);
  removeWithEmptyParents(path, place.dotCargo);
}

function removeWithEmptyParents(path: string, stop: string): void {
  removePath(path);
  for (
    let directory = dirname(path);
    directory.startsWith(stop) && directory !== stop;
    directory = dirname(directory)
  ) {
    try {
      rmdirSync(directory);
    } catch {
      return; // not empty: other crates' files are in it
    }
  }
}
