import { cpus } from "node:os";
import { emptyHubLock, type HubCrate, type HubLock } from "../formats/index.ts";
import { type CrateKey, crateKey, cratePlaces, type WantedCrate } from "../plan/index.ts";
import { hasCrate, type Store, type StoredLine } from "../store/index.ts";
import type { CrateWork, FillPlan } from "./fill-plan.ts";
import type { FillOptions, FillScene } from "./fill-scene.ts";
import { gatherConfigs } from "./gather-configs.ts";
import { HubRoomError } from "./hub-room-error.ts";
import type { InstallJob, InstallReply, Move } from "./install.ts";
import type { LineSearch, PinnedLine } from "./lines.ts";
import { findAllLines } from "./local/local-lines.ts";
import { inHub } from "./locate.ts";
import { firstAnswer, folderLacks, type OriginBytes, type Origins } from "./origins.ts";
import { openPool, type Pool, threadsFor } from "./pool.ts";
import { quarantineEntry, quarantineRule } from "./quarantine.ts";

/** Everything a fill needs before it changes the hub. */
export interface Gathered {
  /** Records of the crates that were put in place, by {@link crateKey}. */
  readonly records: ReadonlyMap<string, HubCrate>;
  /** Index lines of the groups that must be written, by {@link crateKey}. */
  readonly lines: ReadonlyMap<string, PinnedLine>;
  /** Lines that the store may not have yet. */
  readonly newLines: readonly StoredLine[];
  /** Texts of the registries' config.json, by ident. */
  readonly configs: ReadonlyMap<string, string>;
  /** Renames that make the crates visible. */
  readonly moves: readonly Move[];
  readonly downloads: { readonly crates: number; readonly bytes: number };
  /** How many crates came from which folder. */
  readonly folders: ReadonlyMap<string, number>;
  readonly adopted: readonly CrateKey[];
  /** Why crates that were put in place lie in quarantine, by {@link crateKey}. */
  readonly quarantine: ReadonlyMap<string, string>;
}

export interface GatherContext {
  readonly scene: FillScene;
  readonly options: FillOptions;
  readonly store: Store;
  /** Where what neither hub nor store has may come from. */
  readonly origins: Origins;
  readonly staging: string;
}

// Enough to keep two cores and a connection busy; each more costs some MB, because what arrives waits in memory for a thread.
const lookupsAtOnce = 12;
const cratesAtOnce = 8;

/** Brings all missing crates and index lines together: lines first, each crate only after its line was checked. */
export async function gather(plan: FillPlan, context: GatherContext): Promise<Gathered> {
  const { scene, options } = context;
  const search = lineSearch(context);
  const pool = openPool(threadsFor(plan.install.length, options.jobs ?? cpus().length));
  try {
    const configs = awaitedLater(gatherConfigs(context));
    const lookup = limit(lookupsAtOnce);
    const groups = plan.index.map((group) => ({
      group,
      lines: awaitedLater(lookup(() => findAllLines(group, scene.local, search))),
    }));
    const lineOf = new Map(
      groups.flatMap(({ group, lines }) => group.map((crate) => [crateKey(crate), lines] as const)),
    );
    const installing = limit(cratesAtOnce);
    const installer: Installer = { ...context, pool, downloads: { crates: 0, bytes: 0 }, folders: new Map() };
    const installed = await Promise.all(
      plan.install.map((work) =>
        installing(async () => {
          await lineOf.get(crateKey(work.crate));
          return { work, reply: await installOne(work, installer) };
        }),
      ),
    );
    const lines = new Map<string, PinnedLine>();
    for (const found of await Promise.all(groups.map(({ lines }) => lines)))
      for (const [key, line] of found) lines.set(key, line);
    return {
      records: new Map(installed.map(({ work, reply }) => [crateKey(work.crate), record(work, reply, lines)])),
      lines,
      newLines: [...lines.values()].map(({ line, digest }) => ({ digest, text: line })),
      configs: await configs,
      moves: installed.flatMap(({ reply }) => reply.moves),
      downloads: installer.downloads,
      quarantine: new Map(
        installed.flatMap(({ work, reply }) =>
          reply.quarantine === undefined ? [] : [[crateKey(work.crate), reply.quarantine] as const],
        ),
      ),
      folders: installer.folders,
      adopted: installed.filter(({ reply }) => reply.adopted).map(({ work }) => work.crate),
    };
  } finally {
    await pool.close();
  }
}

/** How a fill looks for index lines. */
export function lineSearch({ scene, options, store, origins }: Omit<GatherContext, "staging">): LineSearch {
  return {
    place: scene.place,
    store,
    origins,
    wantedChecksums: new Set(scene.wanted.map(({ checksum }) => checksum)),
    pins: new Map(
      scene.previous.kind === "read" ? scene.previous.lock.crates.map((crate) => [crateKey(crate), crate]) : [],
    ),
    changed: options.locked || options.distrust !== undefined ? "keep" : "accept",
    refresh: options.refresh,
    onEvent: options.onEvent,
  };
}

/** Keeps a failure from ending the process before the one who awaits `promise` sees it; after another failure nobody may. */
function awaitedLater<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => {});
  return promise;
}

interface Installer extends GatherContext {
  readonly pool: Pool;
  readonly downloads: { crates: number; bytes: number };
  readonly folders: Map<string, number>;
}

type Installed = Extract<InstallReply, { kind: "installed" }>;

async function installOne(work: CrateWork, installer: Installer): Promise<Installed> {
  const { store, origins, options, scene } = installer;
  const { crate } = work;
  if (hasCrate(store, crate.checksum) || work.parts.crate) {
    const reply = await runInstall(work, undefined, installer);
    if (reply.kind === "installed") {
      if (reply.changedInStore.length > 0) {
        const by = reply.changedBy.filter((path) => path !== scene.place.dotCargo);
        options.onEvent({
          kind: "tree-changed",
          name: crate.name,
          version: crate.version,
          paths: reply.changedInStore,
          by,
        });
      }
      options.onEvent({
        kind: "installed",
        name: crate.name,
        version: crate.version,
        from: reply.adopted ? "hub" : "store",
      });
      return reply;
    }
  }
  const found = await firstAnswer(origins.of(crate), (origin) => origin.crateBytes(crate));
  if (found === undefined) throw folderLacks(crate, origins.of(crate).at(-1));
  countBytes(found, installer);
  const reply = await runInstall(work, found.bytes, installer);
  if (reply.kind !== "installed") throw crateLost(crate, store);
  options.onEvent({ kind: "installed", name: crate.name, version: crate.version, from: found.from });
  return reply;
}

/** To be called before a thread gets the bytes: then their length is 0 here. */
function countBytes({ bytes, from, place }: OriginBytes, { downloads, folders }: Installer): void {
  if (from === "folder") {
    folders.set(place, (folders.get(place) ?? 0) + 1);
    return;
  }
  downloads.crates += 1;
  downloads.bytes += bytes.length;
}

function crateLost({ name, version }: WantedCrate, store: Store): HubRoomError {
  return new HubRoomError({
    code: "hub/worker-failed",
    what: `${name} ${version} could not be put into the store although its bytes were right`,
    where: store.root,
    help: "run `cargo-hub fill` again",
  });
}

async function runInstall(
  work: CrateWork,
  bytes: Uint8Array | undefined,
  { scene, store, options, staging, pool }: Installer,
): Promise<InstallReply> {
  const { crate } = work;
  const places = cratePlaces(crate);
  const job: InstallJob = {
    store,
    link: options.link,
    staging: `${staging}/${crate.ident}`,
    name: crate.name,
    version: crate.version,
    sha256: crate.checksum,
    crateTarget: inHub(scene.place, places.crate),
    sourceTarget: inHub(scene.place, places.source),
    quarantineTarget: inHub(scene.place, cratePlaces({ ...crate, quarantined: true }).source),
    quarantine: quarantineRule(scene),
    owned: work.owned,
    bytes,
  };
  const reply = await pool.run({ kind: "install", install: job }, transferable(bytes));
  if (reply.kind !== "install") throw new TypeError(`a worker answered ${reply.kind} to install`);
  return reply.install;
}

/** A buffer that is alone in its memory can be handed over instead of copied. */
function transferable(bytes: Uint8Array | undefined): ArrayBuffer[] {
  if (bytes === undefined || !(bytes.buffer instanceof ArrayBuffer)) return [];
  return bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer] : [];
}

function record({ crate, pin }: CrateWork, reply: Installed, lines: ReadonlyMap<string, PinnedLine>): HubCrate {
  const line = lines.get(crateKey(crate))?.digest ?? pin?.line;
  if (line === undefined) throw new TypeError(`no index line was looked up for ${crateKey(crate)}`);
  return {
    source: crate.source,
    name: crate.name,
    version: crate.version,
    sha256: crate.checksum,
    size: reply.size,
    kind: "full",
    line,
    ...reply.facts,
  };
}

/** hub.lock after the fill. */
export function newLock({ lockfiles, wanted }: FillScene, keep: readonly CrateWork[], gathered: Gathered): HubLock {
  const kept = new Map(keep.flatMap(({ crate, pin }) => (pin === undefined ? [] : [[crateKey(crate), pin] as const])));
  const crates = wanted.map((crate) => {
    const key = crateKey(crate);
    const found = gathered.records.get(key) ?? kept.get(key);
    if (found === undefined) throw new TypeError(`nothing was recorded for ${key}`);
    const line = gathered.lines.get(key)?.digest;
    return line === undefined || line === found.line ? found : { ...found, line };
  });
  const reasons = new Map([
    ...keep.map(({ crate, placement }) => [crateKey(crate), placement.reason] as const),
    ...gathered.quarantine,
  ]);
  const quarantine = wanted.flatMap((crate) => {
    const reason = reasons.get(crateKey(crate));
    return reason === undefined ? [] : [quarantineEntry(crate, reason)];
  });
  return { ...emptyHubLock, lockfiles: lockfiles.map(({ path, sha256 }) => ({ path, sha256 })), crates, quarantine };
}

/** Lets at most `most` calls run at once; after the first failure the waiting ones are not started. */
function limit(most: number): <Result>(action: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  let failed = false;
  const waiting: (() => void)[] = [];
  return async (action) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      if (failed)
        throw new HubRoomError({
          code: "hub/worker-failed",
          what: "an earlier crate failed",
          help: "see the first error",
        });
      return await action();
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
