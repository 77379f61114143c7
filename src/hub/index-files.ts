import { existsSync, readFileSync } from "node:fs";
import { formatIndexCache, parseIndexCache } from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import { blobId } from "../git/index.ts";
import { configDigestText, configPlaces, indexPlaces } from "../plan/index.ts";
import { compareVersions, parseVersion } from "../semver/index.ts";
import { ensureFile, ensureFiles, readText, replaceFile, sha256Hex } from "./files.ts";
import { type HubPlace, inHub } from "./locate.ts";

/** The index line of one version. */
export interface VersionLine {
  readonly version: string;
  readonly line: string;
}

/** In the order of a hub's index files: by version, so that the same hub.lock gives the same bytes. */
export function sortLines(lines: readonly VersionLine[]): VersionLine[] {
  if (lines.length < 2) return [...lines];
  return lines
    .map((entry) => ({ entry, parsed: parseVersion(entry.version) }))
    .toSorted((a, b) => compareVersions(a.parsed, b.parsed))
    .map(({ entry }) => entry);
}

/** Text of the raw index file. */
export function rawIndexText(sorted: readonly VersionLine[]): string {
  return sorted.map(({ line }) => `${line}\n`).join("");
}

/** Bytes of Cargo's cache file. */
export function cacheIndexBytes(sorted: readonly VersionLine[], protocol: IndexProtocol = "sparse"): Uint8Array {
  return formatIndexCache({ indexVersion: indexVersionFor(sorted, protocol), lines: sorted });
}

/** How cargo reads an index. */
export type IndexProtocol = "sparse" | "git";

/** Of a git index cargo knows a file by its blob. A trimmed list from elsewhere must not carry upstream's validator. */
function indexVersionFor(sorted: readonly VersionLine[], protocol: IndexProtocol): string {
  return protocol === "git" ? blobId(Buffer.from(rawIndexText(sorted))) : "Unknown";
}

/** The index files of one crate name. */
export interface IndexFiles {
  readonly ident: string;
  readonly name: string;
  /** Versions that the hub held and holds no more. */
  readonly removed: ReadonlySet<string>;
  readonly protocol: IndexProtocol;
}

/**
 * Writes both index files of one crate name, unless they hold just that already.
 *
 * Versions that cargo itself has put into its cache file, as it does in a CARGO_HOME in use, stay in it.
 *
 * @returns whether anything was written.
 */
export function writeIndexFiles(place: HubPlace, crate: IndexFiles, lines: readonly VersionLine[]): boolean {
  const places = indexPlaces(crate);
  const sorted = sortLines(lines);
  const raw = ensureFile(inHub(place, places.rawIndex), rawIndexText(sorted));
  const path = inHub(place, places.cacheIndex);
  const there = readBytes(path);
  const bytes = there === undefined ? cacheIndexBytes(sorted, crate.protocol) : cacheWithOthers(there, sorted, crate);
  if (there !== undefined && Buffer.compare(there, bytes) === 0) return raw === "written";
  replaceFile(path, bytes);
  return true;
}

/** The cache file with our lines and those of cargo's that are there for other versions. */
function cacheWithOthers(
  there: Uint8Array,
  sorted: readonly VersionLine[],
  { removed, protocol }: IndexFiles,
): Uint8Array {
  const parsed = tryParseIndexCache(there);
  const own = new Set(sorted.map(({ version }) => version));
  const others = parsed?.lines.filter(({ version }) => !own.has(version) && !removed.has(version)) ?? [];
  if (parsed === undefined || others.length === 0) return cacheIndexBytes(sorted, protocol);
  if (isWiderCache(there, sorted) && parsed.lines.length === others.length + sorted.length) return there;
  return formatIndexCache({ indexVersion: parsed.indexVersion, lines: [...others, ...sorted] });
}

/** Whether a cache file holds these lines and others beside them. */
export function isWiderCache(bytes: Uint8Array, versions: readonly VersionLine[]): boolean {
  const parsed = tryParseIndexCache(bytes);
  if (parsed === undefined || parsed.lines.length <= versions.length) return false;
  const found = new Map(parsed.lines.map(({ version, line }) => [version, line]));
  return versions.every(({ version, line }) => found.get(version) === line);
}

function tryParseIndexCache(bytes: Uint8Array): ReturnType<typeof parseIndexCache> | undefined {
  try {
    return parseIndexCache(bytes, "");
  } catch (error) {
    if (error instanceof HubError) return undefined;
    throw error;
  }
}

/** A file's bytes, or undefined when there is none. */
export function readBytes(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

/**
 * Stands for a registry's config.json as long as nobody could give it: enough for a cargo that is offline. The next fill that reaches the
 * registry replaces it.
 */
export const standInConfig = '{"dl":""}\n';

/** Writes the registry's config.json and the digest that pins it. @returns whether anything was written. */
export function writeRegistryConfig(place: HubPlace, ident: string, text: string): boolean {
  const { config, digest } = configPlaces(ident);
  return ensureFiles([
    [inHub(place, config), text],
    [inHub(place, digest), configDigestText(sha256Hex(text))],
  ]);
}

/** The hub's copy of config.json when it is as it was written. */
export function readRegistryConfig(place: HubPlace, ident: string): string | undefined {
  const { config, digest } = configPlaces(ident);
  const path = inHub(place, config);
  if (!existsSync(path)) return undefined;
  const text = readText(path);
  return text !== undefined && readText(inHub(place, digest)) === configDigestText(sha256Hex(text)) ? text : undefined;
}
