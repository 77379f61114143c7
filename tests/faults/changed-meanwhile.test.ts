import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireLock } from "../../src/store/index.ts";
import { listing } from "./disk.ts";
import { makeWorld, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await makeWorld();
});

afterEach(() => world.close());

/** Takes one package out of the project's lockfile, as `cargo remove` would. */
function removePackage(name: string): void {
  const path = join(world.project, "Cargo.lock");
  const text = readFileSync(path, "utf8").replace(new RegExp(`^ "${name}",\\n`, "m"), "");
  const without = text.split("\n\n").filter((block) => !block.includes(`\nname = "${name}"\n`));
  writeFileSync(path, without.join("\n\n"));
}

test("a lockfile that changes while a fill is at work is noticed by the next fill", async () => {
  world.scene.registry.setFault("/crates/bulky/", { kind: "trickle", bytes: 2000, everyMs: 20, times: 1 });
  const filling = world.hubCommand(["fill"]);
  while (!world.scene.registry.paths().some((path) => path.startsWith("/crates/"))) await pause();
  removePackage("bulky");
  expect((await filling).code).toBe(0);
  expect((await world.verify()).outdated).toEqual([join(world.project, "Cargo.lock")]);
  const next = await world.hubCommand(["fill"]);
  expect(next).toMatchObject({ code: 0, stderr: expect.stringMatching(/Removing bulky/) });
  expect((await world.verify()).problems).toBe(0);
});

test("a fill that waited for another one fills what the lockfile says then", async () => {
  await world.fillHub();
  const lock = await acquireLock(join(world.hub, "registry/.hub-lock"), { mode: "exclusive" });
  rmSync(join(world.store, "stamps"), { recursive: true });
  const filling = world.fillHub();
  while (!world.events.some(({ kind }) => kind === "blocking")) await pause();
  removePackage("bulky");
  lock.release();
  expect((await filling).removed).toMatchObject([{ name: "bulky" }]);
  expect(await world.verify()).toMatchObject({ problems: 0, crates: 15 });
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

test("a fill takes crates away only while no cargo reads what it has listed", async () => {
  await world.fillHub();
  const cargoLock = join(world.scene.cargoHome, ".package-cache");
  world.scene.write(cargoLock.slice(world.scene.root.length), "");
  const lock = await acquireLock(cargoLock, { mode: "exclusive" });
  const before = listing(join(world.hub, "registry/src"));
  removePackage("bulky");
  const filling = world.fillHub();
  while (!world.events.some((event) => event.kind === "blocking" && event.on === cargoLock)) await pause();
  expect(listing(join(world.hub, "registry/src"))).toEqual(before);
  lock.release();
  expect((await filling).removed).toMatchObject([{ name: "bulky" }]);
  expect((await world.verify()).problems).toBe(0);
});

test("a fill that only adds crates does not wait for cargo", async () => {
  const lockfile = readFileSync(join(world.project, "Cargo.lock"), "utf8");
  removePackage("bulky");
  await world.fillHub();
  const cargoLock = join(world.scene.cargoHome, ".package-cache");
  world.scene.write(cargoLock.slice(world.scene.root.length), "");
  const lock = await acquireLock(cargoLock, { mode: "exclusive" });
  writeFileSync(join(world.project, "Cargo.lock"), lockfile);
  expect(await world.fillHub()).toMatchObject({ installed: 1, removed: [] });
  lock.release();
});
