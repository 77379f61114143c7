import { type SwitchReport, turnOff } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { standpoint } from "../options.ts";
import { runPerHub } from "../several-text.ts";
import type { Shell } from "../shell.ts";

export const run: RunCommand = ({ flags }, io) =>
  runPerHub(flags, io, { action: (at) => turnOff({ ...standpoint(flags, io), ...at }), show });

function show({ hub, outer }: SwitchReport, shell: Shell): void {
  shell.status("Off", `Cargo behaves as if the hub of ${hub} were not there`);
  if (outer !== null) shell.status("Note", `the hub of ${outer} applies here now`, "note");
}
