import type { HubLock } from "../formats/index.ts";
import type { CrateKey } from "../plan/index.ts";
import type { CommittedContent } from "./committed.ts";
import type { FillPlan } from "./fill-plan.ts";
import type { FillScene } from "./fill-scene.ts";
import type { Gathered } from "./gather.ts";
import { shownRepository } from "./git/address.ts";
import type { GatheredGit } from "./git/gather-git.ts";
import type { GatheredVendored } from "./vendored/gather-vendored.ts";

/** What `fill` did; docs/json.md. */
export interface FillReport {
  readonly formatVersion: 1;
  /** The directory that holds `.cargo`. */
  readonly hub: string;
  readonly mode: "directory" | "cargo-home";
  /** Whether Cargo uses the hub now. */
  readonly on: boolean;
  /** Whether anything on disk changed. */
  readonly changed: boolean;
  readonly crates: number;
  /** Bytes of all `.crate` files. */
  readonly bytes: number;
  /** Crates that are held unpacked only, because their `.crate` files and index lines were not at hand; not among `crates`. */
  readonly vendored: readonly CrateKey[];
  /** Packages of git repositories, which are not among `crates`. */
  readonly gitPackages: number;
  /** The git repositories the hub holds, with submodules. */
  readonly repositories: readonly { readonly url: string; readonly commit: string }[];
  readonly installed: number;
  readonly downloadedCrates: number;
  readonly downloadedBytes: number;
  /** How many crates came from which folder. */
  readonly folders: readonly { readonly path: string; readonly crates: number }[];
  readonly adopted: readonly CrateKey[];
  readonly removed: readonly CrateKey[];
  /** What git is to hold of it; null unless hub.toml says `commit = "crates"`. */
  readonly committed: CommittedContent | null;
  readonly durationMs: number;
}

/** Whether a stamp holds a report with all that is shown of one: another build of the same version may have left it. */
export function isFillReport(value: unknown): value is FillReport {
  if (typeof value !== "object" || value === null) return false;
  const report = new Map<string, unknown>(Object.entries(value));
  const isList = (key: string): boolean => Array.isArray(report.get(key));
  const isNumber = (key: string): boolean => typeof report.get(key) === "number";
  return (
    report.get("formatVersion") === 1 &&
    ["vendored", "repositories", "folders", "adopted", "removed"].every(isList) &&
    ["crates", "bytes", "gitPackages", "installed", "durationMs"].every(isNumber) &&
    report.has("committed")
  );
}

export interface FillOutcome {
  readonly plan: FillPlan;
  readonly gathered: Gathered;
  readonly git: GatheredGit;
  readonly vendored: GatheredVendored;
  readonly lock: HubLock;
  readonly changed: boolean;
  readonly on: boolean;
  readonly committed: CommittedContent | null;
  readonly durationMs: number;
}

export function fillReport({ place, hubToml }: FillScene, outcome: FillOutcome): FillReport {
  const { plan, gathered, git, vendored, lock, changed, on, committed, durationMs } = outcome;
  return {
    formatVersion: 1,
    hub: place.root,
    mode: hubToml.mode,
    on,
    changed,
    crates: lock.crates.length,
    bytes: lock.crates.reduce((sum, { size }) => sum + size, 0),
    gitPackages: lock.packages.length,
    repositories: lock.repositories.map(shownRepository),
    vendored: lock.vendored.map(key),
    installed: plan.install.length + git.installed.length + vendored.installed.length,
    downloadedCrates: gathered.downloads.crates,
    downloadedBytes: gathered.downloads.bytes,
    folders: folderCounts([...gathered.folders, ...vendored.folders]),
    adopted: gathered.adopted.map(key),
    removed: [...plan.remove, ...git.removed].map(key),
    committed,
    durationMs: Math.round(durationMs),
  };
}

/** How many crates came from each folder; one may have given crate files and unpacked ones. */
function folderCounts(counts: readonly (readonly [path: string, crates: number])[]): FillReport["folders"] {
  const total = new Map<string, number>();
  for (const [path, crates] of counts) total.set(path, (total.get(path) ?? 0) + crates);
  return [...total].map(([path, crates]) => ({ path, crates }));
}

function key({ source, name, version }: CrateKey): CrateKey {
  return { source, name, version };
}
