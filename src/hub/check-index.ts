import { isSha256, parseIndexCache, parseSourceId } from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import type { HubToml } from "../formats/index.ts";
import { configDigestText, configPlaces, hubLayout, indexPlaces } from "../plan/index.ts";
import { readIndexFile, readLines, type Store } from "../store/index.ts";
import type { Area, Finding } from "./check-crate.ts";
import { readText, sha256Hex } from "./files.ts";
import { checkIndexRepository, hasGitIndex } from "./git/index-repository.ts";
import {
  cacheIndexBytes,
  type IndexProtocol,
  isWiderCache,
  rawIndexText,
  readBytes,
  readRegistryConfig,
  sortLines,
  type VersionLine,
} from "./index-files.ts";
import { type HubPlace, inHub } from "./locate.ts";
import type { PlacedCrate } from "./placed-crate.ts";

export interface IndexCheck {
  readonly store: Store | undefined;
  readonly findings: Finding[];
  readonly mode: HubToml["mode"];
}

/** Checks both index files of every crate name against the digests that hub.lock pins, and each registry's config.json. */
export function checkIndex(
  place: HubPlace,
  crates: readonly PlacedCrate[],
  check: IndexCheck,
): { files: number; bytes: number } {
  const total = { files: 0, bytes: 0 };
  for (const group of groupsOf(crates)) checkGroup(place, group, { ...check, total });
  for (const [ident, source] of new Map(crates.map((crate) => [crate.ident, crate.source]))) {
    total.files += 2;
    checkRegistryConfig(place, { ...check, ident });
    if (check.mode !== "cargo-home" || protocolOf(source) !== "git") continue;
    const names = crates.filter((crate) => crate.ident === ident).map(({ name }) => name);
    checkIndexRepository(place, { ident, names }, check.findings);
  }
  return total;
}

function protocolOf(source: string): IndexProtocol {
  return hasGitIndex(parseSourceId(source, hubLayout.hubLock)) ? "git" : "sparse";
}

function groupsOf(crates: readonly PlacedCrate[]): PlacedCrate[][] {
  const groups = new Map<string, PlacedCrate[]>();
  for (const crate of crates) {
    const key = `${crate.ident} ${crate.name.toLowerCase()}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [crate]);
    else group.push(crate);
  }
  return [...groups.values()];
}

interface GroupCheck extends IndexCheck {
  readonly total: { files: number; bytes: number };
}

function checkGroup(place: HubPlace, group: readonly PlacedCrate[], { store, findings, total }: GroupCheck): void {
  const first = group[0];
  if (first === undefined) return;
  const places = indexPlaces(first);
  const rawPath = inHub(place, places.rawIndex);
  const cachePath = inHub(place, places.cacheIndex);
  const raw = readText(rawPath);
  const cache = readBytes(cachePath);
  const pins = new Map(group.map((crate) => [crate.line, crate.version]));
  const known = first.line === "" ? linesByVersion(group, raw) : pinnedLines(pins, { raw, cache, store });
  const sorted = known.length === group.length ? sortLines(known) : undefined;
  const expectedCache = sorted === undefined ? undefined : cacheIndexBytes(sorted, protocolOf(first.source));
  const say = finder(findings);
  if (raw === undefined) say("missing", { area: "index", path: rawPath, reason: "the index file is not there" });
  else if (sorted === undefined || rawIndexText(sorted) !== raw)
    say("damaged", { area: "index", path: rawPath, reason: "its lines are not those that hub.lock pins" });
  if (cache === undefined)
    say("missing", { area: "index-cache", path: cachePath, reason: "Cargo's cache file is not there" });
  else if (sorted !== undefined && isWiderCache(cache, sorted)) {
    say("foreign", {
      area: "index-cache",
      path: cachePath,
      reason: "cargo has written more versions into it than hub.lock lists",
    });
  } else if (expectedCache === undefined || Buffer.compare(cache, expectedCache) !== 0) {
    say("damaged", {
      area: "index-cache",
      path: cachePath,
      reason: "it is not what Cargo would make of the pinned lines",
    });
  }
  total.files += 2;
  total.bytes += (raw?.length ?? 0) + (cache?.length ?? 0);
}

function finder(
  findings: Finding[],
): (kind: Finding["kind"], at: { area: Area; path: string; reason: string }) => void {
  return (kind, at) => findings.push({ kind, ...at });
}

interface LinePlaces {
  readonly raw: string | undefined;
  readonly cache: Uint8Array | undefined;
  readonly store: Store | undefined;
}

/** The pinned lines, from wherever they are still intact. */
function pinnedLines(pins: ReadonlyMap<string, string>, { raw, cache, store }: LinePlaces): VersionLine[] {
  const found = new Map<string, VersionLine>();
  const offer = (line: string): void => {
    const digest = sha256Hex(line);
    const version = pins.get(digest);
    if (version !== undefined) found.set(digest, { version, line });
  };
  for (const line of raw?.split("\n") ?? []) offer(line);
  if (found.size < pins.size && cache !== undefined) for (const line of cachedLines(cache)) offer(line);
  if (found.size < pins.size && store !== undefined)
    for (const line of readLines(store, [...pins.keys()].filter(isSha256)).values()) offer(line);
  return [...found.values()];
}

function cachedLines(cache: Uint8Array): string[] {
  try {
    return parseIndexCache(cache, "").lines.map(({ line }) => line);
  } catch (error) {
    if (error instanceof HubError) return [];
    throw error;
  }
}

/** Without hub.lock's digests a line is taken for right when it holds the lockfile's checksum. */
function linesByVersion(group: readonly PlacedCrate[], raw: string | undefined): VersionLine[] {
  const lines = raw?.split("\n") ?? [];
  return group.flatMap(({ version, sha256 }) => {
    const line = lines.find((text) => text.includes(`"${sha256}"`));
    return line === undefined ? [] : [{ version, line }];
  });
}

interface ConfigCheck extends IndexCheck {
  readonly ident: string;
}

/** config.json and the digest beside it vouch for each other; when they disagree, the store's copy says which of them is wrong. */
function checkRegistryConfig(place: HubPlace, { ident, store, findings }: ConfigCheck): void {
  if (readRegistryConfig(place, ident) !== undefined) return;
  const places = configPlaces(ident);
  const config = { path: inHub(place, places.config), text: readText(inHub(place, places.config)) };
  const digest = { path: inHub(place, places.digest), text: readText(inHub(place, places.digest)) };
  const say = finder(findings);
  const area = "registry-config";
  for (const { path, text } of [config, digest])
    if (text === undefined) say("missing", { area, path, reason: "it is not there" });
  if (config.text === undefined || digest.text === undefined) return;
  const kept = store === undefined ? undefined : readIndexFile(store, ident, "config.json")?.body;
  const isConfigRight = kept === config.text || !/^[0-9a-f]{64} {2}config\.json\n$/.test(digest.text);
  const isDigestRight = kept !== undefined && digest.text === configDigestText(sha256Hex(kept));
  const unsure = isConfigRight || isDigestRight ? "" : ", and nothing tells which of the two is wrong";
  if (!isConfigRight)
    say("damaged", { area, path: config.path, reason: `it does not hash to what the digest beside it says${unsure}` });
  if (!isDigestRight)
    say("damaged", { area, path: digest.path, reason: `it is not the digest of the config.json beside it${unsure}` });
}
