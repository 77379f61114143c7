import type { Terminal } from "./shell.ts";
import { version } from "./version.ts";

/** With these flags a fill that has nothing to do can be answered before the command line is parsed in full. */
const quietFillFlags: ReadonlySet<string> = new Set(["-q", "--quiet", "--locked", "--offline", "--frozen"]);

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
  if (args[0] === "fill" && args.slice(1).every((arg) => quietFillFlags.has(arg))) {
    const { quickFill } = await import("./quick-fill.ts");
    if (quickFill(args.slice(1), host)) return 0;
  }
  const { runCommandLine } = await import("./command-line.ts");
  return await runCommandLine(args, host);
}
