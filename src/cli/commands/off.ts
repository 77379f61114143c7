import { turnOff } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { standpoint } from "../options.ts";
import { jsonDocument } from "../render.ts";

export const run: RunCommand = async ({ flags }, io) => {
  const report = turnOff(standpoint(flags, io));
  if (flags["json"] === true) io.shell.print(jsonDocument(report));
  io.shell.status("Off", `Cargo behaves as if the hub of ${report.hub} were not there`);
  if (report.outer !== null) io.shell.status("Note", `the hub of ${report.outer} applies here now`, "note");
  return exitCodes.done;
};
