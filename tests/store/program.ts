import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, type TestContext } from "vitest";

/** A running child process whose output is collected. */
export interface Running {
  readonly child: ChildProcess;
  /** Waits until stdout holds `text`; gives all of stdout. Fails when the process ends without it. */
  saw(text: string): Promise<string>;
  /** Waits for its end. */
  ended(): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Bundles `file` of this directory before the first test, for running in processes of its own; gives its path. */
export function bundled(file: string): () => string {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "cargo-hub-program-"));
    buildSync({
      entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
      outfile: join(directory, "program.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "warning",
    });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return () => join(directory, "program.mjs");
}

/** Starts a program; its stdin stays open until {@link Running.child} is told otherwise. */
export function start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const look of waiting) look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const end = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return {
    child,
    saw: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve(stdout);
        };
        waiting.add(look);
        look();
        void end.then(() => reject(new Error(`ended without «${text}»:\n${stdout}\n${stderr}`)), reject);
      }),
    ended: async () => ({ code: await end, stdout, stderr }),
  };
}

/** Runs a program and gives its stdout; its failure is the test's. */
export async function finish(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const running = start(command, args, env);
  running.child.stdin?.end();
  const { code, stdout, stderr } = await running.ended();
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/**
 * Says that a test can not run on this machine: a failure where `CI=true`, a skip with the reason elsewhere.
 *
 * @param missing What the machine would have to have.
 */
export function lacking(context: TestContext, missing: string): never {
  if (process.env["CI"] === "true") throw new Error(`this machine can not run the test: ${missing}`);
  return context.skip(missing);
}

/** Ends the test by {@link lacking} unless mounts can be made in a namespace of their own. */
export function needMounts(context: TestContext): void {
  if (spawnSync("unshare", ["-m", "mount", "--version"]).status !== 0)
    lacking(context, "it needs unshare(1) and mount(1), and to be run as root");
}

/** Arguments of unshare(1) that run a shell line in a mount namespace of its own; `args` are `$1`, `$2`, … in it. */
export function inMounts(line: string, ...args: readonly string[]): string[] {
  return ["-m", "sh", "-ec", line, "sh", ...args];
}
