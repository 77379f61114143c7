import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { CRATES_IO, registryIdent } from "../../src/cargo/index.ts";
import { type Finished, type Scene, type StageOptions, stage } from "./stage.ts";

/** The built command line; the global set-up builds it before the first test. */
export const cargoHubPath: string = fileURLToPath(new URL("../../dist/cargo-hub.js", import.meta.url));

/** Directory name of crates.io in a hub. */
export const cratesIoIdent: string = registryIdent(CRATES_IO);

/** A scene for one test, closed when the test is over. */
export async function openScene(options: StageOptions): Promise<Scene> {
  const scene = await stage(options);
  onTestFinished(() => scene.close());
  return scene;
}

/** {@link openScene} with a hub that is filled already. */
export async function openFilled(options: StageOptions): Promise<Scene> {
  const scene = await openScene(options);
  await must(hub(scene, "fill"));
  return scene;
}

/** Waits for a run that has to succeed. */
export async function must(run: Promise<Finished>): Promise<Finished> {
  const finished = await run;
  if (finished.code !== 0) throw new Error(`exit code ${finished.code}:\n${finished.stderr}`);
  return finished;
}

/** Where and how a program runs; absent means in the project and with the scene's environment. */
export interface RunOptions {
  /** Below the scene's root, or absolute. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The store, data directory and home that {@link hub} uses in a scene. */
export function privateRoots(scene: Scene): Record<string, string> {
  return {
    CARGO_HUB_STORE: join(scene.root, "store"),
    CARGO_HUB_DATA: join(scene.root, "data"),
    XDG_CACHE_HOME: join(scene.root, "xdg-cache"),
  };
}

/** Runs cargo-hub in the project with a private store and CARGO_HOME. */
export function hub(scene: Scene, ...args: readonly string[]): Promise<Finished> {
  return hubIn(scene, {}, ...args);
}

/** {@link hub} somewhere else or with more environment. */
export function hubIn(scene: Scene, options: RunOptions, ...args: readonly string[]): Promise<Finished> {
  const env = { ...privateRoots(scene), ...options.env };
  return runIn(scene, { ...options, env }, [process.execPath, cargoHubPath, ...args]);
}

/** Runs a program with its arguments in the scene. */
export function runIn(scene: Scene, options: RunOptions, command: readonly string[]): Promise<Finished> {
  const [program = "", ...args] = command;
  const cwd = options.cwd === undefined ? scene.project : resolvePath(scene.root, options.cwd);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...scene.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, ...texts }));
  });
}

/** Runs a program in an empty network namespace, with an empty CARGO_HOME unless `env` names one. */
export function offline(scene: Scene, options: RunOptions, command: readonly string[]): Promise<Finished> {
  const home = mkdtempSync(join(scene.root, "empty-home-"));
  const flags = process.getuid?.() === 0 ? ["-n"] : ["-rn"];
  const env = { CARGO_HOME: home, ...options.env };
  return runIn(scene, { ...options, env }, ["unshare", ...flags, "--", ...command]);
}

/** Runs shell text in a private mount namespace, where it may mount a small or read-only file system. */
export function withMounts(scene: Scene, options: RunOptions, script: string): Promise<Finished> {
  const flags = process.getuid?.() === 0 ? ["-m"] : ["-rm"];
  const env = { ...privateRoots(scene), NODE: process.execPath, HUB: cargoHubPath, ...options.env };
  return runIn(scene, { ...options, env }, ["unshare", ...flags, "--", "sh", "-ec", script]);
}

/** An error as `--message-format json` shows it. */
export interface ShownError {
  readonly code: string;
  readonly what: string;
  readonly where: string | null;
  readonly help: string;
}

/** The messages that a run with `--message-format json` wrote to stderr; a line that is not a JSON object fails the test. */
export function messagesOf(finished: Finished): Readonly<Record<string, unknown>>[] {
  return finished.stderr
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const message: unknown = JSON.parse(line);
      if (!isRecord(message)) throw new Error(`not a JSON object: ${line}`);
      return message;
    });
}

/** The JSON document that is all of a run's standard output. */
export function documentOf(finished: Finished): Readonly<Record<string, unknown>> {
  const document: unknown = JSON.parse(finished.stdout);
  if (!isRecord(document)) throw new Error(`not a JSON object: ${finished.stdout}`);
  return document;
}

/** The one error of a run with `--message-format json` that ended with exit code 101. */
export function errorOf(finished: Finished): ShownError {
  const errors = messagesOf(finished).filter(({ reason }) => reason === "error");
  const [error] = errors;
  if (error === undefined || errors.length !== 1 || finished.code !== 101)
    throw new Error(`exit code ${finished.code}, ${errors.length} errors: ${finished.stderr}`);
  const { code, what, where, help } = error;
  if (typeof code !== "string" || typeof what !== "string" || typeof help !== "string")
    throw new Error(`not an error as documented: ${finished.stderr}`);
  return { code, what, where: typeof where === "string" ? where : null, help };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
