import { cpus } from "node:os";
import { basename, dirname, join } from "node:path";
import { isSha256, type Sha256 } from "../../cargo/index.ts";
import type { HubError } from "../../errors/index.ts";
import { packageDirectory } from "../../plan/index.ts";
import {
  checkLines,
  isIntactIndexFile,
  type LineCheck,
  leaseStore,
  listEntries,
  readHubLock,
  type Store,
  type StoreEntry,
} from "../../store/index.ts";
import type { Area, Finding } from "../check-crate.ts";
import type { Job } from "../jobs.ts";
import { openPool, threadsFor } from "../pool.ts";
import { lockOf, surveyHubs } from "./hubs.ts";
import { existingStore, type StoreOptions, storeDirectory } from "./place.ts";

export interface StoreVerifyOptions extends StoreOptions {
  readonly jobs: number | undefined;
}

/** What `store verify` found: every item asked about is right or in exactly one list. */
export interface StoreVerifyReport {
  readonly formatVersion: 1;
  readonly store: string;
  readonly crates: number;
  readonly trees: number;
  readonly packs: number;
  readonly lines: number;
  readonly indexFiles: number;
  readonly hubs: number;
  /** Files that were read. */
  readonly files: number;
  readonly bytes: number;
  /** Unfinished records that killed fills left in the line log: no problem. */
  readonly tornLines: number;
  readonly missing: readonly Finding[];
  readonly damaged: readonly Finding[];
  readonly foreign: readonly Finding[];
  readonly problems: number;
  readonly durationMs: number;
}

/** Re-reads everything in the store and compares it with what it should be. Writes nothing. */
export async function verifyStore(options: StoreVerifyOptions): Promise<StoreVerifyReport> {
  const startedAt = performance.now();
  const store = existingStore(options);
  const checked = store === undefined ? nothing : await leasedCheck(store, options);
  const sorted = checked.findings.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const { findings: _findings, ...totals } = checked;
  return {
    formatVersion: 1,
    store: storeDirectory(options),
    ...totals,
    missing: sorted.filter(({ kind }) => kind === "missing"),
    damaged: sorted.filter(({ kind }) => kind === "damaged"),
    foreign: sorted.filter(({ kind }) => kind === "foreign"),
    problems: sorted.length,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

type Checked = Omit<
  StoreVerifyReport,
  "formatVersion" | "store" | "missing" | "damaged" | "foreign" | "problems" | "durationMs"
> & { readonly findings: Finding[] };

const nothing: Checked = {
  crates: 0,
  trees: 0,
  packs: 0,
  lines: 0,
  indexFiles: 0,
  hubs: 0,
  files: 0,
  bytes: 0,
  tornLines: 0,
  findings: [],
};

async function leasedCheck(store: Store, options: StoreVerifyOptions): Promise<Checked> {
  const lease = await leaseStore(store, "shared", (on) => options.onEvent({ kind: "blocking", on }));
  try {
    return await check(store, options);
  } finally {
    lease.release();
  }
}

async function check(store: Store, options: StoreVerifyOptions): Promise<Checked> {
  const entries = listEntries(store);
  const of = (kind: StoreEntry["kind"]): StoreEntry[] => entries.filter((entry) => entry.kind === kind);
  const { hubs, damaged } = surveyHubs(store);
  const names = new Map(
    hubs.flatMap(({ state }) => lockOf(state)?.crates ?? []).map((crate) => [crate.sha256, packageDirectory(crate)]),
  );
  const packs = of("pack");
  const crates = await runJobs([...packJobs(packs), ...crateJobs(store, entries, names)], options);
  const lines = checkLines(store);
  const indexFiles = of("index-file");
  const hubLocks = of("hub-lock");
  const small = [
    ...indexFiles.flatMap(({ path }) =>
      unless(isIntactIndexFile(path), { area: "store-index", path, reason: digestFault }),
    ),
    ...hubLocks.flatMap(({ key, path }) => {
      const isRight = isSha256(key) && readHubLock(store, key) !== undefined;
      return unless(isRight, { area: "store-hub-lock", path, reason: "it does not hash to its name" });
    }),
    ...damaged.map((error) => rootFinding(error)),
  ];
  return {
    crates: of("crate").length,
    trees: of("tree").length,
    packs: packs.length,
    lines: lines.lines,
    indexFiles: indexFiles.length,
    hubs: hubs.length,
    files: crates.files + indexFiles.length + hubLocks.length + hubs.length,
    bytes: crates.bytes + lines.bytes,
    tornLines: lines.torn,
    findings: [...crates.findings, ...lineFindings(store, lines), ...small],
  };
}

const digestFault = "it does not hash to what its first line says";

function unless(isRight: boolean, finding: Omit<Finding, "kind">): Finding[] {
  return isRight ? [] : [{ kind: "damaged", ...finding }];
}

function rootFinding({ where = "", what }: HubError): Finding {
  return { kind: "damaged", area: "store-root", path: where, reason: what };
}

function lineFindings(store: Store, { damaged, index }: LineCheck): Finding[] {
  const area: Area = "store-line";
  const log = join(store.root, "lines", "log");
  const records = damaged.map(
    ({ offset, reason }): Finding => ({ kind: "damaged", area, path: log, reason: `at byte ${offset}: ${reason}` }),
  );
  return index === undefined
    ? records
    : [...records, { kind: "damaged", area, path: join(store.root, "lines", "index"), reason: index }];
}

/** One job for each crate that has a file or a tree. Trees of other unpacking rules are nobody's any more. */
function crateJobs(root: Store, entries: readonly StoreEntry[], names: ReadonlyMap<string, string>): Job[] {
  const jobs = new Map<Sha256, { crate: boolean; stores: Store[] }>();
  for (const { kind, key, path, outdated } of entries) {
    if (!isSha256(key) || outdated || (kind !== "crate" && kind !== "tree")) continue;
    const job = jobs.get(key) ?? { crate: false, stores: [] };
    jobs.set(key, job);
    if (kind === "crate") job.crate = true;
    else job.stores.push({ ...root, umask: umaskOf(path) });
  }
  return [...jobs].map(([sha256, job]) => ({
    kind: "check-stored",
    check: { sha256, ...job, topDirectory: names.get(sha256), root },
  }));
}

function packJobs(packs: readonly StoreEntry[]): Job[] {
  return packs.map(({ key, path }) => ({ kind: "check-pack", check: { path, commit: key } }));
}

/** From `trees/<rules>-<umask>/<2 hex>/<sha256>`. */
function umaskOf(tree: string): number {
  return Number.parseInt(basename(dirname(dirname(tree))).split("-")[1] ?? "", 8);
}

interface Totals {
  readonly findings: Finding[];
  files: number;
  bytes: number;
}

async function runJobs(jobs: readonly Job[], { jobs: wanted, onEvent }: StoreVerifyOptions): Promise<Totals> {
  const pool = openPool(threadsFor(jobs.length, wanted ?? cpus().length));
  const total: Totals = { findings: [], files: 0, bytes: 0 };
  let done = 0;
  try {
    await Promise.all(
      jobs.map(async (job) => {
        const reply = await pool.run(job);
        if (reply.kind !== "check") throw new TypeError(`a worker answered ${reply.kind} to ${job.kind}`);
        total.findings.push(...reply.check.findings);
        total.files += reply.check.files;
        total.bytes += reply.check.bytes;
        done += 1;
        onEvent({ kind: "checked", done, of: jobs.length });
      }),
    );
  } finally {
    await pool.close();
  }
  return total;
}
