import { isSha256, parseSourceId } from "../cargo/index.ts";
import { indexRepository } from "../git/index.ts";
import { exportedConfigPath, exportPlaces, hubLayout, indexDirectory, indexPlaces } from "../plan/index.ts";
import { readIndexFile, readLines, type Store } from "../store/index.ts";
import { exportIncomplete } from "./export-incomplete.ts";
import type { ExportWork } from "./export-work.ts";
import { readText, sha256Hex } from "./files.ts";
import { hasGitIndex } from "./git/index-repository.ts";
import { cacheIndexBytes, rawIndexText, readRegistryConfig, sortLines, type VersionLine } from "./index-files.ts";
import { type HubPlace, inHub } from "./locate.ts";
import type { PlacedCrate } from "./placed-crate.ts";

/**
 * Writes the index of every registry: just the lines that hub.lock pins, each checked against its digest, and upstream's config.json; in a
 * CARGO_HOME also the repository from which cargo reads a git index.
 *
 * @throws {HubRoomError} hub/export-incomplete for a line or a config.json that neither hub nor store has.
 */
export function exportIndex(crates: readonly PlacedCrate[], work: ExportWork): void {
  for (const [ident, own] of grouped(crates, (crate) => crate.ident)) {
    const config = registryConfig(ident, work);
    work.files.write(exportedConfigPath(work.plan, ident), config);
    const contents = new Map<string, string>([["config.json", config]]);
    for (const [path, group] of grouped(own, (crate) => exportPlaces(work.plan, crate).index.path))
      contents.set(...exportLines(path, group, work));
    if (work.plan.shape === "cargo-home" && own.some(isFromGitIndex)) writeRepository(ident, contents, work);
  }
}

function grouped(crates: readonly PlacedCrate[], keyOf: (crate: PlacedCrate) => string): Map<string, PlacedCrate[]> {
  const groups = new Map<string, PlacedCrate[]>();
  for (const crate of crates) {
    const group = groups.get(keyOf(crate));
    if (group === undefined) groups.set(keyOf(crate), [crate]);
    else group.push(crate);
  }
  return groups;
}

function isFromGitIndex({ source }: PlacedCrate): boolean {
  return hasGitIndex(parseSourceId(source, hubLayout.hubLock));
}

/** Writes the index file of one name. @returns its path and text in a registry's index. */
function exportLines(
  path: string,
  group: readonly PlacedCrate[],
  { place, plan, store, files }: ExportWork,
): [path: string, text: string] {
  const [first] = group;
  if (first === undefined) throw new TypeError("a group of crates is empty");
  const sorted = sortLines(pinnedLines(place, group, store));
  const text = rawIndexText(sorted);
  const protocol = isFromGitIndex(first) ? "git" : "sparse";
  files.write(path, exportPlaces(plan, first).index.form === "cache" ? cacheIndexBytes(sorted, protocol) : text);
  return [indexPlaces(first).rawIndex.slice(indexDirectory(first.ident).length + 1), text];
}

function writeRepository(ident: string, contents: ReadonlyMap<string, string>, { files }: ExportWork): void {
  const bytes = new Map([...contents].map(([path, text]) => [path, Buffer.from(text)]));
  for (const { path, content } of indexRepository(bytes).files)
    files.write(`${indexDirectory(ident)}/${path}`, content);
}

/** Upstream's config.json, from the hub or the store. */
function registryConfig(ident: string, { place, store }: ExportWork): string {
  const kept = store === undefined ? undefined : readIndexFile(store, ident, "config.json")?.body;
  const text = readRegistryConfig(place, ident) ?? kept;
  if (text !== undefined) return text;
  const where = inHub(place, `${indexDirectory(ident)}/config.json`);
  throw exportIncomplete(
    where,
    "the hub's copy of the registry's config.json is missing or damaged, and the store has none",
  );
}

function pinnedLines(place: HubPlace, group: readonly PlacedCrate[], store: Store | undefined): VersionLine[] {
  const [first] = group;
  if (first === undefined) return [];
  const path = inHub(place, indexPlaces(first).rawIndex);
  const found = new Map<string, string>();
  for (const line of readText(path)?.split("\n") ?? []) found.set(sha256Hex(line), line);
  const lacking = group.map(({ line }) => line).filter((digest) => !found.has(digest));
  if (lacking.length > 0 && store !== undefined)
    for (const [digest, line] of readLines(store, lacking.filter(isSha256))) found.set(digest, line);
  return group.map((crate) => {
    const line = found.get(crate.line);
    if (line === undefined) throw exportIncomplete(path, lineMissing(crate));
    return { version: crate.version, line };
  });
}

function lineMissing({ name, version, line }: PlacedCrate): string {
  return `neither hub nor store has the index line of ${name} ${version} that hub.lock pins, ${line}`;
}
