import { join } from "node:path";
import { type RepairReport, repairHub, type Standpoint, type VerifyReport, verifyHub } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { fromGit } from "../fill-text.ts";
import { showFindings, shownAtMost } from "../findings-text.ts";
import { fillOptions } from "../options.ts";
import { count, formatBytes, formatDuration } from "../render.ts";
import { runPerHub } from "../several-text.ts";
import type { Shell } from "../shell.ts";

export const run: RunCommand = ({ flags }, io) => {
  const options = fillOptions(flags, io);
  const action = (at: Standpoint): Promise<VerifyReport | RepairReport> =>
    flags["repair"] === true ? repairHub({ ...options, ...at }) : verifyHub({ ...options, ...at });
  const show = (report: VerifyReport | RepairReport, shell: Shell): void => {
    if (flags["recursive"] === true) shell.status("Hub", join(report.hub, ".cargo"), "note");
    showVerify(report, shell);
  };
  return runPerHub(flags, io, { action, show, isProblem: ({ problems }) => problems > 0 });
};

function showVerify(report: VerifyReport | RepairReport, shell: Shell): void {
  shell.clearProgress();
  if ("repaired" in report)
    for (const { path } of report.repaired.slice(0, shownAtMost)) shell.status("Repaired", path);
  showFindings("Missing", report.missing, shell);
  showFindings("Damaged", report.damaged, shell);
  showFindings("Foreign", report.foreign, shell);
  for (const path of report.outdated) shell.status("Outdated", `${path} changed since the hub was filled`, "warning");
  const git = report.gitPackages === 0 ? "" : `${fromGit(report.gitPackages)}, `;
  const total = `${count(report.crates, "crate")}, ${git}${count(report.files, "file")}, ${formatBytes(report.bytes)} in ${formatDuration(report.durationMs)}`;
  if (report.problems === 0) {
    shell.status("Verified", `${total}: every byte is right`);
    return;
  }
  shell.status("Found", `${count(report.problems, "problem")} in ${total}`, "error");
  const mend =
    report.missing.length + report.damaged.length + report.foreign.length > 0
      ? "cargo-hub verify --repair"
      : "cargo-hub fill";
  shell.note(`\n${shell.paint("note", "help")}${shell.paint("bold", ":")} run \`${mend}\``);
}
