import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { acquireLock, type LockHolder } from "../../src/store/index.ts";
import { type Scene, stage } from "../support/stage.ts";
import { start } from "./program.ts";

async function scene(): Promise<Scene> {
  const made = await stage({ crates: [{ name: "leaf", version: "1.0.0" }] });
  onTestFinished(() => made.close());
  return made;
}

test("cargo waits for our lock on its package cache, and goes on when we give it back", async () => {
  const { cargoHome, project, env } = await scene();
  const lock = await acquireLock(join(cargoHome, ".package-cache"), { mode: "exclusive" });
  expect(lock.how).toBe("flock");
  const cargo = start("sh", ["-c", 'cd "$1" && exec cargo fetch 2>&1', "sh", project], env);
  await cargo.saw("Blocking waiting for file lock on package cache");
  lock.release();
  const { code, stdout } = await cargo.ended();
  expect(stdout).toContain("leaf");
  expect(code).toBe(0);
});

test("we wait for cargo's lock on its package cache, and say that it is cargo's", async () => {
  const { cargoHome, project, env, registry } = await scene();
  registry.setFault("config.json", { kind: "hang" });
  const cargo = start("sh", ["-c", 'cd "$1" && exec cargo fetch 2>&1', "sh", project], env);
  await expect.poll(() => registry.requests.length, { timeout: 30_000 }).toBeGreaterThan(0);
  const holders: (LockHolder | undefined)[] = [];
  const acquiring = acquireLock(join(cargoHome, ".package-cache"), {
    mode: "exclusive",
    waitMessage: (holder) => {
      holders.push(holder);
      cargo.child.kill("SIGKILL");
    },
  });
  const lock = await acquiring;
  expect(holders).toEqual([{ pid: cargo.child.pid, program: "cargo" }]);
  lock.release();
});
