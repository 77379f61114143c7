// Fresh copies of published projects, and how both programs are run in them.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cargo, makeCargoHome, quietEnvironment } from "../bench/cargo.mjs";
import { cache, projectDirectory } from "../bench/workloads.mjs";

const repository = fileURLToPath(new URL("../", import.meta.url));
const gnuTime = "/usr/bin/time";

/**
 * Opens a directory for scenes. cargo-hub runs from a copy of dist/, so that a build in between disturbs nobody.
 *
 * @param {{ root: string, keep: boolean }} settings `root` is the upstream's sparse root
 */
export function openScenes({ root, keep }) {
  const parent = join(cache, "conformance");
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, "run-"));
  const close = () => {
    if (!keep) rmSync(directory, { recursive: true, force: true });
  };
  process.once("exit", close);
  const installed = join(directory, "cargo-hub");
  for (const name of ["dist", "package.json"])
    cpSync(join(repository, name), join(installed, name), { recursive: true });
  const program = join(installed, "dist", "cargo-hub.js");
  let count = 0;
  return {
    directory,
    root,
    close,
    /** An empty project directory at a new place. */
    empty: (options) => makeScene({ directory: join(directory, String((count += 1))), root, program, ...options }),
    /** A copy of a published project. */
    of(name, options) {
      const scene = this.empty(options);
      cpSync(projectDirectory(name), scene.project, { recursive: true });
      return scene;
    },
  };
}

function makeScene({ directory, root, program, store = join(directory, "store") }) {
  const project = join(directory, "project");
  mkdirSync(project, { recursive: true });
  const environment = quietEnvironment({
    CARGO_HOME: makeCargoHome(join(directory, "cargo-home"), root),
    CARGO_HUB_STORE: store,
    CARGO_HUB_DATA: join(directory, "data"),
    CARGO_TARGET_DIR: join(directory, "target"),
  });
  const path = (...parts) => join(project, ...parts);
  const run = (command, own = {}) => finished(command, { cwd: project, env: { ...environment, ...own } });
  const succeed = (command, own) => mustSucceed(run(command, own));
  const hub = (...args) => mustSucceed(run([process.execPath, program, ...args]));
  return {
    directory,
    project,
    store,
    root,
    environment,
    /** The beginning of every command line of cargo-hub. */
    program: [process.execPath, program],
    path,
    run,
    succeed,
    hub,
    read: (...parts) => readFileSync(path(...parts), "utf8"),
    write(relative, text) {
      mkdirSync(join(path(relative), ".."), { recursive: true });
      writeFileSync(path(relative), text);
    },
    /** cargo-hub, whatever its exit code. */
    tryHub: (...args) => run([process.execPath, program, ...args]),
    cargo: (...args) => succeed([cargo, ...args]),
    /** A fill with its report, wall time and peak memory. */
    fill: (...args) =>
      measuredFill({ directory, succeed, command: [process.execPath, program, "fill", "--json", ...args] }),
    /** `cargo-hub prove`: the program's own output, and the record. */
    prove(...command) {
      const record = join(directory, "proof.json");
      const done = hub("prove", "--record", record, "--", ...command);
      return { ...done, proof: JSON.parse(readFileSync(record, "utf8")) };
    },
  };
}

function measuredFill({ directory, succeed, command }) {
  const costs = join(directory, "cost");
  const done = succeed([gnuTime, "-q", "-f", "%e %M", "-o", costs, "--", ...command]);
  const [seconds, kib] = readFileSync(costs, "utf8").trim().split(" ").map(Number);
  const report = JSON.parse(done.stdout);
  const figures = `${report.crates} crates, ${(report.bytes / 1e6).toFixed(1)} MB: ${seconds.toFixed(2)} s, peak ${(kib / 1024).toFixed(0)} MB`;
  return { report, stderr: done.stderr, seconds, figures };
}

function finished([program, ...args], { cwd, env }) {
  const started = performance.now();
  const done = spawnSync(program, args, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 29,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (done.error !== undefined) throw done.error;
  const { status, stdout, stderr } = done;
  return { command: [program, ...args], status, stdout, stderr, seconds: (performance.now() - started) / 1000 };
}

function mustSucceed(done) {
  if (done.status === 0) return done;
  throw new Error(`${done.command.join(" ")} ended with ${done.status}:\n${done.stderr.slice(-3000)}`);
}

/** A command line inside an empty network namespace. */
export function withoutNetwork(command) {
  return ["unshare", ...(process.getuid?.() === 0 ? ["-n"] : ["-rn"]), "--", ...command];
}

/** Throws unless `condition` holds. */
export function must(condition, message) {
  if (!condition) throw new Error(message);
}

/** The verbs of `cargo build -v` with the packages they name: `{ Fresh: ["libc v0.2.1"], … }`. */
export function verbs(stderr) {
  const found = {};
  for (const [, verb, name] of stderr.matchAll(/^ +(Fresh|Compiling|Dirty|Checking) (\S+ v\S+?):?(?: .*)?$/gm)) {
    found[verb] = [...(found[verb] ?? []), name];
  }
  return found;
}
