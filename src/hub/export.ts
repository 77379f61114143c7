import { existsSync, statSync } from "node:fs";
import { cpus } from "node:os";
import { resolve } from "node:path";
import { type ExportShape, formatExportRecord, formatFileSums, type HubLock } from "../formats/index.ts";
import { type ExportPlan, exportedSources, exportLayout, exportTexts, hubLayout, parseBaseUrl } from "../plan/index.ts";
import {
  acquireLocks,
  type LinkCounts,
  type LinkMode,
  openStore,
  type Store,
  storeLease,
  storeRoots,
} from "../store/index.ts";
import type { OnEvent } from "./events.ts";
import { exportCrates, threadsForExport } from "./export-crates.ts";
import { exportUmask, openExportFiles } from "./export-files.ts";
import { exportGit } from "./export-git.ts";
import { exportIndex } from "./export-index.ts";
import { discardExport, type ExportTarget, openExportTarget, publishExport } from "./export-target.ts";
import { exportVendored } from "./export-vendored.ts";
import type { ExportWork } from "./export-work.ts";
import { sha256Hex } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { loadHubLock, loadHubToml } from "./load.ts";
import { existingHub, type HubPlace, inHub, type Standpoint } from "./locate.ts";
import { placedCrates, placedVendored } from "./placed-crate.ts";
import { openPool, type Pool } from "./pool.ts";
import type { Environment } from "./sources.ts";

export interface ExportOptions extends Standpoint {
  readonly env: Environment;
  /** The user's home directory. */
  readonly home: string;
  readonly shape: ExportShape;
  /** Where the export goes; relative to the current directory. */
  readonly directory: string;
  /** Only for `sparse`, and needed there. */
  readonly baseUrl: string | undefined;
  readonly link: LinkMode;
  readonly jobs: number | undefined;
  readonly onEvent: OnEvent;
}

/** What `export` made; docs/json.md. */
export interface ExportReport {
  readonly formatVersion: 1;
  readonly hub: string;
  readonly as: ExportShape;
  /** Absolute. */
  readonly directory: string;
  /** The file that says how Cargo uses the export, absolute. */
  readonly config: string;
  readonly crates: number;
  /** Bytes of all `.crate` files. */
  readonly bytes: number;
  /** Crates that the hub holds unpacked only; not among `crates`. */
  readonly vendored: number;
  /** Packages of git repositories; not among `crates`. */
  readonly gitPackages: number;
  readonly files: number;
  /** How many files came from store or hub by which way. */
  readonly linked: LinkCounts;
  /** Whether an older export stood there. */
  readonly replaced: boolean;
  readonly durationMs: number;
}

/**
 * Writes the crates of a filled hub in another shape; docs/formats/exports.md.
 *
 * @throws {PlanError} plan/bad-base-url; {HubRoomError} hub/export-target, hub/export-incomplete, hub/not-found, hub/not-writable.
 */
export async function exportHub(options: ExportOptions): Promise<ExportReport> {
  const startedAt = performance.now();
  const place = existingHub(options);
  const baseUrl = options.baseUrl === undefined ? undefined : parseBaseUrl(options.baseUrl);
  const storeRoot = storeRoots(options.env, options.home).store;
  const store = existsSync(storeRoot) ? openStore(storeRoot, { umask: exportUmask }) : undefined;
  const lockBytes = statSync(inHub(place, hubLayout.hubLock), { throwIfNoEntry: false })?.size ?? 0;
  const pool = openPool(threadsForExport(options.shape, lockBytes, options.jobs ?? cpus().length));
  try {
    return await exportLocked({ place, options, store, baseUrl, pool, startedAt });
  } finally {
    await pool.close();
  }
}

/** Exports while nobody changes the hub or takes anything out of the store. */
async function exportLocked(context: Context): Promise<ExportReport> {
  const { place, options, store } = context;
  const hubLock = { path: inHub(place, hubLayout.lock), mode: "shared" } as const;
  const locks = await acquireLocks(store === undefined ? [hubLock] : [hubLock, storeLease(store, "shared")], (on) =>
    options.onEvent({ kind: "blocking", on }),
  );
  try {
    const target = openExportTarget(place, resolve(options.cwd, options.directory));
    try {
      return await exportTo(target, context);
    } finally {
      discardExport(target);
    }
  } finally {
    locks.release();
  }
}

interface Context {
  readonly place: HubPlace;
  readonly options: ExportOptions;
  readonly store: Store | undefined;
  readonly baseUrl: string | undefined;
  readonly pool: Pool;
  readonly startedAt: number;
}

async function exportTo(target: ExportTarget, context: Context): Promise<ExportReport> {
  const { place, options, store, baseUrl, pool, startedAt } = context;
  const { text, lock } = heldLock(place);
  const sources = exportedSources(lock);
  const registries = sources.filter(({ ident }) => ident !== undefined);
  const plan: ExportPlan = { shape: options.shape, several: registries.length > 1, baseUrl };
  const files = openExportFiles(target.staging);
  const linked = { reflink: 0, hardlink: 0, copy: 0 };
  const work: ExportWork = { place, hubToml: loadHubToml(place), store, plan, files, pool, linked, options };
  const { bytes } = await exportAll(lock, work);
  for (const [path, content] of exportTexts(plan, sources)) files.write(path, content);
  files.write(exportLayout.hubLock, text);
  files.write(exportLayout.record, formatExportRecord({ shape: plan.shape, baseUrl, hubLock: sha256Hex(text) }));
  files.write(exportLayout.sums, formatFileSums(files.sums));
  files.seal();
  const replaced = publishExport(target);
  return {
    formatVersion: 1,
    hub: place.root,
    as: plan.shape,
    directory: target.path,
    config: resolve(target.path, plan.shape === "cargo-home" ? "config.toml" : exportLayout.config),
    crates: lock.crates.length,
    bytes,
    vendored: lock.vendored.length,
    gitPackages: lock.packages.length,
    files: files.sums.length,
    linked,
    replaced,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** Everything that hub.lock lists; what needs no thread is done while the threads are busy with the crates. */
async function exportAll(lock: HubLock, work: ExportWork): Promise<{ bytes: number }> {
  const crates = exportCrates(placedCrates(lock), work);
  const [exported, others] = await Promise.allSettled([crates, exportOthers(lock, work)]);
  if (others.status === "rejected") throw others.reason;
  if (exported.status === "rejected") throw exported.reason;
  return exported.value;
}

async function exportOthers(lock: HubLock, work: ExportWork): Promise<void> {
  exportVendored(placedVendored(lock), work);
  exportGit(lock, work);
  exportIndex(placedCrates(lock), work);
}

/** What hub.lock lists. @throws {FormatsError} when it is damaged; {HubRoomError} hub/export-incomplete when it is not there. */
function heldLock(place: HubPlace): { readonly text: string; readonly lock: HubLock } {
  const held = loadHubLock(place);
  if (held.kind === "read") return held;
  if (held.kind === "damaged") throw held.error;
  throw new HubRoomError({
    code: "hub/export-incomplete",
    what: "the hub was not filled yet, so there is nothing to export",
    where: inHub(place, hubLayout.hubLock),
    help: "run `cargo-hub fill`, then export again",
  });
}
