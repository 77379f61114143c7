import type { HubCrate, HubLock } from "../formats/index.ts";
import { type CrateKey, crateKey, type WantedCrate } from "../plan/index.ts";
import type { Distrust } from "./fill-scene.ts";
import type { CrateParts } from "./observe.ts";

/** What must happen to one wanted crate. */
export interface CrateWork {
  readonly crate: WantedCrate;
  /** The previous hub.lock's record, when it is of the same bytes. */
  readonly pin: HubCrate | undefined;
  /** Whether what stands at its places is ours. */
  readonly owned: boolean;
  readonly parts: CrateParts;
}

/** What a fill has to do, as values. */
export interface FillPlan {
  /** Crates whose `.crate` file or sources are not in place, or whose record is not known. */
  readonly install: readonly CrateWork[];
  /** Crates that stay as they are. */
  readonly keep: readonly CrateWork[];
  /** Groups of crates (one source, one name) whose index files must be written. */
  readonly index: readonly (readonly WantedCrate[])[];
  /** Crates of the previous hub.lock that nobody wants any more. */
  readonly remove: readonly HubCrate[];
}

export interface PlanInput {
  readonly wanted: readonly WantedCrate[];
  readonly previous: HubLock | undefined;
  readonly observe: (crate: WantedCrate, size: number | undefined) => CrateParts;
  /** All index lines are to be asked for again. */
  readonly refresh: boolean;
  readonly distrust?: Distrust | undefined;
}

/** Decides what to do; looks at the disk only through `observe`. */
export function planFill({ wanted, previous, observe, refresh, distrust }: PlanInput): FillPlan {
  const pins = new Map((previous?.crates ?? []).map((crate) => [crateKey(crate), crate]));
  const wantedKeys = new Set(wanted.map((crate) => crateKey(crate)));
  const remove = (previous?.crates ?? []).filter((crate) => !wantedKeys.has(crateKey(crate)));
  const install: CrateWork[] = [];
  const keep: CrateWork[] = [];
  const dirty = new Set<string>(remove.map(groupKey));
  for (const crate of wanted) {
    const before = pins.get(crateKey(crate));
    const pin = before?.sha256 === crate.checksum ? before : undefined;
    const parts = observe(crate, pin?.size);
    const work: CrateWork = { crate, pin, owned: before !== undefined || distrust?.everythingIsOurs === true, parts };
    const trusted = distrust?.crates.has(crateKey(crate)) !== true;
    if (pin !== undefined && trusted && parts.crate && parts.source) keep.push(work);
    else install.push(work);
    if (refresh || pin === undefined || !parts.index || distrust !== undefined) dirty.add(groupKey(crate));
  }
  return {
    install,
    keep,
    remove,
    index: groups(wanted).filter(([first]) => first !== undefined && dirty.has(groupKey(first))),
  };
}

/** Crates of one source and one name share their index files. */
function groupKey(crate: CrateKey): string {
  return `${crate.source} ${crate.name.toLowerCase()}`;
}

function groups(wanted: readonly WantedCrate[]): WantedCrate[][] {
  const found = new Map<string, WantedCrate[]>();
  for (const crate of wanted) {
    const key = groupKey(crate);
    const group = found.get(key);
    if (group === undefined) found.set(key, [crate]);
    else group.push(crate);
  }
  return [...found.values()];
}
