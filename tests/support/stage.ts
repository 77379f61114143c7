import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CrateSpec, DependencySpec } from "./crate-builder.ts";
import { type LoopbackRegistry, type RegistryOptions, startRegistry } from "./loopback-registry.ts";

/** The world of one test: a project, a registry that stands for crates.io, and a private home for cargo. */
export interface Scene {
  /** Temporary directory that holds everything below. */
  readonly root: string;
  /** The project: Cargo.toml, src/main.rs, .cargo/config.toml. */
  readonly project: string;
  /** CARGO_HOME of {@link Scene.cargo}; empty at first. */
  readonly cargoHome: string;
  readonly registry: LoopbackRegistry;
  /** Environment for child processes: no proxies, no user configuration, `CARGO_HOME` set. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs cargo in the project. */
  cargo(...args: string[]): Promise<Finished>;
  /** Runs any program in the project, with `env` of the scene and then `env` of the call. */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** Writes a file below `root`; makes the directories above it. */
  write(path: string, text: string): void;
  /** Stops the registry and removes the directory. */
  close(): Promise<void>;
}

/** A child process that has ended. `code` is -1 when a signal ended it. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StageOptions {
  readonly crates: readonly CrateSpec[];
  /** The project's dependencies; absent means every crate of the registry that is its own newest line, at `=version`. */
  readonly deps?: Readonly<Record<string, string | DependencySpec>>;
  /** Path → text below the project; replaces generated files. */
  readonly files?: Readonly<Record<string, string>>;
  readonly registry?: Omit<RegistryOptions, "crates">;
}

/** Sets up a {@link Scene}. The project's config replaces crates.io by the loopback registry. */
export async function stage(options: StageOptions): Promise<Scene> {
  const registry = await startRegistry({ ...options.registry, crates: options.crates });
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-stage-"));
  const project = join(root, "app");
  const cargoHome = join(root, "cargo-home");
  mkdirSync(cargoHome);
  const env = privateEnvironment(cargoHome);
  const write = (path: string, text: string): void => {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  };
  const files = { ...projectFiles(options, registry), ...options.files };
  for (const [path, text] of Object.entries(files)) write(join("app", path), text);
  const run: Scene["run"] = (command, args, more) => finish(command, args, { cwd: project, env: { ...env, ...more } });
  return {
    root,
    project,
    cargoHome,
    registry,
    env,
    run,
    write,
    cargo: (...args) => run("cargo", args),
    async close() {
      await registry.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function projectFiles(options: StageOptions, registry: LoopbackRegistry): Record<string, string> {
  const deps = options.deps ?? Object.fromEntries(options.crates.map(({ name, version }) => [name, `=${version}`]));
  const lines = Object.entries(deps).map(([key, value]) => dependencyLine(key, value));
  return {
    "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${lines.join("")}`,
    "src/main.rs": 'fn main() {\n    println!("built offline");\n}\n',
    ".cargo/config.toml": `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${registry.url}"\n`,
  };
}

function dependencyLine(key: string, value: string | DependencySpec): string {
  if (typeof value === "string") return `${key} = "${value}"\n`;
  const parts = [`version = "${value.version}"`];
  if (value.package !== undefined) parts.push(`package = "${value.package}"`);
  if (value.optional === true) parts.push("optional = true");
  if (value.defaultFeatures === false) parts.push("default-features = false");
  if (value.features !== undefined) parts.push(`features = ${JSON.stringify(value.features)}`);
  return `${key} = { ${parts.join(", ")} }\n`;
}

/** The caller's environment without what would change how cargo or cargo-hub reach a registry. */
function privateEnvironment(cargoHome: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^CARGO|_proxy$|^SSL_CERT|^NODE_|^RUSTFLAGS$|^RUSTC|^VITEST/i.test(name))
      env[name] = value;
  }
  return { ...env, CARGO_HOME: cargoHome };
}

function finish(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}
