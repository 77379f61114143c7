import {
  type Finding,
  repairStore,
  type StoreRepairReport,
  type StoreVerifyReport,
  verifyStore,
} from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { showFindings, shownAtMost } from "../findings-text.ts";
import { storeOptions } from "../options.ts";
import { count, formatBytes, formatDuration, jsonDocument } from "../render.ts";
import type { Shell } from "../shell.ts";

export const run: RunCommand = async ({ flags }, io) => {
  const jobs = flags["jobs"];
  const options = { ...storeOptions(io), jobs: typeof jobs === "number" ? jobs : undefined };
  const report = flags["repair"] === true ? await repairStore(options) : await verifyStore(options);
  if (flags["json"] === true) io.shell.print(jsonDocument(report));
  showVerify(report, io.shell);
  return report.problems === 0 ? exitCodes.done : exitCodes.problems;
};

function showVerify(report: StoreVerifyReport | StoreRepairReport, shell: Shell): void {
  shell.clearProgress();
  const repaired: readonly Finding[] = "repaired" in report ? report.repaired : [];
  for (const { path } of repaired.slice(0, shownAtMost)) shell.status("Repaired", path);
  showFindings("Missing", report.missing, shell);
  showFindings("Damaged", report.damaged, shell);
  showFindings("Foreign", report.foreign, shell);
  const what = [
    count(report.crates, "crate"),
    count(report.trees, "tree"),
    count(report.lines, "index line"),
    count(report.indexFiles, "index file"),
    ...(report.packs === 0 ? [] : [count(report.packs, "pack")]),
  ].join(", ");
  const total = `${what}, ${formatBytes(report.bytes)} in ${formatDuration(report.durationMs)}`;
  if (report.problems === 0) {
    shell.status("Verified", `${total}: every byte is right`);
    return;
  }
  shell.status("Found", `${count(report.problems, "problem")} in ${total}`, "error");
  const help =
    "repaired" in report
      ? "remove the root files named above and run `cargo-hub fill` in the projects whose hubs they were"
      : "run `cargo-hub store verify --repair`; what it throws away is fetched again";
  shell.note(`\n${shell.paint("note", "help")}${shell.paint("bold", ":")} ${help}`);
}
