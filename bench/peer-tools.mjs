// Peers that do not come with cargo: installed once, beside the workloads.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cargo, quietEnvironment } from "./cargo.mjs";
import { cache } from "./workloads.mjs";

const version = "0.2.12";
const root = join(cache, "tools", `cargo-local-registry-${version}`);

/** The program of cargo-local-registry; the first time it is built, which takes some minutes and needs a network. */
export function localRegistryTool() {
  const program = join(root, "bin", "cargo-local-registry");
  if (existsSync(program)) return program;
  console.error(`building cargo-local-registry ${version}`);
  mkdirSync(root, { recursive: true });
  const install = ["install", "cargo-local-registry", "--version", version, "--locked", "--quiet", "--root", root];
  const done = spawnSync(cargo, install, { cwd: root, env: environment(), stdio: ["ignore", "inherit", "inherit"] });
  if (done.status !== 0) throw new Error(`cargo-local-registry ${version} could not be built`);
  return program;
}

/** Whatever leads the caller's cargo to its registry, but nothing else of its configuration. */
function environment() {
  const kept = Object.entries(process.env).filter(([name]) => /_proxy$|^CARGO_HTTP_|^CARGO_HOME$/i.test(name));
  return { ...quietEnvironment({}), ...Object.fromEntries(kept) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(localRegistryTool());
