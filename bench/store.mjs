// Makes a store of many crates from a registry on loopback and measures `store status`, `gc` and `verify` on it:
// `node bench/store.mjs [CRATES] [FILES PER CRATE] [DIRECTORY]`. Built first: `npm run build`.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { timed } from "./measure.mjs";
import { program } from "./project.mjs";

const [crates = "2000", files = "60", parent = tmpdir()] = process.argv.slice(2);
const root = mkdtempSync(join(parent, "cargo-hub-store-bench-"));
process.once("exit", () => rmSync(root, { recursive: true, force: true }));
const env = {
  PATH: process.env.PATH,
  HOME: root,
  CARGO_HOME: join(root, "cargo-home"),
  CARGO_HUB_STORE: join(root, "store"),
  CARGO_HUB_DATA: join(root, "data"),
};

/** The registry of the tests, which is TypeScript. */
async function loadRegistry() {
  const outfile = join(root, "registry.mjs");
  await build({
    entryPoints: ["tests/support/loopback-registry.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  return await import(pathToFileURL(outfile));
}

/** Text that packs about as well as sources do. */
function sourceText(seed) {
  let state = seed;
  const lines = Array.from({ length: 20 + (seed % 80) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return `    let value_${state.toString(16)} = other::name(${state % 1000});\n`;
  });
  return lines.join("");
}

function crateSpec(number) {
  const text = (file) => sourceText(number * 1009 + file * 17 + 1);
  const sources = Array.from({ length: Number(files) }, (_, file) => [
    `src/part${file % 7}/file${file}.rs`,
    text(file),
  ]);
  return { name: `crate-${number}`, version: "1.0.0", files: Object.fromEntries(sources) };
}

function makeProject(name, packages, origin) {
  const directory = join(root, name);
  mkdirSync(join(directory, ".cargo"), { recursive: true });
  const locked = packages.map(
    (built) =>
      `[[package]]\nname = "${built.name}"\nversion = "${built.version}"\n` +
      `source = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${built.checksum}"\n`,
  );
  const own = `[[package]]\nname = "${name}"\nversion = "0.1.0"\ndependencies = [\n${packages.map((built) => ` "${built.name}",\n`).join("")}]\n`;
  const all = [own, ...locked].sort((a, b) => (a.split("\n")[1] < b.split("\n")[1] ? -1 : 1));
  writeFileSync(join(directory, "Cargo.lock"), `version = 4\n\n${all.join("\n")}`);
  writeFileSync(join(directory, "Cargo.toml"), `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n`);
  writeFileSync(
    join(directory, ".cargo/config.toml"),
    `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${origin}"\n`,
  );
  return directory;
}

/** Not by spawnSync: the registry is in this process. */
async function fill(cwd) {
  const child = spawn(process.execPath, [program, "fill"], { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`fill ended with ${code}`);
}

function measure(name, args, runs = 3) {
  const costs = Array.from({ length: runs }, () =>
    timed({ command: [process.execPath, program, ...args], cwd: root, env }),
  );
  const { wallMs, cpuMs, peakKib } = costs.toSorted((a, b) => a.wallMs - b.wallMs)[Math.floor(runs / 2)];
  const peak = `${Math.round(peakKib / 1024)} MB`;
  console.log(`${name.padEnd(26)} ${Math.round(wallMs)} ms, ${Math.round(cpuMs)} ms of processor, ${peak}`);
}

const { startRegistry } = await loadRegistry();
const registry = await startRegistry({ crates: [] });
const built = Array.from({ length: Number(crates) }, (_, number) => registry.add(crateSpec(number)));
const first = makeProject("first", built, registry.url);
const second = makeProject("second", built.slice(0, built.length / 2), registry.url);
await fill(first);
await fill(second);
await registry.close();
measure("store status", ["store", "status", "--json"]);
measure("store gc, nothing goes", ["store", "gc", "--json"]);
measure("store verify", ["store", "verify", "--json"]);
measure("store verify -j 1", ["store", "verify", "--json", "-j", "1"]);
rmSync(first, { recursive: true });
measure("store gc --dry-run, half", ["store", "gc", "--dry-run", "--grace", "0s"]);
measure("store gc, half goes", ["store", "gc", "--grace", "0s"], 1);
