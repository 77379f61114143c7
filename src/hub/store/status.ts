import { existsSync } from "node:fs";
import { join } from "node:path";
import { HubError } from "../../errors/index.ts";
import type { HubLock } from "../../formats/index.ts";
import { type EntryKind, type EntrySize, measureEntry, type Store, type StoreEntry } from "../../store/index.ts";
import { findDeletions, type GcReport, plainError } from "./gc.ts";
import { defaultGraceMs, forgottenAtMs, type GcPlan, planGc } from "./gc-plan.ts";
import { lockOf, type StoredHub } from "./hubs.ts";
import { existingStore, type StoreOptions, storeDirectory } from "./place.ts";

export interface StoreStatusOptions extends StoreOptions {
  readonly nowMs: number;
}

/** How much there is of one kind. */
export interface Amount {
  readonly count: number;
  /** Apparent bytes. */
  readonly bytes: number;
  /** Bytes on the disk. */
  readonly diskBytes: number;
}

/** A hub that was filled from the store. */
export interface HubOfStore {
  readonly path: string;
  readonly state: StoredHub["state"]["kind"] | "moved";
  /** Alive, and its hub.lock is not the one of its last fill. */
  readonly changed: boolean;
  /** How many crates its hub.lock lists; null when that is not known. */
  readonly crates: number | null;
  /** Apparent bytes of their crate files and trees in the store. */
  readonly bytes: number;
  /** Bytes of those that no other hub needs. */
  readonly onlyBytes: number;
  readonly filledAtMs: number;
  /** When gc first missed it; null when it did not. */
  readonly goneSinceMs: number | null;
  /** When gc forgets it. */
  readonly goesAtMs: number | null;
  /** The hub that is this one under another name. */
  readonly otherPath: string | null;
  /** Why its contents are not known. */
  readonly reason: string | null;
}

/** What is in the store, for whom, and what gc would do. */
export interface StoreStatus {
  readonly formatVersion: 1;
  readonly store: string;
  readonly exists: boolean;
  readonly kinds: Readonly<Record<EntryKind | "line" | "stamp" | "partial", Amount>>;
  readonly bytes: number;
  readonly diskBytes: number;
  /** Bytes that hubs hold by hard links to files of the store: so much more the disk would hold without it. */
  readonly sharedBytes: number;
  readonly hubs: readonly HubOfStore[];
  readonly gc: Pick<GcReport, "graceMs" | "bytes" | "freedBytes" | "blockedBy"> & {
    /** How many entries would go. */
    readonly deletions: number;
  };
}

/** Looks at the store; writes nothing and waits for nobody. */
export function storeStatus(options: StoreStatusOptions): StoreStatus {
  const store = existingStore(options);
  const place = { formatVersion: 1, store: storeDirectory(options), exists: store !== undefined } as const;
  if (store === undefined) return { ...place, ...emptyStatus };
  const plan = planGc(store, { nowMs: options.nowMs, graceMs: defaultGraceMs, alone: true });
  const sizes = new Map<string, EntrySize>();
  const measure = (path: string): EntrySize => {
    const size = sizes.get(path) ?? measureEntry(path);
    sizes.set(path, size);
    return size;
  };
  const kinds = amounts(store, plan, measure);
  const all = Object.values(kinds);
  const deletions = findDeletions(store, plan, measure).map(({ deletion }) => deletion);
  return {
    ...place,
    kinds,
    bytes: sum(all, ({ bytes }) => bytes),
    diskBytes: sum(all, ({ diskBytes }) => diskBytes),
    sharedBytes: sum(plan.entries, ({ path }) => measure(path).sharedBytes),
    hubs: describeHubs(plan, measure),
    gc: {
      graceMs: plan.rules.graceMs,
      deletions: deletions.length,
      bytes: sum(deletions, ({ bytes }) => bytes),
      freedBytes: sum(deletions, ({ freedBytes }) => freedBytes),
      blockedBy: plan.blockedBy.map(plainError),
    },
  };
}

type Measure = (path: string) => EntrySize;

const nothing: Amount = { count: 0, bytes: 0, diskBytes: 0 };
const emptyStatus: Omit<StoreStatus, "formatVersion" | "store" | "exists"> = {
  kinds: {
    crate: nothing,
    tree: nothing,
    pack: nothing,
    line: nothing,
    "index-file": nothing,
    "git-index": nothing,
    "hub-lock": nothing,
    stamp: nothing,
    partial: nothing,
  },
  bytes: 0,
  diskBytes: 0,
  sharedBytes: 0,
  hubs: [],
  gc: { graceMs: defaultGraceMs, deletions: 0, bytes: 0, freedBytes: 0, blockedBy: [] },
};

function amounts(store: Store, { entries, lines }: GcPlan, measure: Measure): StoreStatus["kinds"] {
  const of = (kind: EntryKind): Amount => {
    const own = entries.filter((entry) => entry.kind === kind);
    const sizes = own.map(({ path }) => measure(path));
    return {
      count: own.length,
      bytes: sum(sizes, ({ bytes }) => bytes),
      diskBytes: sum(sizes, ({ diskBytes }) => diskBytes),
    };
  };
  const below = (name: string): Amount => {
    const path = join(store.root, name);
    if (!existsSync(path)) return nothing;
    const { files, bytes, diskBytes } = measure(path);
    return { count: files, bytes, diskBytes };
  };
  return {
    crate: of("crate"),
    tree: of("tree"),
    pack: of("pack"),
    line: { ...below("lines"), count: lines.lines },
    "index-file": of("index-file"),
    "git-index": of("git-index"),
    "hub-lock": of("hub-lock"),
    stamp: below("stamps"),
    partial: below("partial"),
  };
}

function describeHubs({ hubs, entries, rules }: GcPlan, measure: Measure): HubOfStore[] {
  const bytesOf = bytesByCrate(entries, measure);
  const locks = new Map(hubs.map((hub) => [hub, lockOf(hub.state)]));
  const holders = new Map<string, number>();
  // A hub that was moved is counted where it is now.
  const once = hubs.filter(({ state }) => state.kind !== "gone" || state.movedTo === undefined);
  for (const lock of once.map((hub) => locks.get(hub)))
    for (const sha of digests(lock)) holders.set(sha, (holders.get(sha) ?? 0) + 1);
  return hubs.map((hub) => {
    const { root, state } = hub;
    const lock = locks.get(hub);
    const own = [...digests(lock)];
    const gone = state.kind === "gone" ? state : undefined;
    return {
      path: root.path,
      state: gone?.movedTo === undefined ? state.kind : "moved",
      changed: state.kind === "alive" && state.changed,
      crates: lock?.crates.length ?? null,
      bytes: sum(own, (sha) => bytesOf.get(sha) ?? 0),
      onlyBytes: sum(own, (sha) => (holders.get(sha) === 1 ? (bytesOf.get(sha) ?? 0) : 0)),
      filledAtMs: Math.floor(root.writtenMs),
      goneSinceMs: gone?.sinceMs === undefined ? null : Math.floor(gone.sinceMs),
      goesAtMs: gone === undefined ? null : Math.ceil(forgottenAtMs(gone.sinceMs, rules)),
      otherPath: state.kind === "same" ? state.as : (gone?.movedTo ?? null),
      reason: reasonOf(state),
    };
  });
}

function reasonOf(state: StoredHub["state"]): string | null {
  if (state.kind === "unknown") return state.error.what;
  return state.kind === "gone" && state.lock instanceof HubError ? state.lock.what : null;
}

function digests(lock: HubLock | undefined): Set<string> {
  return new Set(lock?.crates.map(({ sha256 }) => sha256));
}

/** Bytes of each crate's file and trees together. */
function bytesByCrate(entries: readonly StoreEntry[], measure: Measure): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const { kind, key, path } of entries) {
    if (kind === "crate" || kind === "tree") bytes.set(key, (bytes.get(key) ?? 0) + measure(path).bytes);
  }
  return bytes;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
