import { turnOn } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { standpoint } from "../options.ts";
import { jsonDocument } from "../render.ts";

export const run: RunCommand = async ({ flags }, io) => {
  const report = turnOn(standpoint(flags, io));
  if (flags["json"] === true) io.shell.print(jsonDocument(report));
  if (report.on) io.shell.status("On", `Cargo uses the hub of ${report.hub}`);
  else
    io.shell.status(
      "Note",
      `set CARGO_HOME=${report.hub}/.cargo to use this hub (hub.toml says mode = "cargo-home")`,
      "note",
    );
  return exitCodes.done;
};
