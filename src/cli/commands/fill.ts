import { type FillScope, fillProjects } from "../../hub/index.ts";
import type { FlagValues, RunCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { showFill } from "../fill-text.ts";
import { fillOptions } from "../options.ts";
import { count, jsonDocument } from "../render.ts";
import { watching } from "../several-text.ts";

export const run: RunCommand = async ({ flags }, io) => {
  const { shell } = io;
  const watch = watching(shell, showFill);
  const filled = await fillProjects(fillOptions(flags, io), { scope: scopeOf(flags), watch });
  if (flags["json"] === true) shell.print(jsonDocument(filled.report));
  if (filled.kind === "one") {
    showFill(filled.report, shell);
    return exitCodes.done;
  }
  const { hubs, failed } = filled.report;
  shell.status(
    "Done",
    `${count(hubs.length, "hub")} filled, ${failed.length} failed`,
    failed.length > 0 ? "error" : "status",
  );
  return failed.length > 0 ? exitCodes.failed : exitCodes.done;
};

function scopeOf(flags: FlagValues): FillScope {
  if (flags["union"] === true) return "union";
  return flags["recursive"] === true ? "below" : "here";
}
