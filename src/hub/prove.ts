import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { formatProof, type ProofRecord } from "../formats/index.ts";
import { hubLayout } from "../plan/index.ts";
import { removePath, thisSystem } from "../store/index.ts";
import { userHome, variable } from "../system/index.ts";
import { makeDirectory, sha256Hex, writeError } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { isolate } from "./isolation.ts";
import { type LoadedLockfile, loadHubToml, loadLockfiles, lockfileMissing } from "./load.ts";
import { existingHub, type HubPlace, inHub, type Standpoint } from "./locate.ts";
import { programToStart } from "./programs.ts";
import type { Environment } from "./sources.ts";

export interface ProveOptions extends Standpoint {
  readonly env: Environment;
  /** Program and arguments; empty: `cargo check --frozen`. */
  readonly command: readonly string[];
  /** Where to write the record, or undefined. */
  readonly record: string | undefined;
  /** Where the command's standard output goes: through, or to standard error when ours carries the record. */
  readonly output: "inherit" | "stderr";
}

/** What cargo builds by default. */
export const defaultProofCommand: readonly string[] = ["cargo", "check", "--frozen"];

/**
 * Runs a command with no network and, in mode `directory`, an empty CARGO_HOME; records what it showed.
 *
 * @throws {HubRoomError} hub/not-found; hub/cargo-failed when the program cannot be started.
 */
export async function proveHub(options: ProveOptions): Promise<ProofRecord> {
  const place = existingHub(options);
  if (!existsSync(inHub(place, hubLayout.hubLock))) throw neverFilled(place);
  const hubToml = loadHubToml(place);
  const before = lockfilesNow(place);
  const command = options.command.length === 0 ? defaultProofCommand : options.command;
  const home = hubToml.mode === "cargo-home" ? undefined : emptyHome();
  try {
    const env = proofEnvironment(options.env, home ?? place.dotCargo);
    const run = isolate(command, options.env);
    const startedAt = new Date();
    const start = performance.now();
    const end = await runCommand(run.program, run.args, {
      cwd: options.cwd,
      env: { ...env, ...run.env },
      output: options.output,
    });
    const durationMs = Math.round(performance.now() - start);
    const after = lockfilesNow(place);
    const lockUnchanged = after.every(({ path, text }) => before.some((was) => was.path === path && was.text === text));
    const record: ProofRecord = {
      formatVersion: 1,
      passed: end.exitCode === 0 && lockUnchanged,
      command,
      directory: relative(place.root, options.cwd).split(sep).join("/") || ".",
      ...end,
      isolation: run.isolation,
      loopback: run.loopback,
      emptyCargoHome: home !== undefined,
      lockUnchanged,
      hubLock: sha256Hex(readFileSync(inHub(place, hubLayout.hubLock))),
      lockfiles: after.map(({ path, sha256 }) => ({ path, sha256 })),
      toolchain: { cargo: versionOf("cargo", options), rustc: versionOf("rustc", options) },
      startedAt: `${startedAt.toISOString().slice(0, 19)}Z`,
      durationMs,
    };
    if (options.record !== undefined) saveRecord(resolve(options.cwd, options.record), record);
    return record;
  } finally {
    if (home !== undefined) removePath(home, { recursive: true });
  }
}

/** A new CARGO_HOME. Its real path: cargo compares paths as text, and macOS has its temporary directory behind a link. */
function emptyHome(): string {
  return realpathSync.native(mkdtempSync(join(tmpdir(), "cargo-hub-prove-")));
}

function neverFilled(place: HubPlace): HubRoomError {
  return new HubRoomError({
    code: "hub/not-found",
    what: "this hub was never filled: it has no hub.lock",
    where: place.dotCargo,
    help: "run `cargo-hub fill`",
  });
}

function lockfilesNow(place: HubPlace): LoadedLockfile[] {
  return loadLockfiles(place, loadHubToml(place), {
    make: (absolute) => {
      throw lockfileMissing(absolute, "it does not exist, so nothing can be proved with it");
    },
  });
}

/** The caller's environment with another CARGO_HOME; rustup's shims must still find their toolchains. */
function proofEnvironment(env: Environment, cargoHome: string): NodeJS.ProcessEnv {
  const rustupHome = variable(thisSystem, env, "RUSTUP_HOME") ?? join(userHome(thisSystem, env, homedir()), ".rustup");
  return { ...env, CARGO_HOME: cargoHome, RUSTUP_HOME: rustupHome };
}

interface Running {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly output: ProveOptions["output"];
}

function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env, output }: Running,
): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(program, [...args], {
      cwd,
      env,
      stdio: ["inherit", output === "stderr" ? 2 : "inherit", "inherit"],
    });
    child.on("error", (cause) => {
      reject(
        new HubRoomError({
          code: "hub/cargo-failed",
          what: `\`${program}\` cannot be started: ${cause.message}`,
          help: "install it, or name another command after `--`",
          cause,
        }),
      );
    });
    child.on("exit", (exitCode, signal) => resolvePromise({ exitCode, signal }));
  });
}

function versionOf(program: string, { cwd, env }: ProveOptions): string | null {
  const run = spawnSync(programToStart(program, env), ["--version"], { cwd, env, encoding: "utf8" });
  return run.status === 0 ? (run.stdout.split("\n")[0] ?? null) : null;
}

function saveRecord(path: string, record: ProofRecord): void {
  try {
    makeDirectory(dirname(path));
    writeFileSync(path, formatProof(record));
  } catch (error) {
    throw writeError(error, path);
  }
}
