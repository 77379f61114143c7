// Measures resolving against cargo, cold process each, index prepared or warm: `node tests/differential/resolve-bench.mjs CORPUS
// [PROJECT…]`. CORPUS holds `index/` and `projects/`. Prints the median of processor time and of elapsed time, peak memory, and
// whether the lockfile is cargo's.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [corpus, ...wanted] = process.argv.slice(2);
if (corpus === undefined) throw new Error("name the directory with index/ and projects/");
const repository = fileURLToPath(new URL("../..", import.meta.url));
const scratch = join(repository, ".build", "resolve-bench");
const runs = Number(process.env.CARGO_HUB_RUNS ?? 5);
mkdirSync(scratch, { recursive: true });

async function bundled(name) {
  const outfile = join(scratch, `${name}.mjs`);
  await build({
    entryPoints: [join(repository, "tests/differential", `${name}.ts`)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  });
  return outfile;
}

/** Runs a command several times under `time`. */
function measure(command, options) {
  const samples = Array.from({ length: runs }, () => {
    options.before?.();
    const started = performance.now();
    const run = spawnSync("time", ["--format", "%U %S %M", ...command], { ...options, encoding: "utf8" });
    if (run.status !== 0) throw new Error(`${command.join(" ")}: ${run.stderr}`);
    const [user, system, memory] = run.stderr.trim().split("\n").at(-1).split(" ").map(Number);
    return { cpu: (user + system) * 1000, wall: performance.now() - started, memory: memory / 1024 };
  });
  const median = (key) => samples.map((sample) => sample[key]).sort((a, b) => a - b)[Math.floor(runs / 2)];
  return { cpu: median("cpu"), wall: median("wall"), memory: median("memory") };
}

const [prepare, resolve] = [await bundled("prepare-index-process"), await bundled("prepared-resolve-process")];
const prepared = join(scratch, "prepared");
if (!existsSync(join(prepared, "places.json"))) {
  mkdirSync(prepared, { recursive: true });
  console.log(spawnSync(process.execPath, [prepare, corpus, prepared], { encoding: "utf8" }).stdout.trim());
}
const cargo = spawnSync("rustup", ["which", "cargo"], { encoding: "utf8" }).stdout.trim() || "cargo";
const projects = readdirSync(join(corpus, "projects")).filter((name) => wanted.length === 0 || wanted.includes(name));
console.log(
  "project                       packages   cpu ms: ours / cargo = ratio     wall ms: ours / cargo = ratio   MB",
);
for (const name of projects) {
  const project = mkdtempSync(join(tmpdir(), "cargo-hub-bench-"));
  const source = join(corpus, "projects", name);
  cpSync(join(source, "Cargo.toml"), join(project, "Cargo.toml"));
  for (const path of ["src/lib.rs", "src/main.rs", "build.rs"]) {
    mkdirSync(join(project, "src"), { recursive: true });
    writeFileSync(join(project, path), "");
  }
  mkdirSync(join(project, ".cargo"));
  const config = `[source.crates-io]\nreplace-with = "disk"\n[source.disk]\nlocal-registry = "${corpus}"\n`;
  writeFileSync(join(project, ".cargo/config.toml"), config);
  const lock = join(project, "Cargo.lock");
  const before = () => rmSync(lock, { force: true });
  const ours = measure([process.execPath, resolve, prepared, project, lock], { before });
  const same = readFileSync(lock, "utf8") === readFileSync(join(source, "Cargo.lock.golden"), "utf8");
  const theirs = measure([cargo, "generate-lockfile", "--offline", "--quiet"], { before, cwd: project });
  const count = readFileSync(join(source, "Cargo.lock.golden"), "utf8").split("[[package]]").length - 1;
  const pair = (key) =>
    `${ours[key].toFixed(0).padStart(6)} /${theirs[key].toFixed(0).padStart(6)} = ${(ours[key] / theirs[key]).toFixed(2)}`;
  const memory = ours.memory.toFixed(0).padStart(4);
  console.log(
    `${name.padEnd(28)} ${String(count).padStart(9)} ${pair("cpu").padStart(27)} ${pair("wall").padStart(31)} ${memory} ${same ? "" : "DIFFERENT"}`,
  );
  rmSync(project, { recursive: true, force: true });
}
