import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { isSha256 } from "../cargo/index.ts";
import { cratePlaces } from "../plan/index.ts";
import { cratePath, openStore, type Store, storeRoots, treeListPath, treePath } from "../store/index.ts";
import { checkConfig } from "./check-config.ts";
import type { CheckedPlace, CheckJob, Finding } from "./check-crate.ts";
import { findForeign } from "./check-foreign.ts";
import { checkIndex } from "./check-index.ts";
import { checkLock } from "./check-lock.ts";
import type { OnEvent } from "./events.ts";
import { checkGit } from "./git/check-git.ts";
import { loadHubToml } from "./load.ts";
import { existingHub, type HubPlace, inHub, type Standpoint } from "./locate.ts";
import { type PlacedCrate, placedCrates, placedVendored } from "./placed-crate.ts";
import { openPool, threadsFor } from "./pool.ts";
import type { Environment } from "./sources.ts";
import { checkStandIns } from "./stand-ins.ts";
import { checkVendored } from "./vendored/check-vendored.ts";

export interface VerifyOptions extends Standpoint {
  readonly env: Environment;
  readonly home: string;
  readonly jobs: number | undefined;
  readonly onEvent: OnEvent;
}

/** What `verify` found: every item asked about is right or in exactly one list. */
export interface VerifyReport {
  readonly formatVersion: 1;
  readonly hub: string;
  readonly crates: number;
  /** Crates that are held unpacked only, which are not among `crates`. */
  readonly vendored: number;
  /** Packages of git repositories, which are not among `crates`. */
  readonly gitPackages: number;
  readonly files: number;
  readonly bytes: number;
  readonly missing: readonly Finding[];
  readonly damaged: readonly Finding[];
  /** What the hub does not own. Inside a crate it is a problem, elsewhere it is only told. */
  readonly foreign: readonly Finding[];
  /** Lockfiles that changed since the hub was filled. */
  readonly outdated: readonly string[];
  /** How many items make the check fail. */
  readonly problems: number;
  readonly durationMs: number;
}

/** Re-checks every byte at rest that the hub owns. Writes nothing. */
export async function verifyHub(options: VerifyOptions): Promise<VerifyReport> {
  const startedAt = performance.now();
  const place = existingHub(options);
  const findings: Finding[] = [];
  const { lock, outdated } = checkLock(place, findings);
  const store = openStoreIfThere(options);
  const placed = placedCrates(lock);
  const checking = checkCrates(place, placed, { store, options });
  const index = checkIndex(place, placed, { store, findings, mode: loadHubToml(place).mode });
  const config = checkConfig(place, lock, { env: options.env, findings });
  const vendored = checkVendored(place, lock, { findings, umask: process.umask() });
  findForeign(place, [...placed, ...placedVendored(lock)], findings);
  checkStandIns(place, { lock, hubToml: loadHubToml(place), findings });
  const git = checkGit(place, lock, { mode: loadHubToml(place).mode, umask: process.umask(), store, findings });
  const checked = await checking;
  findings.push(...checked.findings);
  return report(place, findings, {
    crates: placed.length,
    vendored: lock.vendored.length,
    gitPackages: lock.packages.length,
    files: checked.files + index.files + config.files + vendored.files + git.files,
    bytes: checked.bytes + index.bytes + vendored.bytes + git.bytes,
    outdated,
    durationMs: Math.round(performance.now() - startedAt),
  });
}

/** The store, when there is one: a hub is checked as well without. */
function openStoreIfThere({ env, home }: VerifyOptions): Store | undefined {
  const root = storeRoots(env, home).store;
  return existsSync(root) ? openStore(root, { umask: process.umask() }) : undefined;
}

interface CrateCheck {
  readonly store: Store | undefined;
  readonly options: VerifyOptions;
}

async function checkCrates(
  place: HubPlace,
  crates: readonly PlacedCrate[],
  { store, options }: CrateCheck,
): Promise<{ findings: Finding[]; files: number; bytes: number }> {
  const pool = openPool(threadsFor(crates.length, options.jobs ?? cpus().length));
  const total = { findings: [] as Finding[], files: 0, bytes: 0 };
  let done = 0;
  try {
    const bySize = crates.toSorted((a, b) => b.size - a.size);
    await Promise.all(
      bySize.map(async (crate) => {
        const reply = await pool.run({ kind: "check", check: checkJob(place, crate, store) });
        if (reply.kind !== "check") throw new TypeError(`a worker answered ${reply.kind} to check`);
        total.findings.push(...reply.check.findings);
        total.files += reply.check.files;
        total.bytes += reply.check.bytes;
        done += 1;
        options.onEvent({ kind: "checked", done, of: crates.length });
      }),
    );
  } finally {
    await pool.close();
  }
  return total;
}

function checkJob(place: HubPlace, crate: PlacedCrate, store: Store | undefined): CheckJob {
  const { sha256 } = crate;
  if (!isSha256(sha256)) throw new TypeError(`${sha256} is not a digest`);
  const places = cratePlaces(crate);
  const crates: CheckedPlace[] = [{ path: inHub(place, places.crate), area: "crate" }];
  let list: CheckedPlace | undefined;
  const sources: CheckedPlace[] = [{ path: inHub(place, places.source), area: "source" }];
  if (store !== undefined) {
    const storedCrate = cratePath(store, sha256);
    const storedTree = treePath(store, sha256);
    if (existsSync(storedCrate)) crates.push({ path: storedCrate, area: "store-crate" });
    if (existsSync(storedTree)) {
      sources.push({ path: storedTree, area: "store-tree" });
      list = { path: treeListPath(store, sha256), area: "store-tree" };
    }
  }
  return { name: crate.name, version: crate.version, sha256, crates, sources, list, umask: process.umask() };
}

type Totals = Pick<VerifyReport, "crates" | "vendored" | "gitPackages" | "files" | "bytes" | "outdated" | "durationMs">;

function report(place: HubPlace, findings: readonly Finding[], totals: Totals): VerifyReport {
  const sorted = findings.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const of = (kind: Finding["kind"]): Finding[] => sorted.filter((finding) => finding.kind === kind);
  const missing = of("missing");
  const damaged = of("damaged");
  const foreign = of("foreign");
  const intruders = foreign.filter(({ area }) => area === "source" || area === "store-tree");
  return {
    formatVersion: 1,
    hub: place.root,
    ...totals,
    missing,
    damaged,
    foreign,
    problems: missing.length + damaged.length + intruders.length + totals.outdated.length,
  };
}
