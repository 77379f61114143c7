import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { findProgram, systemOf } from "../../system/index.ts";
import { HeldWords } from "./held-words.ts";

/** How long a program may take, in milliseconds. */
export interface ProgramTimes {
  /** After this a person is told who is waited for. */
  readonly noticeMs: number;
  /** After this it is stopped: it may wait for a person, but not for ever. */
  readonly stopMs: number;
  /** How long what it says is held back. */
  readonly holdMs: number;
}

/** One run of a program. */
export interface ProgramCall {
  /** A name that is looked for in PATH, or a path; then the arguments. No shell sees them. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * With it, the program is talked to: it is asked what a line of output is to be answered with. Without it, standard input
   * is the user's own, and the output is read to its end.
   */
  readonly reply?: (line: string) => Reply;
  readonly times: ProgramTimes;
  /** Stops the program. */
  readonly signal: AbortSignal;
  /** Told once, when `noticeMs` are over. */
  onWait(): void;
  /** What it says on standard error and could not be held back any longer. */
  onWords(text: string): void;
}

/** What to do about a line: write another, or stop talking; a program that is not understood is stopped. */
export type Reply =
  | { readonly kind: "say"; readonly line: string }
  | { readonly kind: "thanks" }
  | { readonly kind: "stop" };

/** How a program ended. `words` is the rest of what it said on standard error. */
export type ProgramEnd = { readonly words: string } & (
  | {
      readonly kind: "ended";
      readonly code: number | null;
      readonly signal: string | null;
      readonly output: Uint8Array;
    }
  | { readonly kind: "not-started"; readonly reason: string }
  /** It said more than a token can need. */
  | { readonly kind: "too-much" }
  | { readonly kind: "too-long" }
  /** By the caller's `signal` or a reply. */
  | { readonly kind: "stopped" }
);

const MAX_OUTPUT_BYTES = 64 * 1024;
/** After the end: what its last words may take to arrive, when something it started keeps the pipe open. */
const LAST_WORDS_MS = 200;

/** Runs a program and waits for its end. Never throws for what the program does. */
export function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  return new Promise((resolve) => new ProgramRun(call, resolve).start());
}

class ProgramRun {
  readonly #call: ProgramCall;
  readonly #words: HeldWords;
  readonly #resolve: (end: ProgramEnd) => void;
  readonly #output: Uint8Array[] = [];
  #outputBytes = 0;
  #readBytes = 0;
  #hasThanked = false;
  #outputEnded = false;
  #exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  #timers: NodeJS.Timeout[] = [];
  #child: ChildProcess | undefined;
  #isDone = false;

  constructor(call: ProgramCall, resolve: (end: ProgramEnd) => void) {
    this.#call = call;
    this.#resolve = resolve;
    this.#words = new HeldWords(call.times.holdMs, (text) => call.onWords(text));
  }

  start(): void {
    const { command, env, reply, times, signal } = this.#call;
    if (signal.aborted) {
      this.#finish({ kind: "stopped" });
      return;
    }
    const [name, ...args] = command;
    const program = findProgram(name, { system: systemOf(process.platform), env, isFile: existsSync });
    let child: ChildProcess;
    try {
      const stdin = reply === undefined ? "inherit" : "pipe";
      child = spawn(program, args, { env, stdio: [stdin, "pipe", "pipe"], windowsHide: true });
    } catch (error) {
      // An empty name, or a zero byte in an argument.
      this.#finish({ kind: "not-started", reason: reasonOf(error) });
      return;
    }
    this.#child = child;
    child.once("error", (error) => this.#finish({ kind: "not-started", reason: reasonOf(error) }));
    child.stdin?.on("error", () => undefined); // it ended without reading; its end says more
    child.stdout?.on("data", (chunk: Uint8Array) => this.#read(chunk));
    child.stdout?.once("end", () => {
      this.#outputEnded = true;
      this.#settle();
    });
    child.stderr?.on("data", (chunk: Uint8Array) => this.#words.add(chunk));
    child.once("exit", (code, by) => {
      this.#exit = { code, signal: by };
      this.#settle();
    });
    this.#timers.push(setTimeout(() => this.#call.onWait(), times.noticeMs));
    this.#timers.push(setTimeout(() => this.#finish({ kind: "too-long" }), times.stopMs));
    signal.addEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => this.#finish({ kind: "stopped" });

  #read(chunk: Uint8Array): void {
    if (this.#hasThanked || this.#isDone) return;
    this.#outputBytes += chunk.length;
    if (this.#outputBytes > MAX_OUTPUT_BYTES) {
      this.#finish({ kind: "too-much" });
      return;
    }
    this.#output.push(chunk);
    if (this.#call.reply !== undefined && chunk.includes(10)) this.#talk(this.#call.reply);
  }

  /** Answers every line that is complete by now. */
  #talk(reply: (line: string) => Reply): void {
    const all = Buffer.concat(this.#output);
    for (let end = all.indexOf(10, this.#readBytes); end !== -1; end = all.indexOf(10, this.#readBytes)) {
      const answer = reply(all.toString("utf8", this.#readBytes, end));
      this.#readBytes = end + 1;
      if (answer.kind === "stop") {
        this.#finish({ kind: "stopped" });
        return;
      }
      if (answer.kind === "thanks") {
        this.#hasThanked = true;
        this.#child?.stdin?.end();
        this.#settle();
        return;
      }
      this.#child?.stdin?.write(`${answer.line}\n`);
    }
  }

  /** Done when the program is gone and nothing more is to be read from it. */
  #settle(): void {
    const exit = this.#exit;
    if (exit === undefined || this.#isDone || !(this.#outputEnded || this.#hasThanked)) return;
    const end = { kind: "ended", ...exit, output: Buffer.concat(this.#output) } as const;
    const { stderr } = this.#child ?? {};
    if (stderr === null || stderr === undefined || stderr.readableEnded) {
      this.#finish(end);
      return;
    }
    stderr.once("end", () => this.#finish(end));
    this.#timers.push(setTimeout(() => this.#finish(end), LAST_WORDS_MS));
  }

  #finish(end: WithoutWords<ProgramEnd>): void {
    if (this.#isDone) return;
    this.#isDone = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#call.signal.removeEventListener("abort", this.#onAbort);
    if (this.#exit === undefined) this.#child?.kill("SIGKILL");
    for (const pipe of [this.#child?.stdin, this.#child?.stdout, this.#child?.stderr]) pipe?.destroy();
    this.#resolve({ ...end, words: this.#words.rest() });
  }
}

type WithoutWords<End> = End extends unknown ? Omit<End, "words"> : never;

function reasonOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such program";
  if (code === "EACCES") return "it may not be run";
  return typeof code === "string" ? `it could not be started (${code})` : "it could not be started";
}
