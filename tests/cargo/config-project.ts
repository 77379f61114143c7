import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { cargo, type Stage } from "./config-layout.ts";

/** Registries that nobody answers for: cargo is run offline. */
export const mirror = "sparse+http://127.0.0.1:1/mirror/";
export const corp = "sparse+http://127.0.0.1:1/corp/";

/** A project that depends on `wit`, from crates.io or from `registry`. */
export function project(registry?: string): Record<string, string> {
  const dependency = registry === undefined ? '"1"' : `{ version = "1", registry = "${registry}" }`;
  return {
    "app/Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nwit = ${dependency}\n`,
    "app/src/lib.rs": "",
  };
}

/** A directory source with `wit` in a version of its own, by which cargo's choice is seen. */
export function directory(path: string, version: string): Record<string, string> {
  return {
    [`${path}/wit/Cargo.toml`]: `[package]\nname = "wit"\nversion = "${version}"\nedition = "2021"\n[lib]\npath = "lib.rs"\n`,
    [`${path}/wit/lib.rs`]: "",
    [`${path}/wit/.cargo-checksum.json`]: `{"files":{},"package":"${"1".repeat(64)}"}`,
  };
}

/** The version of `wit` that cargo locks, which names the directory it was taken from. */
export function lockedVersion(staged: Stage): string {
  rmSync(join(staged.root, "app/Cargo.lock"), { force: true });
  const run = cargo(staged, "metadata", "--offline", "--format-version", "1");
  expect(run.status, run.stderr).toBe(0);
  const { packages }: { packages: { name: string; version: string }[] } = JSON.parse(run.stdout);
  return packages.find(({ name }) => name === "wit")?.version ?? "none";
}

/** What cargo says when it can not take `wit` from anywhere. */
export function failure(staged: Stage): string {
  const run = cargo(staged, "metadata", "--offline", "--format-version", "1");
  expect(run.status).toBe(101);
  return run.stderr;
}

/** Two directories of the project. */
export const two = { ...directory("app/one", "1.0.1"), ...directory("app/two", "1.0.2") };
