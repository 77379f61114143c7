import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type CargoConfig, hookFor, isCratesIo, loadConfig, parseSourceId } from "../cargo/index.ts";
import { type ExportShape, formatExportRecord, formatFileSums } from "../formats/index.ts";
import {
  type ExportedSource,
  type ExportPlan,
  exportedConfigPath,
  exportLayout,
  exportTexts,
  hubLayout,
  parseBaseUrl,
} from "../plan/index.ts";
import {
  acquireLocks,
  type LinkCounts,
  type LinkMode,
  openStore,
  readIndexFile,
  type Store,
  storeLease,
  storeRoots,
} from "../store/index.ts";
import type { OnEvent } from "./events.ts";
import { exportCrates } from "./export-crates.ts";
import { exportUmask, openExportFiles } from "./export-files.ts";
import { exportIndex } from "./export-index.ts";
import { discardExport, type ExportTarget, openExportTarget, publishExport } from "./export-target.ts";
import { sha256Hex } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { readRegistryConfig } from "./index-files.ts";
import { loadHubLock } from "./load.ts";
import { existingHub, type HubPlace, inHub, type Standpoint } from "./locate.ts";
import { type PlacedCrate, placedCrates } from "./placed-crate.ts";
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
  const hubLock = { path: inHub(place, hubLayout.lock), mode: "shared" } as const;
  const locks = await acquireLocks(store === undefined ? [hubLock] : [hubLock, storeLease(store, "shared")], (on) =>
    options.onEvent({ kind: "blocking", on }),
  );
  try {
    const target = openExportTarget(place, resolve(options.cwd, options.directory));
    try {
      return await exportTo(target, { place, options, store, baseUrl, startedAt });
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
  readonly startedAt: number;
}

async function exportTo(target: ExportTarget, context: Context): Promise<ExportReport> {
  const { place, options, store, baseUrl, startedAt } = context;
  const { text, crates } = heldCrates(place);
  const sources = exportedSources(crates);
  const plan: ExportPlan = { shape: options.shape, several: sources.length > 1, baseUrl };
  const files = openExportFiles(target.staging);
  const total = await exportCrates(crates, { place, store, plan, files, options });
  exportIndex(place, crates, { plan, store, files });
  for (const { ident } of sources) files.write(exportedConfigPath(plan, ident), registryConfig(context, ident));
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
    crates: crates.length,
    ...total,
    files: files.sums.length,
    replaced,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** What hub.lock lists. @throws {FormatsError} when it is damaged; {HubRoomError} hub/export-incomplete when it is not there. */
function heldCrates(place: HubPlace): { readonly text: string; readonly crates: readonly PlacedCrate[] } {
  const held = loadHubLock(place);
  if (held.kind === "damaged") throw held.error;
  if (held.kind === "absent") {
    throw new HubRoomError({
      code: "hub/export-incomplete",
      what: "the hub was not filled yet, so there is nothing to export",
      where: inHub(place, hubLayout.hubLock),
      help: "run `cargo-hub fill`, then export again",
    });
  }
  return { text: held.text, crates: placedCrates(held.lock) };
}

/** The registries, with the tables that a configuration without any of the user's needs. */
function exportedSources(crates: readonly PlacedCrate[]): ExportedSource[] {
  const config: CargoConfig = loadConfig({ cwd: "/", cargoHome: "/", env: {} }, () => undefined);
  const sources = new Map<string, ExportedSource>();
  for (const { ident, source } of crates) {
    if (sources.has(ident)) continue;
    const id = parseSourceId(source, hubLayout.hubLock);
    const isPublic = isCratesIo(id);
    sources.set(ident, { ident, isCratesIo: isPublic, hooks: hookFor(config, isPublic ? "crates-io" : id) });
  }
  return [...sources.values()].toSorted((a, b) => (a.ident < b.ident ? -1 : 1));
}

/** Upstream's config.json, from the hub or the store. */
function registryConfig({ place, store }: Context, ident: string): string {
  const kept = store === undefined ? undefined : readIndexFile(store, ident, "config.json")?.body;
  const text = readRegistryConfig(place, ident) ?? kept;
  if (text !== undefined) return text;
  throw new HubRoomError({
    code: "hub/export-incomplete",
    what: "the hub's copy of the registry's config.json is missing or damaged, and the store has none",
    where: inHub(place, `registry/index/${ident}/config.json`),
    help: "run `cargo-hub verify --repair`, then export again",
  });
}
