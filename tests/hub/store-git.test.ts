import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repairStore, type StoreRepairReport, verifyStore } from "../../src/hub/index.ts";
import { filesBelow, flipByte, listing } from "../faults/disk.ts";
import { makeGitWorld } from "../faults/git-world.ts";
import type { World } from "../faults/world.ts";
import { must } from "../support/hub-runs.ts";
import { deletedKinds, gcAfter, statusAfter } from "./store-scene.ts";

function repair(world: World): Promise<StoreRepairReport> {
  const { env, home, onEvent } = world.options();
  return repairStore({ env, home, onEvent, jobs: 0 });
}

test("packs and clones of indexes that a hub needs stay, and go with the hub", async () => {
  const { world } = await makeGitWorld();
  await must(world.hubCommand(["fill"]));
  const { kinds } = statusAfter(world, 0);
  expect(kinds.pack.count).toBe(4);
  expect(kinds["git-index"].count).toBe(1);
  const { env, home, onEvent } = world.options();
  expect(await verifyStore({ env, home, onEvent, jobs: 4 })).toMatchObject({ packs: 4, problems: 0 });
  expect(deletedKinds(await gcAfter(world, 100))).toBe("");
  expect(await world.verify()).toMatchObject({ problems: 0, foreign: [] });
  rmSync(join(world.hub, "registry"), { recursive: true });
  await must(world.hubCommand(["fill", "--offline"]));

  rmSync(world.project, { recursive: true });
  await gcAfter(world, 0);
  expect(deletedKinds(await gcAfter(world, 15))).toMatch(/1 git-index, 1 hub-lock, .*4 pack/);
  // The lock of the clone stays: a lock file is never removed.
  const left = filesBelow(join(world.store, "git-index"));
  expect(left.every((path) => path.endsWith(".lock"))).toBe(true);
  expect(
    readdirSync(join(world.store, "packs")).flatMap((name) => readdirSync(join(world.store, "packs", name))),
  ).toEqual([]);
});

test("a pack that is not its commit's is found and thrown away, and the next fill fetches it", async () => {
  const { world } = await makeGitWorld();
  await must(world.hubCommand(["fill", "--link", "copy"]));
  const hub = listing(world.hub);
  for (const path of filesBelow(join(world.store, "packs"))) {
    const flip = flipByte(path, { offset: 100, bit: 3, keepTime: true });
    const { env, home, onEvent } = world.options();
    const report = await verifyStore({ env, home, onEvent, jobs: 0 });
    const finding = expect.objectContaining({ area: "store-pack", path });
    expect(report.damaged, flip.told).toContainEqual(finding);
  }
  const repaired = await repair(world);
  expect(repaired).toMatchObject({ packs: 0, problems: 0 });
  expect(repaired.repaired).toHaveLength(4);
  expect(listing(world.hub)).toEqual(hub);
  rmSync(join(world.hub, "registry"), { recursive: true });
  await must(world.hubCommand(["fill"]));
  expect(statusAfter(world, 0).kinds.pack.count).toBe(4);
  expect(await world.verify()).toMatchObject({ problems: 0, foreign: [] });
  expect(existsSync(join(world.store, "packs"))).toBe(true);
});
