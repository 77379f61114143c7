// An old cargo: the one of the system's distribution, unpacked beside, not installed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cache } from "../bench/workloads.mjs";

const place = join(cache, "older-cargo");

/**
 * Fetches and unpacks cargo, rustc and what of their libraries is not installed; the second time it is there.
 *
 * @returns {{ cargo: string, rustc: string, env: Record<string, string> }}
 */
export function debianCargo() {
  if (!existsSync(place)) fetchPackages();
  const root = join(place, "usr");
  const libraries = readdirSync(join(root, "lib")).filter((name) => name.endsWith("-linux-gnu"));
  const env = {
    LD_LIBRARY_PATH: libraries.map((name) => join(root, "lib", name)).join(":"),
    PATH: `${join(root, "bin")}:${process.env.PATH}`,
    RUSTC: join(root, "bin", "rustc"),
  };
  return { cargo: join(root, "bin", "cargo"), rustc: env.RUSTC, env };
}

function fetchPackages() {
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, "older-cargo-"));
  try {
    const wanted = new Set();
    collect("cargo", wanted);
    run("apt-get", ["download", "-q", ...wanted], scratch);
    const unpacked = join(scratch, "root");
    for (const name of readdirSync(scratch).filter((entry) => entry.endsWith(".deb"))) {
      run("dpkg", ["-x", join(scratch, name), unpacked], scratch);
    }
    renameSync(unpacked, place);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The package and its dependencies that are not installed. Of alternatives (a C compiler) some one is taken to be there. */
function collect(name, wanted) {
  if (wanted.has(name) || isInstalled(name)) return;
  wanted.add(name);
  let alternative = false;
  for (const line of run("apt-cache", ["depends", "--important", name]).split("\n")) {
    const found = /^ ([ |])(?:Pre)?Depends: ([a-z0-9][a-z0-9+.-]*)$/.exec(line);
    if (found === null) {
      alternative = false;
      continue;
    }
    const partOfChoice = alternative || found[1] === "|";
    alternative = found[1] === "|";
    if (!partOfChoice) collect(found[2], wanted);
  }
}

function isInstalled(name) {
  const done = spawnSync("dpkg-query", ["-W", "-f", "${db:Status-Status}", name], { encoding: "utf8" });
  return done.status === 0 && done.stdout.startsWith("installed");
}

function run(program, args, cwd) {
  const done = spawnSync(program, args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  if (done.error !== undefined)
    throw new Error(`an older cargo is fetched with ${program}, which cannot be started: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${done.status}: ${done.stderr}`);
  return done.stdout;
}
