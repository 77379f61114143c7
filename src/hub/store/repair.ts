import { HubError } from "../../errors/index.ts";
import {
  compactLines,
  hubOfDamagedRoot,
  isLeaseCertain,
  leaseStore,
  listEntries,
  listHubs,
  registerHub,
  removeAside,
  type Store,
  type StoreEntry,
  takeAside,
} from "../../store/index.ts";
import type { Finding } from "../check-crate.ts";
import { isBelow } from "../locate.ts";
import { readLock } from "./hubs.ts";
import { existingStore } from "./place.ts";
import { type StoreVerifyOptions, type StoreVerifyReport, verifyStore } from "./verify.ts";

/** What `store verify --repair` found and put right. */
export interface StoreRepairReport extends StoreVerifyReport {
  readonly repaired: readonly Finding[];
}

/**
 * Verifies, throws away what is damaged, and verifies again. Everything in the store can be fetched again, so that is repair enough; a root
 * file is made anew from its hub. No hub is touched.
 *
 * @throws {StoreError} store/not-writable in a store that can not be changed.
 */
export async function repairStore(options: StoreVerifyOptions): Promise<StoreRepairReport> {
  const before = await verifyStore(options);
  const wrong = [...before.missing, ...before.damaged, ...before.foreign];
  const store = existingStore(options);
  if (wrong.length === 0 || store === undefined) return { ...before, repaired: [] };
  const lease = await leaseStore(store, "exclusive", (on) => options.onEvent({ kind: "blocking", on }));
  try {
    throwAway(store, wrong);
    rescueRoots(store, wrong);
    if (wrong.some(({ area }) => area === "store-line") && isLeaseCertain(store, lease))
      compactLines(store, () => true);
  } finally {
    lease.release();
  }
  const after = await verifyStore(options);
  const still = new Set([...after.missing, ...after.damaged, ...after.foreign].map(({ path }) => path));
  return { ...after, repaired: wrong.filter(({ path }) => !still.has(path)) };
}

const entryAreas: ReadonlySet<Finding["area"]> = new Set([
  "store-crate",
  "store-tree",
  "store-pack",
  "store-index",
  "store-hub-lock",
]);

/** Removes the entries that findings speak of, and the trees of crate files that go: nothing could be compared with them. */
function throwAway(store: Store, wrong: readonly Finding[]): void {
  const paths = wrong.filter(({ area }) => entryAreas.has(area)).map(({ path }) => path);
  const isHit = (entry: StoreEntry): boolean => paths.some((path) => path === entry.path || isBelow(path, entry.path));
  const entries = listEntries(store);
  const hit = entries.filter(isHit);
  const crates = new Set(hit.filter(({ kind }) => kind === "crate").map(({ key }) => key));
  const trees = entries.filter((entry) => entry.kind === "tree" && crates.has(entry.key) && !hit.includes(entry));
  for (const { path } of [...trees, ...hit]) discard(store, path);
}

function discard(store: Store, path: string): void {
  const aside = takeAside(store, path);
  if (aside !== undefined) removeAside([aside]);
}

/** Makes damaged root files anew where it can be told which hub they speak of, and that hub says what it holds. */
function rescueRoots(store: Store, wrong: readonly Finding[]): void {
  for (const { path: file } of wrong.filter(({ area }) => area === "store-root")) {
    const dotCargo = hubOfDamagedRoot(file);
    if (dotCargo === undefined) continue;
    const lock = readLock(dotCargo);
    if (lock === undefined || lock instanceof HubError) continue;
    registerHub(store, { path: dotCargo, lockText: lock.text });
    if (listHubs(store).damaged.includes(file)) discard(store, file);
  }
}
