import type { Terminal } from "./shell.ts";
import { version } from "./version.ts";

interface HostProcess extends Terminal {
  cwd(): string;
}

/**
 * Runs one command line.
 *
 * The version is answered without loading anything else; `cargo hub …` passes `hub` as the first argument, which is dropped.
 *
 * @returns the exit code.
 */
export async function runMain(argv: readonly string[], host: HostProcess): Promise<number> {
  const args = argv[0] === "hub" ? argv.slice(1) : argv;
  if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
    host.stdout.write(`cargo-hub ${version}\n`);
    return 0;
  }
  const { runCommandLine } = await import("./command-line.ts");
  return await runCommandLine(args, host);
}
