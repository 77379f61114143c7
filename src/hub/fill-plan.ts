import { parseSourceId, registryIdent } from "../cargo/index.ts";
import type { HubCrate, HubLock } from "../formats/index.ts";
import { type CrateKey, crateKey, hubLayout, packageDirectory, type WantedCrate } from "../plan/index.ts";
import type { Distrust } from "./fill-scene.ts";
import type { CrateParts } from "./observe.ts";
import type { Placement } from "./quarantine.ts";

/** What must happen to one wanted crate. */
export interface CrateWork {
  readonly crate: WantedCrate;
  /** The previous hub.lock's record, when it is of the same bytes. */
  readonly pin: HubCrate | undefined;
  /** Whether what stands at its places is ours. */
  readonly owned: boolean;
  readonly parts: CrateParts;
  readonly placement: Placement;
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
  /** What the last fill on this disk left; undefined when that is what `previous` says. */
  readonly held?: HubLock | undefined;
  readonly observe: (crate: WantedCrate & { readonly quarantined: boolean }, size: number | undefined) => CrateParts;
  /** Where a crate lies and belongs. */
  readonly placement: (crate: WantedCrate) => Placement;
  /** All index lines are to be asked for again. */
  readonly refresh: boolean;
  readonly distrust?: Distrust | undefined;
}

/** Decides what to do; looks at the disk only through `observe`. */
export function planFill({
  wanted,
  previous,
  held,
  observe,
  placement: placementOf,
  refresh,
  distrust,
}: PlanInput): FillPlan {
  const pins = byKey(previous);
  const onDisk = held === undefined ? pins : byKey(held);
  const wantedKeys = new Set(wanted.map((crate) => crateKey(crate)));
  const known = new Map([...onDisk, ...pins]);
  const gone = [...known.values()].filter((crate) => !wantedKeys.has(crateKey(crate)));
  // Another spelling of a source's URL is another key, but the same place.
  const left = new Set(gone.map(placeOf));
  const taken = new Set(gone.length === 0 ? [] : wanted.map(placeOf));
  const remove = gone.filter((crate) => !taken.has(placeOf(crate)));
  const unpacked = new Set([...(previous?.vendored ?? []), ...(held?.vendored ?? [])].map(crateKey));
  const install: CrateWork[] = [];
  const keep: CrateWork[] = [];
  const dirty = new Set<string>(remove.map(groupKey));
  for (const crate of wanted) {
    const before = pins.get(crateKey(crate));
    const pin = before?.sha256 === crate.checksum ? before : undefined;
    const placement = placementOf(crate);
    const parts = observe({ ...crate, quarantined: placement.quarantined }, pin?.size);
    const isPlaced = parts.source && placement.quarantined === (placement.reason !== undefined);
    const isUnpacked = unpacked.size > 0 && unpacked.has(crateKey(crate));
    const isKnown = known.has(crateKey(crate)) || isUnpacked || (left.size > 0 && left.has(placeOf(crate)));
    const owned = isKnown || distrust?.everythingIsOurs === true;
    const work: CrateWork = { crate, pin, owned, parts, placement };
    const trusted = distrust?.crates.has(crateKey(crate)) !== true;
    // A checkout changes hub.lock, and with it what belongs here, under the feet of what is ignored by git.
    const there = onDisk.get(crateKey(crate));
    const asHeld = there?.sha256 === crate.checksum;
    if (pin !== undefined && trusted && asHeld && parts.crate && isPlaced) keep.push(work);
    else install.push(work);
    const sameLine = pin !== undefined && there?.line === pin.line;
    if (refresh || !sameLine || !parts.index || distrust !== undefined) dirty.add(groupKey(crate));
  }
  return {
    install,
    keep,
    remove,
    index: groups(wanted).filter(([first]) => first !== undefined && dirty.has(groupKey(first))),
  };
}

function byKey(lock: HubLock | undefined): Map<string, HubCrate> {
  return new Map((lock?.crates ?? []).map((crate) => [crateKey(crate), crate]));
}

/** Where a crate's parts lie, as one text. */
function placeOf(crate: CrateKey): string {
  return `${registryIdent(parseSourceId(crate.source, hubLayout.hubLock))} ${packageDirectory(crate)}`;
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
