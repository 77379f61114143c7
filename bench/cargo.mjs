// The cargo that is measured, and the environment both sides run in.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The toolchain's own cargo: rustup's stand-in would add its start-up to every run. */
export const cargo = findCargo();

function findCargo() {
  const rustup = spawnSync("rustup", ["which", "cargo"], { encoding: "utf8" });
  if (rustup.status === 0) return rustup.stdout.trim();
  const found = spawnSync("sh", ["-c", "command -v cargo"], { encoding: "utf8" });
  if (found.status === 0) return found.stdout.trim();
  throw new Error("cargo is needed, as the peer that is measured");
}

/** The caller's environment without what would change cargo or send loopback traffic to a proxy. */
export function quietEnvironment(own) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(CARGO|RUSTUP|RUSTC|npm_)|_proxy$/i.test(name));
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(cargo)}${delimiter}${process.env.PATH ?? ""}`,
    CARGO_TERM_COLOR: "never",
    ...own,
  };
}

/** Makes an empty CARGO_HOME whose crates.io is the registry at `root`. */
export function makeCargoHome(directory, root) {
  mkdirSync(directory, { recursive: true });
  const config = `[source.crates-io]\nreplace-with = "bench"\n\n[source.bench]\nregistry = "sparse+${root}"\n`;
  writeFileSync(join(directory, "config.toml"), config);
  return directory;
}
