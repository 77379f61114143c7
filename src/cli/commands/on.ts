import { join } from "node:path";
import { type SwitchReport, turnOn } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { standpoint } from "../options.ts";
import { runPerHub } from "../several-text.ts";
import type { Shell } from "../shell.ts";

export const run: RunCommand = ({ flags }, io) =>
  runPerHub(flags, io, { action: (at) => turnOn({ ...standpoint(flags, io), ...at }), show });

function show({ hub, on }: SwitchReport, shell: Shell): void {
  if (on) shell.status("On", `Cargo uses the hub of ${hub}`);
  else
    shell.status(
      "Note",
      `set CARGO_HOME=${join(hub, ".cargo")} to use this hub (hub.toml says mode = "cargo-home")`,
      "note",
    );
}
