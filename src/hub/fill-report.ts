import type { HubLock } from "../formats/index.ts";
import type { CrateKey } from "../plan/index.ts";
import type { CommittedContent } from "./committed.ts";
import type { FillPlan } from "./fill-plan.ts";
import type { FillScene } from "./fill-scene.ts";
import type { Gathered } from "./gather.ts";
import { shownRepository } from "./git/address.ts";
import type { GatheredGit } from "./git/gather-git.ts";

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

/** Whether a stamp holds a report: it is this very version's own, so that its kind is all there is to ask. */
export function isFillReport(value: unknown): value is FillReport {
  return typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion === 1;
}

export interface FillOutcome {
  readonly plan: FillPlan;
  readonly gathered: Gathered;
  readonly git: GatheredGit;
  readonly lock: HubLock;
  readonly changed: boolean;
  readonly on: boolean;
  readonly committed: CommittedContent | null;
  readonly durationMs: number;
}

export function fillReport({ place, hubToml }: FillScene, outcome: FillOutcome): FillReport {
  const { plan, gathered, git, lock, changed, on, committed, durationMs } = outcome;
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
    installed: plan.install.length + git.installed.length,
    downloadedCrates: gathered.downloads.crates,
    downloadedBytes: gathered.downloads.bytes,
    folders: [...gathered.folders].map(([path, crates]) => ({ path, crates })),
    adopted: gathered.adopted.map(key),
    removed: [...plan.remove, ...git.removed].map(key),
    committed,
    durationMs: Math.round(durationMs),
  };
}

function key({ source, name, version }: CrateKey): CrateKey {
  return { source, name, version };
}
