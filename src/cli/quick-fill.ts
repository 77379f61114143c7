import { homedir } from "node:os";
import { freshReport, isFillReport } from "../hub/index.ts";
import { storeRoots } from "../store/index.ts";
import { showFill } from "./fill-text.ts";
import { openShell, type Terminal } from "./shell.ts";
import { version } from "./version.ts";

/**
 * Answers a fill that has nothing to do, without loading what a fill needs.
 *
 * @returns whether it was answered.
 */
export function quickFill(flags: readonly string[], host: Terminal & { cwd(): string }): boolean {
  const { env } = host;
  const report = freshReport({
    storeRoot: storeRoots(env, homedir()).store,
    from: host.cwd(),
    program: `cargo-hub/${version}`,
    env,
  });
  if (!isFillReport(report)) return false;
  const quiet = flags.includes("-q") || flags.includes("--quiet");
  showFill(report, openShell(host, { color: "auto", verbosity: quiet ? -1 : 0, messageFormat: "human" }));
  return true;
}
