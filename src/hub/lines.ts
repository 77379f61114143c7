import { isSha256, parseIndexEntry, readIndexEntry, type Sha256, selectIndexLines } from "../cargo/index.ts";
import type { HubCrate } from "../formats/index.ts";
import {
  type CrateKey,
  crateKey,
  cratePlaces,
  describeLineChange,
  recoverPinnedLine,
  type WantedCrate,
} from "../plan/index.ts";
import { readLines, type Store } from "../store/index.ts";
import type { OnEvent } from "./events.ts";
import { readText, sha256Hex } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { folderLacks, type Origin, type Origins } from "./origins.ts";

/** A crate's index line and its digest. */
export interface PinnedLine {
  readonly line: string;
  readonly digest: Sha256;
}

export interface LineSearch {
  readonly place: HubPlace;
  readonly store: Store;
  readonly origins: Origins;
  /** Checksums of all wanted crates. */
  readonly wantedChecksums: ReadonlySet<string>;
  /** What hub.lock pinned so far, by {@link crateKey}. */
  readonly pins: ReadonlyMap<string, HubCrate>;
  /** `keep`: pinned lines stay even when upstream changed them. `accept`: a change is reported and taken. */
  readonly changed: "keep" | "accept";
  /** Ask the last origin although the pinned lines are at hand. */
  readonly refresh: boolean;
  readonly onEvent: OnEvent;
}

/**
 * The index lines of the crates that share one index file.
 *
 * Pinned lines are looked for in the hub and the store first; origins are asked only for what is in neither, or to refresh.
 *
 * @param group Crates of one source and one name.
 * @returns Lines by {@link crateKey}.
 */
export async function findLines(group: readonly WantedCrate[], search: LineSearch): Promise<Map<string, PinnedLine>> {
  const found = search.refresh ? new Map<string, PinnedLine>() : pinnedLines(group, search);
  const origins = group[0] === undefined ? [] : search.origins.of(group[0]);
  const folders = search.refresh ? [] : origins.slice(0, -1);
  // A pinned line that somebody still has is worth more than a newer one that somebody has before.
  for (const origin of folders) await takeLines(group, found, { ...search, origin, take: "pinned" });
  for (const origin of folders)
    if (origin.lines === "any") await takeLines(group, found, { ...search, origin, take: "any" });
  const last = origins.at(-1);
  if (last !== undefined) await takeLines(group, found, { ...search, origin: last, take: "all" });
  return found;
}

interface Taking extends LineSearch {
  readonly origin: Origin;
  /** `pinned`: only lines that hub.lock pins. `any`: what the origin has. `all`: it must have all that are still lacking. */
  readonly take: "pinned" | "any" | "all";
}

async function takeLines(group: readonly WantedCrate[], found: Map<string, PinnedLine>, search: Taking): Promise<void> {
  const { origin, take, refresh } = search;
  const lacking = group.filter((crate) => !found.has(crateKey(crate)));
  const wanted = take === "pinned" ? lacking.filter((crate) => pinOf(crate, search) !== undefined) : lacking;
  if (wanted.length === 0) return;
  const lines = await askForLines(origin, wanted, refresh);
  for (const crate of wanted) {
    const line = lines.get(crate.version);
    if (take !== "all" && line === undefined) continue;
    if (take === "pinned" && pinOf(crate, search)?.line !== sha256Hex(line ?? "")) continue;
    if (take === "any" && !isListed(crate, lines) && isForAnother(line ?? "", search)) continue;
    found.set(crateKey(crate), settle(crate, checkedLine(crate, line, origin), search));
  }
}

/** A line that was pinned with another checksum says nothing about the bytes that the lockfile wants now. */
function pinOf(crate: WantedCrate, { pins }: Pick<LineSearch, "pins">): HubCrate | undefined {
  const pin = pins.get(crateKey(crate));
  return pin?.sha256 === crate.checksum ? pin : undefined;
}

/** Whether a line with another checksum may stand there: another registry's, or in a place where wrong things are passed over. */
function isForAnother(line: string, { origin, wantedChecksums }: Taking): boolean {
  if (!origin.strict) return true;
  const read = readIndexEntry(line);
  return read.kind === "entry" && wantedChecksums.has(read.entry.checksum);
}

/** One origin's lines by version. What the store keeps of an index file may be older than a wanted version: then it is asked anew. */
async function askForLines(
  origin: Origin,
  crates: readonly WantedCrate[],
  renew: boolean,
): Promise<ReadonlyMap<string, string>> {
  const [first] = crates;
  const body = first === undefined ? undefined : await origin.indexBody(first, renew);
  const lines = body === undefined ? new Map<string, string>() : linesOf(body, crates);
  const isComplete = crates.every((crate) => isListed(crate, lines));
  return body === undefined || isComplete || renew ? lines : askForLines(origin, crates, true);
}

function linesOf(body: string, crates: readonly WantedCrate[]): Map<string, string> {
  const lines = selectIndexLines(body, new Set(crates.map(({ version }) => version)));
  // A part of a text keeps the whole text in memory; a copy lets the index file go.
  return new Map([...lines].map(([version, line]) => [version, Buffer.from(line).toString()]));
}

function isListed(crate: WantedCrate, lines: ReadonlyMap<string, string>): boolean {
  return lines.get(crate.version)?.includes(crate.checksum) === true;
}

function pinnedLines(group: readonly WantedCrate[], search: LineSearch): Map<string, PinnedLine> {
  const found = new Map<string, PinnedLine>();
  const { place, store } = search;
  const digests = new Map<string, WantedCrate>();
  for (const crate of group) {
    const pin = pinOf(crate, search);
    if (pin !== undefined) digests.set(pin.line, crate);
  }
  if (digests.size === 0) return found;
  const first = group[0];
  const raw = first === undefined ? undefined : readText(inHub(place, cratePlaces(first).rawIndex));
  for (const line of raw?.split("\n") ?? []) {
    const digest = sha256Hex(line);
    const crate = digests.get(digest);
    if (crate !== undefined) found.set(crateKey(crate), { line, digest });
  }
  if (found.size === digests.size) return found;
  for (const [digest, line] of readLines(store, [...digests.keys()].filter(isSha256))) {
    const crate = digests.get(digest);
    if (crate !== undefined) found.set(crateKey(crate), { line, digest });
  }
  return found;
}

function checkedLine(crate: WantedCrate, line: string | undefined, { kind, place }: Origin): string {
  const where = kind === "registry" ? crate.source : place;
  if (line === undefined) throw kind === "registry" ? versionMissing(crate) : folderLacks(crate, { kind, place });
  const entry = parseIndexEntry(line, `${crate.name} ${crate.version} in the index of ${where}`);
  if (entry.checksum === crate.checksum && entry.name === crate.name) return line;
  throw new HubRoomError({
    code: "hub/checksum-disagreement",
    what: `the index gives ${entry.name} ${crate.version} the checksum ${entry.checksum}, but ${crate.wantedBy} says ${crate.name} ${crate.checksum}`,
    where,
    help: "find out which is right: the version was published anew with other bytes, a mirror lies, or the lockfile was changed; nothing was taken",
  });
}

function versionMissing({ name, version, source, wantedBy }: WantedCrate): HubRoomError {
  return new HubRoomError({
    code: "hub/version-missing",
    what: `the registry's index has no version ${version} of ${name}, but ${wantedBy} asks for it`,
    where: source,
    help: `run \`cargo update -p ${name}\` to lock a version that exists`,
  });
}

/** The line that counts: today's, or the pinned one when changes are not accepted. */
export function settle(crate: WantedCrate, today: string, { pins, changed, store, onEvent }: LineSearch): PinnedLine {
  const digest = sha256Hex(today);
  const pin = pins.get(crateKey(crate));
  if (pin === undefined || pin.line === digest) return { line: today, digest };
  const before = pinnedText(pin.line, today, store);
  if (changed === "keep") {
    if (before !== undefined) return { line: before, digest: sha256Hex(before) };
    throw lineChanged(crate, pin.line, digest);
  }
  onEvent({
    kind: "line-changed",
    name: crate.name,
    version: crate.version,
    changes: describeLineChange(before, today),
  });
  return { line: today, digest };
}

function pinnedText(digest: string, today: string, store: Store): string | undefined {
  const kept = isSha256(digest) ? readLines(store, [digest]).get(digest) : undefined;
  return kept ?? recoverPinnedLine(today, digest, sha256Hex);
}

function lineChanged(crate: CrateKey, pinned: string, today: string): HubRoomError {
  return new HubRoomError({
    code: "hub/index-line-changed",
    what: `the index line of ${crate.name} ${crate.version} hashes to ${today}, but hub.lock pins ${pinned}, and the change cannot be undone`,
    where: crate.source,
    help: "run `cargo-hub fill` without --locked, see what changed and commit the new hub.lock",
  });
}
