import { cpus } from "node:os";
import { isSha256 } from "../cargo/index.ts";
import { cratePlaces, type ExportPlan, exportMarks, exportPlaces } from "../plan/index.ts";
import type { LinkCounts, LinkMode, Store } from "../store/index.ts";
import type { OnEvent } from "./events.ts";
import type { ExportJob, ExportReply } from "./export-crate.ts";
import type { ExportFiles } from "./export-files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type HubPlace, inHub } from "./locate.ts";
import type { PlacedCrate } from "./placed-crate.ts";
import { openPool, threadsFor } from "./pool.ts";

/** What crates are exported from and where to. */
export interface CrateExport {
  readonly place: HubPlace;
  readonly store: Store | undefined;
  readonly plan: ExportPlan;
  readonly files: ExportFiles;
  readonly options: { readonly link: LinkMode; readonly jobs: number | undefined; readonly onEvent: OnEvent };
}

type Exported = Extract<ExportReply, { kind: "exported" }>;

/**
 * Puts all crates into a staged export, on several threads where they are unpacked.
 *
 * @returns the bytes of all `.crate` files, and how many files went which way.
 * @throws {HubRoomError} hub/export-incomplete for the first crate that neither hub nor store has intact.
 */
export async function exportCrates(
  crates: readonly PlacedCrate[],
  context: CrateExport,
): Promise<{ bytes: number; linked: LinkCounts }> {
  const { options, plan } = context;
  const total = { bytes: 0, linked: { reflink: 0, hardlink: 0, copy: 0 } };
  const unpacked = plan.shape === "cargo-home" || plan.shape === "directory";
  const pool = openPool(unpacked ? threadsFor(crates.length, options.jobs ?? cpus().length) : 0);
  let done = 0;
  try {
    const jobs = crates.map((crate) => ({ crate, job: crateJob(crate, context) }));
    const replies = await Promise.all(
      jobs.map(async ({ crate, job }) => {
        const reply = await pool.run({ kind: "export", export: job });
        if (reply.kind !== "export") throw new TypeError(`a worker answered ${reply.kind} to export`);
        done += 1;
        options.onEvent({ kind: "exported", done, of: crates.length });
        return { crate, exported: intact(reply.export, crate, job) };
      }),
    );
    for (const { crate, exported } of replies) {
      note(crate, exported, context);
      total.bytes += exported.sizeBytes;
      for (const method of ["reflink", "hardlink", "copy"] as const) total.linked[method] += exported.linked[method];
    }
    return total;
  } finally {
    await pool.close();
  }
}

function crateJob(crate: PlacedCrate, { place, store, plan, files, options }: CrateExport): ExportJob {
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
    source:
      places.source === undefined ? undefined : { target: files.place(places.source), marks: exportMarks(plan.shape) },
  };
}

function note(crate: PlacedCrate, { sums, changedInStore }: Exported, { plan, files, options }: CrateExport): void {
  const { name, version, sha256 } = crate;
  const places = exportPlaces(plan, crate);
  files.note("", [{ path: places.crate, sha256 }]);
  if (places.source !== undefined) files.note(places.source, sums);
  if (changedInStore.length > 0)
    options.onEvent({ kind: "tree-changed", name, version, paths: changedInStore, by: [] });
}

function intact(reply: ExportReply, { name, version, sha256 }: PlacedCrate, { own }: ExportJob): Exported {
  if (reply.kind === "exported") return reply;
  const found =
    reply.kind === "absent" ? "neither hub nor store has its crate file" : `its crate file hashes to ${reply.actual}`;
  throw new HubRoomError({
    code: "hub/export-incomplete",
    what: `${name} ${version} can not be exported: ${found}; hub.lock says ${sha256}`,
    where: reply.kind === "absent" ? own : reply.path,
    help: "run `cargo-hub verify --repair`, then export again",
  });
}
