import { isSha256 } from "../cargo/index.ts";
import { type ExportPlan, exportPlaces, indexPlaces } from "../plan/index.ts";
import { readLines, type Store } from "../store/index.ts";
import type { ExportFiles } from "./export-files.ts";
import { readText, sha256Hex } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { cacheIndexBytes, rawIndexText, sortLines, type VersionLine } from "./index-files.ts";
import { type HubPlace, inHub } from "./locate.ts";
import type { PlacedCrate } from "./placed-crate.ts";

/** What index files are written from and where to. */
export interface IndexExport {
  readonly plan: ExportPlan;
  readonly store: Store | undefined;
  readonly files: ExportFiles;
}

/**
 * Writes the index files of all crates: just the lines that hub.lock pins, each checked against its digest.
 *
 * @throws {HubRoomError} hub/export-incomplete for a line that neither hub nor store has.
 */
export function exportIndex(
  place: HubPlace,
  crates: readonly PlacedCrate[],
  { plan, store, files }: IndexExport,
): void {
  const groups = new Map<string, { readonly form: "raw" | "cache"; readonly crates: PlacedCrate[] }>();
  for (const crate of crates) {
    const { path, form } = exportPlaces(plan, crate).index;
    const group = groups.get(path);
    if (group === undefined) groups.set(path, { form, crates: [crate] });
    else group.crates.push(crate);
  }
  for (const [path, group] of groups) {
    const sorted = sortLines(pinnedLines(place, group.crates, store));
    files.write(path, group.form === "cache" ? cacheIndexBytes(sorted) : rawIndexText(sorted));
  }
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
    if (line === undefined) throw lineMissing(crate, path);
    return { version: crate.version, line };
  });
}

function lineMissing({ name, version, line }: PlacedCrate, where: string): HubRoomError {
  return new HubRoomError({
    code: "hub/export-incomplete",
    what: `neither hub nor store has the index line of ${name} ${version} that hub.lock pins, ${line}`,
    where,
    help: "run `cargo-hub verify --repair`, then export again",
  });
}
