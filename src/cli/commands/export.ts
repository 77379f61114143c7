import { exportShapes } from "../../formats/index.ts";
import { type ExportReport, exportHub } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { showEvents } from "../events.ts";
import { exitCodes } from "../exit-codes.ts";
import { holdings } from "../fill-text.ts";
import { fillOptions } from "../options.ts";
import { formatDuration, jsonDocument } from "../render.ts";

export const run: RunCommand = async ({ flags, rest }, io) => {
  const { cwd, manifestPath, env, home, link, jobs } = fillOptions(flags, io);
  const baseUrl = flags["baseUrl"];
  const report = await exportHub({
    cwd,
    manifestPath,
    env,
    home,
    link,
    jobs,
    shape: exportShapes.find((shape) => shape === flags["as"]) ?? "directory",
    directory: rest[0] ?? "",
    baseUrl: typeof baseUrl === "string" ? baseUrl : undefined,
    onEvent: showEvents(io.shell),
  });
  io.shell.clearProgress();
  if (flags["json"] === true) io.shell.print(jsonDocument(report));
  const where = `as ${report.as} to ${report.directory}`;
  io.shell.status("Exported", `${holdings(report)}, ${where}, in ${formatDuration(report.durationMs)}`);
  io.shell.status("Note", usage(report), "note");
  return exitCodes.done;
};

function usage({ as, directory, config }: ExportReport): string {
  if (as === "cargo-home") return `CARGO_HOME=${directory} cargo build --offline`;
  return `cargo --config ${config} build${as === "sparse" ? ", while a web server serves it" : " --offline"}`;
}
