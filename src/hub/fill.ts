import { existsSync } from "node:fs";
import { join } from "node:path";
import { netSettings } from "../cargo/index.ts";
import { emptyHubLock, formatHubLock, type HubLock, type HubToml } from "../formats/index.ts";
import {
  crateKey,
  hubLayout,
  placedSources,
  refuseCommitConflicts,
  wantedCrates,
  withLocalCrates,
} from "../plan/index.ts";
import {
  acquireLocks,
  type LockRequest,
  openStore,
  putLines,
  registerHub,
  type Store,
  StoreError,
  storeLease,
  storeRoots,
  sweepPartial,
  withLock,
} from "../store/index.ts";
import { adoptForeign } from "./adopt.ts";
import { adviceFor } from "./advice.ts";
import { askedHubToml } from "./asked-hub-toml.ts";
import { checkHomeEffective } from "./cargo-home-check.ts";
import { type Commit, commit } from "./commit.ts";
import { committedContent } from "./committed.ts";
import { isOn } from "./config-files.ts";
import type { OnEvent } from "./events.ts";
import { sha256Hex } from "./files.ts";
import { checkSameLock, checkUnchanged } from "./fill-locked.ts";
import { type FillPlan, planFill } from "./fill-plan.ts";
import { type FillReport, fillReport } from "./fill-report.ts";
import type { FillOptions, FillScene } from "./fill-scene.ts";
import { stampFill } from "./fill-stamp.ts";
import { gather, lineSearch, newLock } from "./gather.ts";
import { checkedGitPackages } from "./git/address.ts";
import { type GatheredGit, gatherGit } from "./git/gather-git.ts";
import { loadHeld, loadHubLock, loadLockfiles, makeLockfile, parseLockfiles, stdLockfile } from "./load.ts";
import { loadLocalCrates, storeLocalCrates } from "./local/local-crates.ts";
import { type HubPlace, hubToFill, inHub } from "./locate.ts";
import { checkNames } from "./name-checks.ts";
import { observeCrate } from "./observe.ts";
import { openOrigins } from "./open-origins.ts";
import { placementOf, quarantinedKeys } from "./quarantine.ts";
import {
  cargoHome,
  checkEffectiveAfter,
  configWithoutHubs,
  type Environment,
  guardCargoHome,
  hubSources,
  isCargoHome,
} from "./sources.ts";
import { stdLockText } from "./std-lock.ts";
import { removeStaging, sweepLeftovers } from "./sweep.ts";
import { refuseTakenNames } from "./taken-names.ts";
import { type GatheredVendored, gatherVendored, vendoredRemovals } from "./vendored/gather-vendored.ts";
import { splitVendored } from "./vendored/split.ts";

/**
 * Makes the hub hold what hub.toml or Cargo.lock asks for.
 *
 * The hub changes only when every crate is at hand and checked; before that all work is in the store and in a staging directory.
 */
export async function fillHub(options: FillOptions): Promise<FillReport> {
  const startedAt = performance.now();
  const storeRoot = storeRoots(options.env, options.home).store;
  const place = hubToFill(options);
  guardCargoHome(place, options);
  let asked = await loadAsked(place, options);
  let waited = false;
  const store = openStore(storeRoot, { umask: process.umask() });
  const requests = [...hubLocks(place, asked.hubToml, options.env), storeLease(store, "shared")];
  const locks = await acquireLocks(requests, (path) => {
    waited = true;
    options.onEvent({ kind: "blocking", on: path });
  });
  try {
    // Whoever held the lock may have filled for newer lockfiles than were read before.
    if (waited) asked = await loadAsked(place, options);

    if (!locks.skipped.includes(inHub(place, hubLayout.lock))) sweepLeftovers(place);
    const previous = loadHubLock(place);
    const held = previous.kind === "read" ? loadHeld(place) : undefined;
    const config = configWithoutHubs(place, options.env);
    refuseTakenNames(config, asked);
    const sources = hubSources(place, asked.placed, { env: options.env, hubToml: asked.hubToml });
    const scene: FillScene = { ...asked, place, previous, held, config, sources };
    checkNames(scene);
    checkEffectiveAfter(scene, options);
    checkHomeEffective(scene, options);
    for (const message of adviceFor(scene, options.env)) options.onEvent({ kind: "warning", message });
    return await fillScene(scene, { options, store, startedAt });
  } finally {
    locks.release();
  }
}

type Asked = Pick<
  FillScene,
  "hubToml" | "newHubToml" | "newStdLock" | "local" | "lockfiles" | "wanted" | "wantedGit" | "placed"
>;

/** What hub.toml and the lockfiles ask for at this moment. */
async function loadAsked(place: HubPlace, options: FillOptions): Promise<Asked> {
  const { hubToml, newText } = askedHubToml(place, options);
  const newStdLock = hubToml.std ? askedStdLock(place, options) : undefined;
  const given = new Map(newStdLock === undefined ? [] : [[stdLockfile, newStdLock]]);
  const lockfiles = loadLockfiles(place, hubToml, { make: (absolute) => makeLockfile(absolute, options), given });
  const parsed = parseLockfiles(lockfiles);
  const { env } = options;
  const local = await loadLocalCrates(place, hubToml.with, { env, config: configWithoutHubs(place, env) });
  const wanted = withLocalCrates(
    wantedCrates(parsed),
    local.map(({ crate }) => crate),
  );
  const wantedGit = checkedGitPackages(parsed);
  if (hubToml.mode === "directory") refuseCommitConflicts(wantedGit);
  const placed = placedSources(wanted, wantedGit);
  return { hubToml, newHubToml: newText, newStdLock, local, lockfiles, wanted, wantedGit, placed };
}

/** The standard library's lockfile, when it is asked for anew or is not here: hub.std.lock is a copy that stays as it is otherwise. */
function askedStdLock(place: HubPlace, { std, env }: FillOptions): string | undefined {
  if (std === undefined && existsSync(inHub(place, hubLayout.stdLock))) return undefined;
  return stdLockText(place, std ?? { from: "toolchain" }, env);
}

/** The hub's own lock and, where cargo may be at work in the same directories, the one that cargo takes there. */
function hubLocks(place: HubPlace, hubToml: HubToml, env: Environment): LockRequest[] {
  const own: LockRequest = { path: inHub(place, hubLayout.lock), mode: "exclusive" };
  const shared = hubToml.mode === "cargo-home" || isCargoHome(place, env);
  return shared ? [own, { path: inHub(place, hubLayout.packageCache), mode: "exclusive" }] : [own];
}

const nothing: ReadonlySet<string> = new Set();

interface FillContext {
  readonly options: FillOptions;
  readonly store: Store;
  readonly startedAt: number;
}

async function fillScene(asked: FillScene, { options, store, startedAt }: FillContext): Promise<FillReport> {
  const { place, previous, config } = asked;
  const before = previous.kind === "read" ? previous.lock : undefined;
  const onDisk = asked.held ?? before ?? emptyHubLock;
  const offline = options.offline || netSettings(config).offline;
  const staging = inHub(place, `${hubLayout.staging}/${process.pid}-${Date.now().toString(36)}`);
  const origins = openOrigins(asked, { ...options, store, cargoHome: cargoHome(options.env, place.root) });
  try {
    const search = lineSearch({ scene: asked, options, store, origins });
    const split = await splitVendored(asked, { store, origins, offline, search, before, onDisk, options });
    const scene: FillScene = { ...asked, wanted: split.full };
    const plan = planScene(scene, { options, before });
    if (options.locked) checkUnchanged(asked, before, split);
    const foreign = await adoptForeign(scene, { staging, umask: store.umask });
    options.onEvent({ kind: "planned", crates: asked.wanted.length, missing: plan.install.length });
    storeLocalCrates(scene.local, plan, { store, onEvent: options.onEvent });
    const gathered = await gather(plan, { scene, options, store, origins, staging });
    const vendored = gatherVendored(split.vendored, { scene, options, staging, umask: store.umask, onDisk });
    const git = await gatherGit({
      scene,
      options,
      store,
      staging,
      offline,
      folders: origins.folders,
      onDisk,
      distrusted: options.distrust?.crates ?? nothing,
      everythingIsOurs: options.distrust?.everythingIsOurs === true,
    });
    const lock = withOthers(newLock(scene, plan.keep, gathered), git, vendored);
    if (options.locked && before !== undefined) checkSameLock(place, before, lock);
    const work = {
      plan,
      gathered,
      git,
      vendored,
      vendoredRemovals: vendoredRemovals(scene, onDisk, lock),
      foreign,
      lock,
    };
    const changed = await finish(scene, work, { options, store, staging });
    const report = fillReport(scene, {
      ...work,
      changed,
      on: isOn(place, scene.hubToml),
      committed: scene.hubToml.commit === "crates" ? committedContent(place, options.env) : null,
      durationMs: performance.now() - startedAt,
    });
    removeStaging(place, staging); // before the stamp, which lets the next fill look at nothing
    // While git hides files, each fill says so and looks again.
    if (report.committed === null || report.committed.hidden.length === 0)
      stampFill(scene, { report, lock }, { options, storeRoot: store.root });
    return report;
  } finally {
    await origins.close();
    removeStaging(place, staging);
  }
}

function planScene(
  scene: FillScene,
  { options, before }: { readonly options: FillOptions; readonly before: HubLock | undefined },
): FillPlan {
  return planFill({
    wanted: scene.wanted,
    previous: before,
    held: scene.held,
    refresh: options.refresh,
    distrust: options.distrust,
    observe: (crate, size) => observeCrate(scene.place, crate, size),
    placement: placementOf(scene, scene.held ?? before),
  });
}

/** Puts everything in place and records it. @returns whether anything changed. */
async function finish(
  scene: FillScene,
  work: Omit<Commit, "lockText" | "staging" | "onEvent">,
  { options, store, staging }: { readonly options: FillOptions; readonly store: Store; readonly staging: string },
): Promise<boolean> {
  const { place, previous } = scene;
  const { onEvent } = options;
  sayQuarantine(work.lock, quarantinedKeys(previous.kind === "read" ? previous.lock : emptyHubLock), onEvent);
  const lockText = formatHubLock(work.lock, sha256Hex);
  putLines(store, work.gathered.newLines);
  const changed = await withoutCargo(scene, { work, options }, () =>
    commit(scene, { ...work, lockText, onEvent, staging }),
  );
  recordHub(store, { path: place.dotCargo, lockText });
  sweepPartial(store, Date.now());
  return changed;
}

function withOthers(lock: HubLock, git: GatheredGit, vendored: GatheredVendored): HubLock {
  const { repositories, packages } = git;
  const quarantine = [...lock.quarantine, ...vendored.quarantine];
  return { ...lock, vendored: vendored.records, repositories, packages, quarantine };
}

/** Names packages that went into quarantine with this fill. */
function sayQuarantine({ quarantine }: HubLock, before: ReadonlySet<string>, onEvent: OnEvent): void {
  for (const entry of quarantine) {
    if (before.has(crateKey(entry))) continue;
    onEvent({ kind: "quarantined", name: entry.name, version: entry.version, reason: entry.reason });
  }
}

/** Says in the store who uses it. One that cannot be written to needs no record: nothing is ever deleted from it. */
function recordHub(store: Store, hub: Parameters<typeof registerHub>[1]): void {
  try {
    registerHub(store, hub);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "store/not-writable") throw error;
  }
}

/**
 * Runs `action` while cargo waits, when it takes crates away: cargo lists a directory source, then reads what it listed, and fails when
 * that is gone. It does both under the lock of its home. A cargo with another home is not kept out.
 */
async function withoutCargo<Result>(
  { place }: FillScene,
  {
    work,
    options,
  }: { readonly work: Pick<Commit, "plan" | "git" | "vendoredRemovals">; readonly options: FillOptions },
  action: () => Promise<Result>,
): Promise<Result> {
  const { plan, git, vendoredRemovals: vendored } = work;
  const removals = plan.remove.length + git.removals.length + vendored.length;
  const takesAway = removals > 0 || plan.install.some(({ parts }) => parts.source);
  const path = join(cargoHome(options.env, place.root), hubLayout.packageCache);
  if (!takesAway || isCargoHome(place, options.env) || !existsSync(path)) return action();
  const waitMessage = (): void => options.onEvent({ kind: "blocking", on: path });
  return withLock(path, { mode: "exclusive", waitMessage }, action);
}
