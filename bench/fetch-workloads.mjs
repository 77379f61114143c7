// Fetches the measured projects and their crates once, through cargo with a CARGO_HOME of its own. What is there stays.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cargo, quietEnvironment } from "./cargo.mjs";
import { cache, cargoHome, lockedCrates, otherExamples, projectDirectory, workloads } from "./workloads.mjs";

const examples = fileURLToPath(new URL("../examples/rust/", import.meta.url));

/** Makes the cache complete: one request after the other, and none for what is already there. */
export function fetchWorkloads() {
  mkdirSync(cargoHome, { recursive: true });
  const published = Object.values(workloads).filter(({ version }) => version !== undefined);
  for (const workload of published) {
    if (!holdsPublished(workload)) unpackPublished(workload);
  }
  const own = Object.values(workloads).filter(({ version }) => version === undefined);
  const names = [...own.map(({ name }) => name), ...otherExamples];
  for (const name of names) copyExample(name);
  for (const name of [...names, ...published.map((workload) => workload.name)]) fetchCrates(name);
}

function holdsPublished({ name, version }) {
  const project = projectDirectory(name);
  return existsSync(join(project, "Cargo.lock")) && manifestVersion(project) === version;
}

function manifestVersion(project) {
  return /^version = "([^"]+)"/m.exec(readFileSync(join(project, "Cargo.toml"), "utf8"))?.[1];
}

/** `cargo info` downloads and unpacks a crate without a project around it. */
function unpackPublished({ name, version }) {
  run(cache, ["info", "--quiet", "--registry", "crates-io", `${name}@${version}`]);
  const project = projectDirectory(name);
  rmSync(project, { recursive: true, force: true });
  copyProject(join(cacheOf("src"), `${name}-${version}`), project);
}

function copyExample(name) {
  const source = join(examples, name);
  if (!existsSync(join(source, "Cargo.lock"))) throw new Error(`${source} has no Cargo.lock`);
  rmSync(projectDirectory(name), { recursive: true, force: true });
  copyProject(source, projectDirectory(name));
}

/** Leaves out what would change cargo's behaviour or is only output. */
function copyProject(from, to) {
  const left = /^(\.cargo|\.cargo-ok|target|rust-toolchain(\.toml)?)$/;
  cpSync(from, to, { recursive: true, filter: (path) => !left.test(basename(path)) });
}

function fetchCrates(name) {
  const crates = lockedCrates(join(projectDirectory(name), "Cargo.lock"));
  const present = new Set(existsSync(join(cargoHome, "registry/cache")) ? readdirSync(cacheOf("cache")) : []);
  if (crates.every((crate) => present.has(`${crate}.crate`))) return;
  console.error(`fetching the ${crates.length} crates of ${name}`);
  run(projectDirectory(name), ["fetch", "--locked", "--quiet"]);
}

/** The directory that cargo made for the registry below registry/cache, registry/src or registry/index. */
export function cacheOf(kind) {
  const parent = join(cargoHome, "registry", kind);
  const [only, ...others] = readdirSync(parent);
  if (only === undefined || others.length > 0) throw new Error(`${parent} should hold exactly one registry`);
  return join(parent, only);
}

function run(directory, args) {
  const environment = { ...quietEnvironment({}), ...proxies(), CARGO_HOME: cargoHome };
  const done = spawnSync(cargo, args, { cwd: directory, env: environment, stdio: ["ignore", "ignore", "inherit"] });
  if (done.status !== 0) throw new Error(`cargo ${args.join(" ")} failed in ${directory}`);
}

function proxies() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => /_proxy$|^CARGO_HTTP_/i.test(name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) fetchWorkloads();
