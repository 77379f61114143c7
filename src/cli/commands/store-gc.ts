import { type Deletion, defaultGraceMs, type GcReport, storeGc } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { formatDay, formatPeriod } from "../duration.ts";
import { exitCodes } from "../exit-codes.ts";
import { storeOptions } from "../options.ts";
import { count, formatBytes, formatDuration, jsonDocument } from "../render.ts";
import { showProblem } from "../report-error.ts";
import type { Shell } from "../shell.ts";

export const run: RunCommand = async ({ flags }, io) => {
  const grace = flags["grace"];
  const dryRun = flags["dryRun"] === true;
  const graceMs = typeof grace === "number" ? grace : defaultGraceMs;
  const report = await storeGc({ ...storeOptions(io), graceMs, dryRun, nowMs: Date.now() });
  if (flags["json"] === true) io.shell.print(jsonDocument(report));
  else if (dryRun) for (const { path } of report.deleted) io.shell.print(`${path}\n`);
  showGc(report, io.shell);
  return report.blockedBy.length === 0 ? exitCodes.done : exitCodes.failed;
};

function showGc(report: GcReport, shell: Shell): void {
  shell.clearProgress();
  if (shell.verbosity > 0 && !report.dryRun) for (const { path } of report.deleted) shell.status("Removing", path);
  for (const { path, movedTo, goesAtMs } of report.missed) {
    if (movedTo === null)
      shell.status("Missing", `${path}; what it needs stays until ${formatDay(goesAtMs)}`, "warning");
    else shell.status("Moved", `${path} to ${movedTo}`, "note");
  }
  if (report.deleted.length > 0) {
    const amount = `${formatBytes(report.bytes)}, ${formatBytes(report.freedBytes)} on the disk`;
    const total = `${whatWent(report.deleted)}: ${amount}`;
    if (report.dryRun) shell.status("Would remove", total);
    else shell.status("Removed", `${total}, in ${formatDuration(report.durationMs)}`);
  } else if (report.blockedBy.length === 0) {
    const period = formatPeriod(report.graceMs);
    shell.status("Kept", `everything in ${report.store}: it is needed or younger than ${period}`, "note");
  }
  for (const problem of report.blockedBy) showProblem(problem, shell);
}

const nouns: readonly (readonly [kind: Deletion["kind"], noun: string])[] = [
  ["crate", "crate"],
  ["tree", "tree"],
  ["pack", "pack"],
  ["index-file", "index file"],
  ["git-index", "index clone"],
  ["root", "hub record"],
  ["left-over", "left-over"],
];

/** `3 crates, 3 trees, 1 hub record, 2 other files`. */
function whatWent(deleted: readonly Deletion[]): string {
  const parts = nouns.flatMap(([kind, noun]) => {
    const number = deleted.filter((deletion) => deletion.kind === kind).length;
    return number === 0 ? [] : [count(number, noun)];
  });
  const named = new Set(nouns.map(([kind]) => kind));
  const others = deleted.filter(({ kind }) => !named.has(kind)).length;
  if (others > 0) parts.push(count(others, "other file"));
  return parts.join(", ");
}
