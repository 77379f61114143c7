// The projects that are measured, by about how many packages their lockfile names, and where they are kept.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Everything the benchmark keeps between runs; outside the repository, may be deleted any time. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "cargo-hub-bench");
export const cargoHome = join(cache, "cargo-home");

/** Published programs that ship their lockfile, and the examples of this repository (no version). */
export const workloads = {
  25: { name: "async_example" },
  54: { name: "ripgrep", version: "15.2.0" },
  257: { name: "bat", version: "0.26.1" },
  280: { name: "reqwest", version: "0.13.5" },
  492: { name: "cargo-nextest", version: "0.9.151" },
  800: { name: "nu", version: "0.115.1" },
};

/** Examples whose crates are fetched beside the one that is measured. */
export const otherExamples = ["systems_example", "macro_example"];

export function projectDirectory(name) {
  return join(cache, "projects", name);
}

/** The `name-version` of every package that a lockfile takes from a registry. */
export function lockedCrates(lockfilePath) {
  const crates = [];
  for (const block of readFileSync(lockfilePath, "utf8").split("[[package]]").slice(1)) {
    const field = (key) => new RegExp(`^${key} = "([^"]*)"`, "m").exec(block)?.[1];
    if (field("checksum") !== undefined) crates.push(`${field("name")}-${field("version")}`);
  }
  return crates;
}
