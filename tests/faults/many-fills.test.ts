import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, inodeOf, listing } from "./disk.ts";
import { variedCrates } from "./varied-crates.ts";
import { makeWorld, type World } from "./world.ts";

async function inWorld(action: (world: World) => Promise<void>): Promise<void> {
  const world = await makeWorld();
  try {
    await action(world);
  } finally {
    await world.close();
  }
}

/** How often each crate was downloaded. */
function downloads({ scene }: World): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of scene.registry.paths())
    if (path.startsWith("/crates/")) counts.set(path, (counts.get(path) ?? 0) + 1);
  return counts;
}

const PROCESSES = 8;

test("eight processes fill eight projects from one empty store at once: one blob of each crate, all hubs clean", () =>
  inWorld(async (world) => {
    const projects = Array.from({ length: PROCESSES }, (_, index) => join(world.scene.root, `project-${index}`));
    for (const project of projects) cpSync(world.project, project, { recursive: true });
    const runs = await Promise.all(
      projects.map((project) => world.hubCommand(["fill", "--manifest-path", join(project, "Cargo.toml")])),
    );
    for (const run of runs) expect(run.code, run.stderr).toBe(0);
    const crates = variedCrates().length;
    const blobs = filesBelow(join(world.store, "crates"));
    expect(blobs).toHaveLength(crates);
    expect(filesBelow(join(world.store, "trees")).filter((path) => path.endsWith("/list"))).toHaveLength(crates);
    expect(filesBelow(join(world.store, "partial")).filter((path) => !/\/partial\/\d/.test(path))).toEqual([]);
    // Of a tree the first one stays, so that all hubs share it.
    const shared = new Set(filesBelow(join(world.store, "trees")).map(inodeOf));
    const hubs = projects.map((project) => join(project, ".cargo"));
    for (const hub of hubs) {
      expect(listing(hub)).toEqual(listing(hubs[0] ?? ""));
      for (const path of filesBelow(join(hub, "registry/src"))) expect(shared.has(inodeOf(path)), path).toBe(true);
    }
    for (const cwd of projects) expect(await world.verify({ cwd })).toMatchObject({ problems: 0, foreign: [], crates });
    const counts = [...downloads(world).values()];
    expect(counts).toHaveLength(crates);
    expect(Math.max(...counts)).toBeLessThanOrEqual(PROCESSES);
    console.log(
      `${PROCESSES} processes downloaded ${crates} crates ${counts.reduce((sum, count) => sum + count, 0)} times`,
    );
  }));

test("four processes fill one project at once: one after the other, and those that wait say so", () =>
  inWorld(async (world) => {
    // The first is held up in the middle, so that the others surely meet its lock.
    world.scene.registry.setFault("/crates/bulky/", { kind: "trickle", bytes: 1000, everyMs: 25, times: 1 });
    const runs = await Promise.all(Array.from({ length: 4 }, () => world.hubCommand(["fill"])));
    for (const run of runs) expect(run.code, run.stderr).toBe(0);
    const waiting = runs.filter(({ stderr }) => /Blocking waiting for file lock on .*\.hub-lock/.test(stderr));
    expect(waiting).toHaveLength(3);
    expect(await world.verify()).toMatchObject({ problems: 0, foreign: [], crates: variedCrates().length });
    expect([...downloads(world).values()].every((count) => count === 1)).toBe(true);
    expect(filesBelow(join(world.store, "crates"))).toHaveLength(variedCrates().length);
  }));

test("fills of many projects survive that the store is wiped between them", () =>
  inWorld(async (world) => {
    const projects = Array.from({ length: 3 }, (_, index) => join(world.scene.root, `project-${index}`));
    for (const project of projects) {
      mkdirSync(project);
      cpSync(world.project, project, { recursive: true });
      expect((await world.hubCommand(["fill", "--manifest-path", join(project, "Cargo.toml")])).code).toBe(0);
      rmSync(world.store, { recursive: true });
    }
    for (const cwd of projects) expect((await world.verify({ cwd })).problems).toBe(0);
  }));
