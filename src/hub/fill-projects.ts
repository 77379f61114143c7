import { join, resolve } from "node:path";
import { HubError } from "../errors/index.ts";
import { storeRoots } from "../store/index.ts";
import { fillHub } from "./fill.ts";
import { type FillReport, isFillReport } from "./fill-report.ts";
import type { FillOptions } from "./fill-scene.ts";
import { hubToFill, hubToFillIfAny, nothingToFill, type Standpoint, startDirectory } from "./locate.ts";
import { type FailedProject, hubsAmong, projectsAmong } from "./projects.ts";
import { searchBelow } from "./search.ts";
import { type SeveralReport, type SeveralWatch, withEachOf } from "./several-hubs.ts";
import { freshReport } from "./stamp.ts";
import { askForUnion } from "./union.ts";

/** Which hubs a fill is for. `here`: the one of this directory, or where there can be none, those of the projects below. */
export type FillScope = "here" | "below" | "union";

export type ProjectsFilled =
  | { readonly kind: "one"; readonly report: FillReport }
  | { readonly kind: "several"; readonly report: SeveralReport<FillReport> };

/**
 * Fills the hub of a directory, or one hub for each project below it, or one hub for all of these; docs/several-projects.md.
 *
 * @throws {HubRoomError} hub/nothing-to-fill, hub/search-too-large, and for a single hub whatever stops its fill.
 */
export async function fillProjects(
  given: FillOptions,
  { scope, watch }: { readonly scope: FillScope; readonly watch: SeveralWatch<FillReport> },
): Promise<ProjectsFilled> {
  // Each hub is filled as if from its own directory, but the paths are the caller's.
  const options = { ...given, with: given.with.map((path) => resolve(given.cwd, path)) };
  if (scope === "union") {
    const directory = askForUnion(options);
    return { kind: "one", report: await fillHub({ ...options, cwd: directory, manifestPath: undefined }) };
  }
  if (scope === "here" && hubToFillIfAny(options) !== undefined) return { kind: "one", report: await fillHub(options) };
  const directory = resolve(startDirectory(options));
  const { hubs, failed } = hubsOf(directory, { ...options, scope });
  const action = (at: Standpoint): Promise<FillReport> | FillReport =>
    freshFill(at, options) ?? fillHub({ ...options, ...at });
  return { kind: "several", report: await withEachOf(directory, hubs, { action, watch, failed }) };
}

/** The hubs that are there or are to be made, sorted. */
function hubsOf(
  directory: string,
  {
    onEvent,
    scope,
    cwd,
    manifestPath,
  }: Pick<FillOptions, "onEvent" | "cwd" | "manifestPath"> & { readonly scope: FillScope },
): { hubs: string[]; failed: FailedProject[] } {
  const found = searchBelow(directory);
  const projects = projectsAmong(found);
  const failed = [...projects.failed];
  const hubs = new Set(hubsAmong(found, ["asked"]));
  const here = scope === "below" ? hubToFillIfAny({ cwd, manifestPath }) : undefined;
  if (here !== undefined) hubs.add(here.root);
  for (const root of projects.roots) {
    try {
      hubs.add(hubToFill({ cwd: root }).root);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      failed.push({ directory: root, error });
    }
  }
  if (hubs.size + failed.length === 0) throw nothingToFill(directory);
  const orphans = hubsAmong(found, ["filled"]).filter((hub) => !hubs.has(hub));
  const gone = orphans.map(
    (hub) => `the hub of ${hub} was left out, because its project is gone; delete ${join(hub, ".cargo")}`,
  );
  for (const message of [...projects.warnings, ...gone]) onEvent({ kind: "warning", message });
  return { hubs: [...hubs].toSorted(), failed };
}

/** What the last fill of a hub reported, when nothing changed since and nothing special is asked for. */
function freshFill({ cwd }: Standpoint, options: FillOptions): FillReport | undefined {
  const isPlain = options.link === "auto" && options.with.length === 0 && options.std === undefined;
  if (options.refresh || options.adopt || !isPlain) return undefined;
  const { env, home, userAgent } = options;
  const report = freshReport({ storeRoot: storeRoots(env, home).store, from: cwd, program: userAgent, env });
  return isFillReport(report) ? report : undefined;
}
