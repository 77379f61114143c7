import { isSha256 } from "../cargo/index.ts";
import type { ExportShape } from "../formats/index.ts";
import { cratePlaces, exportMarks, exportPlaces } from "../plan/index.ts";
import { movePath } from "../store/index.ts";
import type { ExportJob, ExportReply } from "./export-crate.ts";
import { exportIncomplete } from "./export-incomplete.ts";
import { type ExportWork, exportRule } from "./export-work.ts";
import { inHub } from "./locate.ts";
import type { PlacedCrate } from "./placed-crate.ts";
import { threadsFor } from "./pool.ts";
import { standInOf } from "./stand-ins.ts";

type Exported = Extract<ExportReply, { kind: "exported" }>;

/**
 * Puts all crates into a staged export.
 *
 * @returns the bytes of all `.crate` files.
 * @throws {HubRoomError} hub/export-incomplete for the first crate that neither hub nor store has intact.
 */
export async function exportCrates(crates: readonly PlacedCrate[], work: ExportWork): Promise<{ bytes: number }> {
  const { options, linked } = work;
  const total = { bytes: 0 };
  let done = 0;
  const jobs = crates.map((crate) => ({ crate, job: crateJob(crate, work) }));
  const replies = await Promise.all(
    jobs.map(async ({ crate, job }) => {
      const reply = await work.pool.run({ kind: "export", export: job });
      if (reply.kind !== "export") throw new TypeError(`a worker answered ${reply.kind} to export`);
      done += 1;
      options.onEvent({ kind: "exported", done, of: crates.length });
      return { crate, exported: intact(reply.export, crate, job) };
    }),
  );
  for (const { crate, exported } of replies) {
    note(crate, exported, work);
    total.bytes += exported.sizeBytes;
    for (const method of ["reflink", "hardlink", "copy"] as const) linked[method] += exported.linked[method];
  }
  return total;
}

/**
 * How many threads pay off for a hub.lock of that size. It is asked before the hub is locked and read, so that threads start meanwhile.
 *
 * @param bytes Of hub.lock; a crate has some 350.
 */
export function threadsForExport(shape: ExportShape, bytes: number, most: number): number {
  const crates = Math.floor(bytes / 350);
  if (shape === "cargo-home" || shape === "directory") return threadsFor(crates, most);
  // One hashes crate files, while this thread writes the index.
  return crates < 100 ? 0 : 1;
}

function crateJob(crate: PlacedCrate, work: ExportWork): ExportJob {
  const { place, store, plan, files, options } = work;
  const { name, version, sha256 } = crate;
  if (!isSha256(sha256)) throw new TypeError(`${sha256} is not a digest`);
  const places = exportPlaces(plan, crate);
  return {
    store,
    link: options.link,
    name,
    version,
    sha256,
    own: inHub(place, cratePlaces(crate).crate),
    crateTarget: files.place(places.crate),
    quarantine: exportRule(work),
    source:
      places.source === undefined ? undefined : { target: files.place(places.source), marks: exportMarks(plan.shape) },
  };
}

function note(crate: PlacedCrate, exported: Exported, work: ExportWork): void {
  const { plan, files, options } = work;
  const { name, version, sha256 } = crate;
  const places = exportPlaces(plan, crate);
  files.note("", [{ path: places.crate, sha256 }]);
  if (places.source !== undefined) noteSource(crate, { ...places, source: places.source }, { ...work, exported });
  if (exported.changedInStore.length > 0)
    options.onEvent({ kind: "tree-changed", name, version, paths: exported.changedInStore, by: [] });
}

/** A package that Cargo must not load goes where it does not look, and another one stands in for it. */
function noteSource(
  crate: PlacedCrate,
  { source, quarantine }: { readonly source: string; readonly quarantine: string | undefined },
  { place, hubToml, files, exported }: ExportWork & { readonly exported: Exported },
): void {
  const { quarantine: reason, sums } = exported;
  if (quarantine === undefined || reason === undefined) return files.note(source, sums);
  movePath(files.place(source), files.place(quarantine));
  files.note(quarantine, sums);
  const standIn = standInOf(place, crate, { reason, hubToml });
  if (standIn === undefined) {
    const where = inHub(place, cratePlaces(crate).rawIndex);
    throw exportIncomplete(
      where,
      `the line of ${crate.name} ${crate.version} is not in it, so nothing can stand in for the package`,
    );
  }
  for (const { path, text } of standIn) files.write(`${source}/${path}`, text);
}

function intact(reply: ExportReply, { name, version, sha256 }: PlacedCrate, { own }: ExportJob): Exported {
  if (reply.kind === "exported") return reply;
  const found =
    reply.kind === "absent" ? "neither hub nor store has its crate file" : `its crate file hashes to ${reply.actual}`;
  const where = reply.kind === "absent" ? own : reply.path;
  throw exportIncomplete(where, `${name} ${version} can not be exported: ${found}; hub.lock says ${sha256}`);
}
