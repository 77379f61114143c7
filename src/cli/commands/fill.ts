import { fillHub } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { showFill } from "../fill-text.ts";
import { fillOptions } from "../options.ts";
import { jsonDocument } from "../render.ts";

export const run: RunCommand = async ({ flags }, io) => {
  const report = await fillHub(fillOptions(flags, io));
  if (flags["json"] === true) io.shell.print(jsonDocument(report));
  showFill(report, io.shell);
  return exitCodes.done;
};
