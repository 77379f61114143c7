import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CargoConfig, loadConfig } from "../../src/cargo/index.ts";

/** A directory layout; paths are relative to its root. */
export interface Layout {
  readonly files?: Readonly<Record<string, string>>;
  /** From the link to what it holds, as written. */
  readonly links?: Readonly<Record<string, string>>;
  /** Default `app`. */
  readonly cwd?: string;
  /** CARGO_HOME, default `home`. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Values of `--config`; `ROOT` stands for the layout's root. */
  readonly configs?: readonly string[];
}

/** A layout on disk. */
export interface Stage {
  readonly root: string;
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly configs: readonly string[];
}

const roots: string[] = [];

/** Writes a layout below a fresh temporary directory. */
export function stage(layout: Layout): Stage {
  const root = mkdtempSync(join(realpathSync(tmpdir()), "cargo-config-"));
  roots.push(root);
  const cwd = join(root, layout.cwd ?? "app");
  const home = join(root, layout.home ?? "home");
  mkdirSync(cwd, { recursive: true });
  for (const [path, text] of Object.entries(layout.files ?? {})) write(root, path, text);
  for (const [path, target] of Object.entries(layout.links ?? {})) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  mkdirSync(home, { recursive: true });
  const configs = (layout.configs ?? []).map((text) => text.replaceAll("ROOT", root));
  return { root, cwd, home, env: layout.env ?? {}, configs };
}

/** Writes one more file of a stage. */
export function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Removes all layouts. */
export function unstage(): void {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
}

/** What a run of the real cargo gave. */
export interface CargoRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real cargo on a stage, with nothing of this process's environment but what finds the toolchain. */
export function cargo(staged: Stage, ...args: string[]): CargoRun {
  const configs = staged.configs.flatMap((text) => ["--config", text]);
  const run = spawnSync("cargo", [...configs, ...args], {
    cwd: staged.cwd,
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: homedir(),
      ...(process.env["RUSTUP_HOME"] === undefined ? {} : { RUSTUP_HOME: process.env["RUSTUP_HOME"] }),
      CARGO_HOME: staged.home,
      RUSTC_BOOTSTRAP: "1",
      ...staged.env,
    },
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

/** The configuration as this program reads it. */
export function ours(staged: Stage): CargoConfig {
  return loadConfig(
    { cwd: staged.cwd, cargoHome: staged.home, env: staged.env, cliConfigs: staged.configs, canonical },
    readText,
  );
}

function readText(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, "utf8") : undefined;
}

function canonical(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path);
}
