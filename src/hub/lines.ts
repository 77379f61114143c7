import { isSha256, parseIndexEntry, type Sha256, selectIndexLines } from "../cargo/index.ts";
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
import type { Origin } from "./origins.ts";

/** A crate's index line and its digest. */
export interface PinnedLine {
  readonly line: string;
  readonly digest: Sha256;
}

export interface LineSearch {
  readonly place: HubPlace;
  readonly store: Store;
  /** Asked in this order; the last one must have what none before it has. */
  readonly origins: readonly Origin[];
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
  const last = search.origins.at(-1);
  for (const origin of search.refresh ? search.origins.slice(-1) : search.origins) {
    const lacking = group.filter((crate) => !found.has(crateKey(crate)));
    if (lacking.length === 0) break;
    const lines = await askForLines(origin, lacking, search.refresh);
    for (const crate of lacking) {
      if (origin !== last && !isListed(crate, lines)) continue;
      found.set(crateKey(crate), settle(crate, checkedLine(crate, lines.get(crate.version)), search));
    }
  }
  return found;
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

function pinnedLines(group: readonly WantedCrate[], { place, store, pins }: LineSearch): Map<string, PinnedLine> {
  const found = new Map<string, PinnedLine>();
  const digests = new Map<string, WantedCrate>();
  for (const crate of group) {
    const pin = pins.get(crateKey(crate));
    // A line that was pinned with another checksum says nothing about the bytes that the lockfile wants now.
    if (pin?.sha256 === crate.checksum) digests.set(pin.line, crate);
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

function checkedLine(crate: WantedCrate, line: string | undefined): string {
  if (line === undefined) {
    throw new HubRoomError({
      code: "hub/version-missing",
      what: `the registry's index has no version ${crate.version} of ${crate.name}, but ${crate.wantedBy} asks for it`,
      where: crate.source,
      help: `run \`cargo update -p ${crate.name}\` to lock a version that exists`,
    });
  }
  const entry = parseIndexEntry(line, `${crate.name} ${crate.version} in the index of ${crate.source}`);
  if (entry.checksum === crate.checksum && entry.name === crate.name) return line;
  throw new HubRoomError({
    code: "hub/checksum-disagreement",
    what: `the index gives ${entry.name} ${crate.version} the checksum ${entry.checksum}, but ${crate.wantedBy} says ${crate.name} ${crate.checksum}`,
    where: crate.source,
    help: "find out which is right: the version was published anew with other bytes, a mirror lies, or the lockfile was changed; nothing was taken",
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
