import { type FillReport, fillHub } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { fillOptions } from "../options.ts";
import { count, formatBytes, formatDuration, jsonDocument } from "../render.ts";
import type { Shell } from "../shell.ts";

export const run: RunCommand = async ({ flags }, io) => {
  const report = await fillHub(fillOptions(flags, io));
  if (flags["json"] === true) io.shell.print(jsonDocument(report));
  showFill(report, io.shell);
  return exitCodes.done;
};

function showFill(report: FillReport, shell: Shell): void {
  shell.clearProgress();
  const what = `${count(report.crates, "crate")}, ${formatBytes(report.bytes)}, in ${report.hub}/.cargo`;
  if (!report.changed) shell.status("Fresh", what);
  else {
    if (report.downloadedCrates > 0) {
      shell.status("Downloaded", `${count(report.downloadedCrates, "crate")} (${formatBytes(report.downloadedBytes)})`);
    }
    shell.status(
      "Filled",
      `${what}; ${report.installed} new, ${report.removed.length} removed, in ${formatDuration(report.durationMs)}`,
    );
  }
  if (report.mode === "cargo-home")
    shell.status("Note", `set CARGO_HOME=${report.hub}/.cargo to use it (hub.toml says mode = "cargo-home")`, "note");
  else if (!report.on) shell.status("Note", "the hub is off; `cargo-hub on` lets Cargo use it", "note");
}
