import { proveHub } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { standpoint } from "../options.ts";
import { formatDuration, jsonDocument } from "../render.ts";

export const run: RunCommand = async ({ flags, rest }, io) => {
  const json = flags["json"] === true;
  const record = flags["record"];
  const proof = await proveHub({
    ...standpoint(flags, io),
    command: rest,
    record: typeof record === "string" ? record : undefined,
    output: json ? "stderr" : "inherit",
  });
  if (json) io.shell.print(jsonDocument(proof));
  const how =
    proof.isolation === "network-namespace"
      ? `in an empty network namespace${proof.loopback ? "" : " (without loopback)"}`
      : "behind a proxy that leads nowhere (this system allows no network namespace: what ignores proxies was not kept from the network)";
  const home = proof.emptyCargoHome ? "an empty CARGO_HOME" : "CARGO_HOME set to the hub";
  const command = proof.command.join(" ");
  if (proof.passed)
    io.shell.status("Proved", `\`${command}\` ${how}, with ${home}, in ${formatDuration(proof.durationMs)}`);
  else if (!proof.lockUnchanged) io.shell.status("Failed", `\`${command}\` changed a lockfile`, "error");
  else
    io.shell.status(
      "Failed",
      `\`${command}\` ended with ${proof.signal ?? `exit code ${proof.exitCode}`} ${how}, with ${home}`,
      "error",
    );
  return proof.passed ? exitCodes.done : exitCodes.problems;
};
