import { existsSync } from "node:fs";
import { HubError } from "../../errors/index.ts";
import type { HubLock, HubVendoredCrate } from "../../formats/index.ts";
import { crateKey, cratePlaces, packageDirectory, type WantedCrate } from "../../plan/index.ts";
import { hasCrate, type Store } from "../../store/index.ts";
import type { FillOptions, FillScene } from "../fill-scene.ts";
import { HubRoomError } from "../hub-room-error.ts";
import { findLines, type LineSearch } from "../lines.ts";
import { inHub } from "../locate.ts";
import { isThere } from "../observe.ts";
import type { Origins } from "../origins.ts";
import { quarantinedKeys } from "../quarantine.ts";

/** A crate that the hub holds unpacked only, and where its files are. */
export interface WantedVendored {
  readonly crate: WantedCrate;
  /** A package of a directory source; undefined: what the hub holds already. */
  readonly from: { readonly directory: string; readonly place: string } | undefined;
  /** The record of what the hub holds, when it is of the same crate. */
  readonly pin: HubVendoredCrate | undefined;
}

export interface SplitContext {
  readonly store: Store;
  readonly origins: Origins;
  /** Whether nothing may be sent. */
  readonly offline: boolean;
  readonly search: LineSearch;
  /** hub.lock as it is; undefined when there is none, or a damaged one. */
  readonly before: HubLock | undefined;
  /** What the last fill on this disk left behind. */
  readonly onDisk: HubLock;
  readonly options: Pick<FillOptions, "locked" | "distrust">;
}

/** The wanted crates by what the hub can hold of them. */
export interface SplitCrates {
  readonly full: readonly WantedCrate[];
  readonly vendored: readonly WantedVendored[];
}

/**
 * Tells which crates can be had unpacked only: those that lie in a directory source, or in the hub from one, while their `.crate` file or
 * their index line is nowhere at hand. Where a registry may be asked, all can be had in full.
 *
 * @throws {HubRoomError} hub/folder-lacks when the hub's mode needs more than unpacked files.
 */
export async function splitVendored(scene: FillScene, context: SplitContext): Promise<SplitCrates> {
  const full: WantedCrate[] = [];
  const vendored: WantedVendored[] = [];
  const pins = byKey(context.before ?? context.onDisk);
  const lasting = new Set([...scene.local.map(({ crate }) => crate), ...(context.before?.crates ?? [])].map(crateKey));
  for (const crate of scene.wanted) {
    const key = crateKey(crate);
    const pin = pins.get(key)?.sha256 === crate.checksum ? pins.get(key) : undefined;
    const { locked } = context.options;
    // What hub.lock says stays so when it must not be changed.
    const mayBeFull = !(locked && pin !== undefined);
    const mustBeFull = mayBeFull && ((locked && lasting.has(key)) || mayAsk(crate, context));
    const unpacked = mustBeFull ? undefined : unpackedCrate(scene, { crate, pin }, context);
    if (unpacked === undefined || (mayBeFull && (await isAtHand(scene, crate, context)))) full.push(crate);
    else vendored.push(unpacked);
  }
  refuseMode(scene, vendored);
  return { full, vendored };
}

function byKey({ vendored }: HubLock): Map<string, HubVendoredCrate> {
  return new Map(vendored.map((crate) => [crateKey(crate), crate]));
}

function mayAsk(crate: WantedCrate, { origins, offline }: SplitContext): boolean {
  return origins.of(crate).at(-1)?.kind === "registry" && !offline;
}

function unpackedCrate(
  scene: FillScene,
  { crate, pin }: Pick<WantedVendored, "crate" | "pin">,
  { onDisk, options, origins }: SplitContext,
): WantedVendored | undefined {
  const there = byKey(onDisk).get(crateKey(crate));
  const { source } = cratePlaces({ ...crate, quarantined: quarantinedKeys(onDisk).has(crateKey(crate)) });
  const isHeld = ["Cargo.toml", ".cargo-checksum.json"].every((name) => isThere(scene.place, `${source}/${name}`));
  const isTrusted = options.distrust?.crates.has(crateKey(crate)) !== true;
  if (pin !== undefined && there?.files === pin.files && isHeld && isTrusted) return { crate, from: undefined, pin };
  for (const origin of origins.of(crate)) {
    const directory = origin.unpacked(crate);
    if (directory !== undefined) return { crate, from: { directory, place: origin.place }, pin };
  }
  return undefined;
}

/** Whether both the `.crate` file and the index line can be had without a network. */
async function isAtHand({ place }: FillScene, crate: WantedCrate, context: SplitContext): Promise<boolean> {
  const { store, origins, search } = context;
  try {
    const isStored = hasCrate(store, crate.checksum) || existsSync(inHub(place, cratePlaces(crate).crate));
    if (!isStored && !(await hasBytes(crate, origins))) return false;
    return (await findLines([crate], { ...search, onEvent: () => undefined })).size > 0;
  } catch (error) {
    if (error instanceof HubError && error.code !== "hub/folder-damaged") return false;
    throw error;
  }
}

/** Only folders are asked: what is not among them would be downloaded. */
async function hasBytes(crate: WantedCrate, origins: Origins): Promise<boolean> {
  for (const origin of origins.of(crate))
    if (origin.kind !== "registry" && (await origin.crateBytes(crate)) !== undefined) return true;
  return false;
}

function refuseMode({ hubToml }: FillScene, vendored: readonly WantedVendored[]): void {
  const [first] = vendored;
  if (first === undefined) return;
  const reason = hubToml.mode === "cargo-home" ? 'mode "cargo-home"' : '`commit = "crates"`';
  if (hubToml.mode === "directory" && hubToml.commit === "none") return;
  const { crate, from } = first;
  throw new HubRoomError({
    code: "hub/folder-lacks",
    what: `${packageDirectory(crate)} is there only unpacked, but ${reason} in hub.toml needs its .crate file and its index line`,
    where: from?.directory ?? crate.source,
    help: "name a place that has them with `--from`, run it with the registry at hand, or change hub.toml",
  });
}
