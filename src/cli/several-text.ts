import { type HubAction, type SeveralWatch, type Standpoint, withHubsBelow } from "../hub/index.ts";
import type { CommandIo, FlagValues } from "./command.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { standpoint } from "./options.ts";
import { jsonDocument } from "./render.ts";
import { reportError } from "./report-error.ts";
import type { Shell } from "./shell.ts";

/** Shows each hub's report, or what stopped it, as soon as it is there. */
export function watching<Report>(shell: Shell, show: (report: Report, shell: Shell) => void): SeveralWatch<Report> {
  return { onReport: (report) => show(report, shell), onFailure: (error) => void reportError(error, shell) };
}

/** What a command does with one hub, and with each of several when it gets `--recursive`. */
export interface PerHub<Report> {
  readonly action: HubAction<Report>;
  readonly show: (report: Report, shell: Shell) => void;
  /** Whether a report means that the check found something. */
  readonly isProblem?: (report: Report) => boolean;
}

/** Does it with the hub of here, or with that and all below, and shows what came out. @returns the exit code. */
export async function runPerHub<Report>(
  flags: FlagValues,
  io: CommandIo,
  { action, show, isProblem = () => false }: PerHub<Report>,
): Promise<ExitCode> {
  const { shell } = io;
  const json = flags["json"] === true;
  const at: Standpoint = standpoint(flags, io);
  if (flags["recursive"] !== true) {
    const report = await action(at);
    if (json) shell.print(jsonDocument(report));
    show(report, shell);
    return isProblem(report) ? exitCodes.problems : exitCodes.done;
  }
  const several = await withHubsBelow(at, action, watching(shell, show));
  if (json) shell.print(jsonDocument(several));
  if (several.failed.length > 0) return exitCodes.failed;
  return several.hubs.some((report) => isProblem(report)) ? exitCodes.problems : exitCodes.done;
}
