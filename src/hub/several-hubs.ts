import { resolve } from "node:path";
import { HubError } from "../errors/index.ts";
import { existingHub, nearestHub, type Standpoint, startDirectory } from "./locate.ts";
import { type FailedProject, hubsAmong } from "./projects.ts";
import { searchBelow } from "./search.ts";

/** What was done with several hubs; docs/json.md. */
export interface SeveralReport<Report> {
  readonly formatVersion: 1;
  /** Where it was looked for them. */
  readonly directory: string;
  /** One report for each hub that something could be done with. */
  readonly hubs: readonly Report[];
  readonly failed: readonly FailedHub[];
}

/** A hub, or a project that has none yet, with which nothing could be done. */
export interface FailedHub {
  /** The directory that holds `.cargo`, or that would. */
  readonly hub: string;
  readonly code: string;
  readonly what: string;
  readonly where: string | null;
  readonly help: string;
}

/** Is told about each hub as soon as it is done with. */
export interface SeveralWatch<Report> {
  readonly onReport: (report: Report) => void;
  readonly onFailure: (error: HubError) => void;
}

/** What is done with one hub. `cwd` is the directory that holds its `.cargo`. */
export type HubAction<Report> = (at: Standpoint) => Promise<Report> | Report;

/** Does the same with each hub, one after the other; what fails for one is told and does not stop the others. */
export async function withEachOf<Report>(
  directory: string,
  hubs: readonly string[],
  work: {
    readonly action: HubAction<Report>;
    readonly watch: SeveralWatch<Report>;
    readonly failed?: readonly FailedProject[];
  },
): Promise<SeveralReport<Report>> {
  const reports: Report[] = [];
  const failed: FailedHub[] = [];
  const fail = (hub: string, error: HubError): void => {
    failed.push({ hub, code: error.code, what: error.what, where: error.where ?? null, help: error.help });
    work.watch.onFailure(error);
  };
  for (const { directory: hub, error } of work.failed ?? []) fail(hub, error);
  for (const hub of hubs) {
    try {
      const report = await work.action({ cwd: hub, manifestPath: undefined });
      reports.push(report);
      work.watch.onReport(report);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      fail(hub, error);
    }
  }
  return { formatVersion: 1, directory, hubs: reports, failed };
}

/**
 * Does the same with the hub of a directory and all hubs below it.
 *
 * @throws {HubRoomError} hub/not-found when there is none.
 */
export async function withHubsBelow<Report>(
  standpoint: Standpoint,
  action: HubAction<Report>,
  watch: SeveralWatch<Report>,
): Promise<SeveralReport<Report>> {
  const directory = resolve(startDirectory(standpoint));
  const here = nearestHub(directory);
  const below = hubsAmong(searchBelow(directory), ["asked", "filled"]);
  const hubs = [...new Set([...(here === undefined ? [] : [here.root]), ...below])];
  if (hubs.length === 0) existingHub(standpoint);
  return await withEachOf(directory, hubs, { action, watch });
}
