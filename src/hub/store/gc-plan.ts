import { isSha256 } from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import { type HubLock, parseHubLock } from "../../formats/index.ts";
import {
  DAY_MS,
  type HubRoot,
  type LineUse,
  listEntries,
  listLeftovers,
  measureLines,
  readHubLock,
  type Store,
  type StoreEntry,
  type StoreNeeds,
  unusedEntries,
} from "../../store/index.ts";
import { sha256Hex } from "../files.ts";
import { listStamps } from "../stamp.ts";
import { lockOf, lockUnreadable, needsOf, type StoredHub, surveyHubs } from "./hubs.ts";

/** How long unused things stay when nothing else is said: docs/formats/store.md. */
export const defaultGraceMs: number = 14 * DAY_MS;

/** How gc decides. */
export interface GcRules {
  readonly nowMs: number;
  readonly graceMs: number;
  /** Whether no fill can be running: the lease is held. */
  readonly alone: boolean;
}

/** What gc would do, as values. */
export interface GcPlan {
  readonly rules: GcRules;
  readonly hubs: readonly StoredHub[];
  readonly entries: readonly StoreEntry[];
  readonly needs: StoreNeeds;
  /** Why nothing but left-overs is deleted. */
  readonly blockedBy: readonly HubError[];
  /** Root files that are forgotten. */
  readonly forgotten: readonly HubRoot[];
  /** Hubs that are not there and not forgotten yet. */
  readonly missed: readonly StoredHub[];
  readonly unused: readonly StoreEntry[];
  /** Absolute paths. */
  readonly stamps: readonly string[];
  readonly leftovers: readonly string[];
  readonly lines: LineUse;
  /** Whether the line log is to be written anew. */
  readonly compactLines: boolean;
}

/** Decides what is garbage. Reads the store and the hubs, writes nothing. */
export function planGc(store: Store, wanted: GcRules): GcPlan {
  // Where a fill may run unseen, it needs the time to leave its root file.
  const rules = wanted.alone ? wanted : { ...wanted, graceMs: Math.max(wanted.graceMs, DAY_MS) };
  const youngSinceMs = rules.nowMs - rules.graceMs;
  const { hubs, damaged } = surveyHubs(store);
  const forgotten = hubs.filter((hub) => isForgotten(hub, rules)).map(({ root }) => root);
  const staying = hubs.filter(({ root }) => !forgotten.includes(root));
  const entries = listEntries(store);
  const young = youngLocks(store, entries, youngSinceMs);
  const locks = [...staying.map(({ state }) => lockOf(state)), ...young.locks].filter((lock) => lock !== undefined);
  const needs = needsOf(
    locks,
    staying.map(({ root }) => root.lockDigest),
  );
  const blockedBy = [...damaged, ...staying.flatMap(({ state }) => blockOf(state)), ...young.unreadable];
  const lines = measureLines(store, (digest) => needs.lines.has(digest));
  const free = blockedBy.length === 0;
  return {
    rules,
    hubs,
    entries,
    needs,
    blockedBy,
    forgotten: free ? forgotten : [],
    missed: staying.filter(({ state }) => state.kind === "gone"),
    unused: free ? unusedEntries(entries, needs, youngSinceMs) : [],
    stamps: free ? deadStamps(store, youngSinceMs) : [],
    leftovers: listLeftovers(store, rules.nowMs),
    lines,
    compactLines: free && rules.alone && isWorthwhile(lines),
  };
}

/** When a hub that is gone is forgotten. */
export function forgottenAtMs(sinceMs: number | undefined, { nowMs, graceMs }: GcRules): number {
  return (sinceMs ?? nowMs) + graceMs;
}

function isForgotten({ state }: StoredHub, rules: GcRules): boolean {
  if (state.kind === "same") return true;
  return state.kind === "gone" && forgottenAtMs(state.sinceMs, rules) <= rules.nowMs;
}

function blockOf(state: StoredHub["state"]): HubError[] {
  if (state.kind === "unknown") return [state.error];
  // A hub that was moved is alive elsewhere, and says there what it needs.
  return state.kind === "gone" && state.movedTo === undefined && state.lock instanceof HubError ? [state.lock] : [];
}

/** What hubs held lately: whoever goes back to that should find it. */
function youngLocks(
  store: Store,
  entries: readonly StoreEntry[],
  youngSinceMs: number,
): { readonly locks: HubLock[]; readonly unreadable: HubError[] } {
  const locks: HubLock[] = [];
  const unreadable: HubError[] = [];
  for (const { kind, key, path, lastUsedMs } of entries) {
    if (kind !== "hub-lock" || lastUsedMs <= youngSinceMs || !isSha256(key)) continue;
    const text = readHubLock(store, key);
    if (text === undefined) continue;
    try {
      locks.push(parseHubLock(text, path, sha256Hex));
    } catch (error) {
      unreadable.push(lockUnreadable(path, error));
    }
  }
  return { locks, unreadable };
}

function deadStamps(store: Store, youngSinceMs: number): string[] {
  return listStamps(store.root)
    .filter(({ isUseful, lastUsedMs }) => !isUseful && lastUsedMs <= youngSinceMs)
    .map(({ path }) => path);
}

function isWorthwhile({ logBytes, neededBytes }: LineUse): boolean {
  return logBytes > neededBytes && (logBytes - neededBytes) * 8 >= logBytes;
}
