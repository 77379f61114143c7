import { relative } from "node:path";
import type { HubError } from "../../errors/index.ts";
import {
  compactLines,
  type EntryKind,
  type EntrySize,
  forgetHub,
  isLeaseCertain,
  leaseStore,
  markGone,
  measureEntry,
  removeAside,
  type Store,
  sweepEntries,
  takeAside,
  unmarkOthers,
} from "../../store/index.ts";
import { forgottenAtMs, type GcPlan, planGc } from "./gc-plan.ts";
import { existingStore, type StoreOptions, storeDirectory } from "./place.ts";

export interface GcOptions extends StoreOptions {
  readonly graceMs: number;
  readonly dryRun: boolean;
  readonly nowMs: number;
}

/** Something that was deleted, or would be. */
export interface Deletion {
  readonly kind: EntryKind | "lines" | "root" | "stamp" | "left-over";
  /** Below the store, `/` separates. */
  readonly path: string;
  /** Apparent bytes. */
  readonly bytes: number;
  /** Bytes on the disk that this gives back; what hubs share is theirs as well. */
  readonly freedBytes: number;
}

/** An error as a part of a report. */
export type PlainError = Pick<HubError, "code" | "what" | "help"> & { readonly where: string | null };

export function plainError({ code, what, where, help }: HubError): PlainError {
  return { code, what, where: where ?? null, help };
}

/** A hub that is not there, and what becomes of what it needs. */
export interface MissedHub {
  readonly path: string;
  readonly movedTo: string | null;
  /** When its things become garbage, milliseconds since 1970. */
  readonly goesAtMs: number;
}

/** What `store gc` did. */
export interface GcReport {
  readonly formatVersion: 1;
  readonly store: string;
  readonly dryRun: boolean;
  /** The grace period that was used, which is at least a day where the lease can not be held. */
  readonly graceMs: number;
  readonly deleted: readonly Deletion[];
  readonly bytes: number;
  readonly freedBytes: number;
  readonly missed: readonly MissedHub[];
  /** Why nothing but left-overs was deleted. */
  readonly blockedBy: readonly PlainError[];
  readonly durationMs: number;
}

/**
 * Deletes from the store what no hub needs and nobody used for the grace period.
 *
 * @throws {StoreError} store/not-writable and others, when something that should go can not be deleted.
 */
export async function storeGc(options: GcOptions): Promise<GcReport> {
  const startedAt = performance.now();
  const store = existingStore(options);
  const outcome = store === undefined ? undefined : await gcStore(store, options);
  const deleted = outcome?.deleted ?? [];
  return {
    formatVersion: 1,
    store: storeDirectory(options),
    dryRun: options.dryRun,
    graceMs: outcome?.plan.rules.graceMs ?? options.graceMs,
    deleted,
    bytes: deleted.reduce((sum, { bytes }) => sum + bytes, 0),
    freedBytes: deleted.reduce((sum, { freedBytes }) => sum + freedBytes, 0),
    missed: outcome === undefined ? [] : missedHubs(outcome.plan),
    blockedBy: (outcome?.plan.blockedBy ?? []).map(plainError),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

interface Outcome {
  readonly plan: GcPlan;
  readonly deleted: readonly Deletion[];
}

async function gcStore(store: Store, { graceMs, dryRun, nowMs, onEvent }: GcOptions): Promise<Outcome> {
  const lease = await leaseStore(store, dryRun ? "shared" : "exclusive", (on) => onEvent({ kind: "blocking", on }));
  let aside: readonly string[] = [];
  try {
    const plan = planGc(store, { nowMs, graceMs, alone: isLeaseCertain(store, lease) });
    const found = findDeletions(store, plan, measureEntry);
    if (dryRun) return { plan, deleted: found.map(({ deletion }) => deletion) };
    const done = carryOut(store, plan);
    aside = done.aside;
    return { plan, deleted: found.filter(({ path }) => done.paths.has(path)).map(({ deletion }) => deletion) };
  } finally {
    lease.release();
    // What takes long takes place when fills may go on.
    let done = 0;
    removeAside(aside, () => {
      done += 1;
      onEvent({ kind: "swept", done, of: aside.length });
    });
  }
}

/** Everything that goes by a plan, in the order of the report. */
export function findDeletions(
  store: Store,
  plan: GcPlan,
  measure: (path: string) => EntrySize,
): { readonly path: string; readonly deletion: Deletion }[] {
  const one = (kind: Deletion["kind"], path: string): { path: string; deletion: Deletion } => ({
    path,
    deletion: deletion(store, { kind, path, size: measure(path) }),
  });
  const lines = `${store.root}/lines/log`;
  const dead = plan.lines.logBytes - plan.lines.neededBytes;
  return [
    ...plan.leftovers.map((path) => one("left-over", path)),
    ...plan.forgotten.map(({ file }) => one("root", file)),
    ...plan.unused.map(({ kind, path }) => one(kind, path)),
    ...plan.stamps.map((path) => one("stamp", path)),
    ...(plan.compactLines
      ? [
          {
            path: lines,
            deletion: deletion(store, { kind: "lines", path: lines, size: { bytes: dead, freeableBytes: dead } }),
          },
        ]
      : []),
  ];
}

function deletion(
  store: Store,
  {
    kind,
    path,
    size,
  }: {
    readonly kind: Deletion["kind"];
    readonly path: string;
    readonly size: Pick<EntrySize, "bytes" | "freeableBytes">;
  },
): Deletion {
  return {
    kind,
    path: relative(store.root, path).replaceAll("\\", "/"),
    bytes: size.bytes,
    freedBytes: size.freeableBytes,
  };
}

/**
 * Does what the plan says, so that a kill at any instant leaves a store that the next gc completes.
 *
 * @returns the paths that are gone from their places, and where those lie that are still to be deleted.
 */
function carryOut(
  store: Store,
  plan: GcPlan,
): { readonly paths: ReadonlySet<string>; readonly aside: readonly string[] } {
  const paths = new Set<string>();
  const note = (path: string): void => void paths.add(path);
  // First, because it makes room on a full disk.
  for (const path of plan.leftovers) if (removeNow(store, path)) note(path);
  for (const root of plan.forgotten) if (forgetHub(store, root)) note(root.file);
  const swept = sweepEntries(store, plan.unused);
  for (const { path } of swept.gone) note(path);
  for (const path of plan.stamps) if (removeNow(store, path)) note(path);
  if (plan.compactLines) {
    compactLines(store, (digest) => plan.needs.lines.has(digest));
    note(`${store.root}/lines/log`);
  }
  const missed = plan.missed.map(({ root }) => root);
  unmarkOthers(store, missed);
  for (const { root, state } of plan.missed)
    if (state.kind === "gone" && state.sinceMs === undefined) markGone(store, root, plan.rules.nowMs);
  return { paths, aside: swept.aside };
}

function removeNow(store: Store, path: string): boolean {
  const aside = takeAside(store, path);
  if (aside !== undefined) removeAside([aside]);
  return aside !== undefined;
}

function missedHubs({ missed, rules }: GcPlan): MissedHub[] {
  return missed.flatMap(({ root, state }) =>
    state.kind === "gone"
      ? [{ path: root.path, movedTo: state.movedTo ?? null, goesAtMs: forgottenAtMs(state.sinceMs, rules) }]
      : [],
  );
}
