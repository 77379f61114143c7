import type { FillReport } from "../hub/index.ts";
import { count, formatBytes, formatDuration } from "./render.ts";
import type { Shell } from "./shell.ts";

/** Says what a fill did. */
export function showFill(report: FillReport, shell: Shell): void {
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
