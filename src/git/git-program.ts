import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { findProgram, systemOf } from "../system/index.ts";
import { type Environment, gitEnvironment, gitOptions } from "./git-environment.ts";
import { GitError, writeFailure } from "./git-error.ts";
import type { GitProtocol } from "./git-url.ts";

/** How `git` is run. */
export interface GitSettings {
  /** An absolute path of a directory that only this process uses; what a killed process leaves is in there and nowhere else. */
  readonly directory: string;
  /** The user's environment, with what cargo's configuration says of proxies and authorities. */
  readonly env: Environment;
  /** Whether somebody sits at the terminal; only then ssh and credential helpers may ask. */
  readonly terminal: boolean;
  readonly network: "online" | "offline";
  /** After so many milliseconds without a sign of life git is ended. */
  readonly stallMs?: number;
  /** The program; `git` on the search path unless told. */
  readonly program?: string;
  /** The most that may be fetched into one repository. */
  readonly fetchedBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const STALL_MS = 60_000;
/** Of what git says only the end is kept; that is where its errors are. */
const KEPT_TEXT = 16 * 1024;
/** The most that a command whose answer is kept in memory may say: the references of a large repository. */
const ANSWER_BYTES = 64 * 1024 * 1024;

/** A command that has ended. */
export interface GitAnswer {
  /** The exit code; -1 for a signal. */
  readonly code: number;
  readonly stdout: Buffer;
  /** The end of what it said, in English, carriage returns as line ends. */
  readonly stderr: string;
}

/** One call of git. */
export interface GitCall {
  /** Command and arguments; the caller puts `--` before operands. */
  readonly args: readonly string[];
  /** The repository it works in. Its configuration is ours. */
  readonly repository: string;
  /** `repository` is a directory of a user's work tree instead: git looks for the repository from there upwards. */
  readonly inWorkTree?: boolean;
  readonly protocols?: readonly GitProtocol[];
  /** More environment, such as alternate objects. */
  readonly env?: Environment;
  /** Looked at every second while git runs; an error ends it. */
  readonly watch?: () => GitError | undefined;
}

const system = systemOf(process.platform);

/** Program, arguments and environment of a call. */
export function gitCommand(
  settings: GitSettings,
  call: GitCall,
): { program: string; args: string[]; env: Record<string, string> } {
  const stallSeconds = Math.max(1, Math.ceil((settings.stallMs ?? STALL_MS) / 1000));
  const { terminal } = settings;
  const env = gitEnvironment(settings.env, { protocols: call.protocols ?? [], terminal });
  for (const [name, value] of Object.entries(call.env ?? {})) if (value !== undefined) env[name] = value;
  const place = call.inWorkTree === true ? [] : [`--git-dir=${call.repository}`];
  const program = findProgram(settings.program ?? "git", { system, env, isFile: existsSync });
  return { program, args: [...gitOptions(stallSeconds), ...place, ...call.args], env };
}

/**
 * Runs git to its end.
 *
 * @throws {GitError} `git/program-missing`, `git/stalled`, `git/failed` for an answer without end. An exit code is the caller's to judge.
 */
export function runGit(settings: GitSettings, call: GitCall): Promise<GitAnswer> {
  const { program, args, env } = gitCommand(settings, call);
  const stallMs = settings.stallMs ?? STALL_MS;
  return new Promise((resolve, reject) => {
    // A session of its own has no terminal to ask at, and can be ended with all its children.
    const ownSession = !settings.terminal && system !== "windows";
    const child = spawn(program, args, {
      cwd: call.repository,
      env,
      detached: ownSession,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let failure: GitError | undefined;
    const end = (error: GitError): void => {
      failure ??= error;
      endProcess(child.pid, ownSession);
    };
    const abort = (): void => end(stopped());
    const silence = setTimeout(() => end(stalled(call, stallMs)), stallMs);
    const look = (): void => {
      try {
        const error = call.watch?.();
        if (error !== undefined) end(error);
      } catch (error) {
        end(writeFailure(error, call.repository));
      }
    };
    const looking = setInterval(look, 1000);
    settings.signal?.addEventListener("abort", abort);
    if (settings.signal?.aborted === true) abort();
    const stdout: Buffer[] = [];
    let stdoutBytes = 0;
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => {
      silence.refresh();
      stdoutBytes += piece.length;
      if (stdoutBytes > ANSWER_BYTES) end(endless(call));
      else stdout.push(piece);
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      silence.refresh();
      stderr = (stderr + piece).slice(-KEPT_TEXT);
    });
    const settle = (): void => {
      clearTimeout(silence);
      clearInterval(looking);
      settings.signal?.removeEventListener("abort", abort);
    };
    child.once("error", (error) => {
      settle();
      reject(programMissing(settings, { call, error }));
    });
    child.once("close", (code) => {
      settle();
      look();
      if (failure !== undefined) reject(failure);
      else resolve({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr: stderr.replaceAll("\r", "\n") });
    });
  });
}

/** Ends a program and, when it leads a session, all that it has started. */
export function endProcess(pid: number | undefined, leadsSession: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(leadsSession ? -pid : pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}

/** The error for a git that can not be started. */
export function programMissing(
  { program = "git" }: GitSettings,
  { call, error }: { readonly call: Pick<GitCall, "repository">; readonly error: Error },
): GitError {
  // A directory that is gone is reported in the same words.
  if (!existsSync(call.repository)) return writeFailure(new Error("the directory is gone"), call.repository);
  return new GitError({
    code: "git/program-missing",
    what: `${program} can not be started: ${error.message}`,
    help: "install git; sources that are git repositories need it",
    // No cause: it carries the arguments, and with them the credentials of a URL.
  });
}

function stalled({ args }: GitCall, stallMs: number): GitError {
  return new GitError({
    code: "git/stalled",
    what: `git ${args[0] ?? ""} gave no sign of life for ${stallMs / 1000} s`,
    help: "check the network and the host, then run the command again",
  });
}

function endless({ args }: GitCall): GitError {
  return new GitError({
    code: "git/failed",
    what: `git ${args[0] ?? ""} said more than ${ANSWER_BYTES} bytes`,
    help: "check the URL; no repository has that many references",
  });
}

function stopped(): GitError {
  return new GitError({
    code: "git/failed",
    what: "git was stopped",
    help: "run the command again",
  });
}
