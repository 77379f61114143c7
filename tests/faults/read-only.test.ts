import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { inMounts, needMounts } from "../store/program.ts";
import type { Finished } from "../support/stage.ts";
import { ownedArea } from "./areas.ts";
import { flipByte, listing } from "./disk.ts";
import { makeWorld, type World } from "./world.ts";

const READ_ONLY = 'mount -o bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';

/** Runs a program of the world while a directory lies on a file system that nobody can write to. */
function whileReadOnly(world: World, directory: string, command: readonly string[]): Promise<Finished> {
  return world.scene.run("unshare", inMounts(READ_ONLY, directory, ...command), { CARGO_HUB_STORE: world.store });
}

async function inFilledWorld(context: TestContext, action: (world: World) => Promise<void>): Promise<void> {
  needMounts(context);
  const world = await makeWorld();
  try {
    const filled = await world.hubCommand(["fill"]);
    expect(filled.code, filled.stderr).toBe(0);
    await action(world);
  } finally {
    await world.close();
  }
}

function program(world: World, ...args: string[]): readonly string[] {
  const line = world.commandLine(args);
  return [line.program, ...line.args];
}

test("a hub on a read-only file system is verified, shown and used by cargo", (context) =>
  inFilledWorld(context, async (world) => {
    const touch = await whileReadOnly(world, world.hub, ["touch", join(world.hub, "new")]);
    expect(touch.code).not.toBe(0);
    const verify = await whileReadOnly(world, world.hub, program(world, "verify", "--json"));
    expect(verify.code, verify.stderr).toBe(0);
    expect(JSON.parse(verify.stdout)).toMatchObject({ problems: 0, foreign: [], crates: 16 });
    const status = await whileReadOnly(world, world.hub, program(world, "status", "--json"));
    expect(JSON.parse(status.stdout)).toMatchObject({ on: true, incomplete: [] });
    const target = join(world.scene.root, "target");
    for (const args of [
      ["metadata", "--frozen", "--format-version", "1"],
      ["check", "--frozen", "--target-dir", target],
    ]) {
      const cargo = await whileReadOnly(world, world.hub, ["cargo", ...args]);
      expect(cargo.code, cargo.stderr).toBe(0);
    }
    expect(existsSync(join(target, "debug"))).toBe(true);
  }));

test("a fill of a read-only hub that has all is done; one that must change it is refused with a code", (context) =>
  inFilledWorld(context, async (world) => {
    const before = listing(world.hub);
    const fill = await whileReadOnly(world, world.hub, program(world, "fill"));
    expect(fill.code, fill.stderr).toBe(0);
    const slow = await whileReadOnly(world, world.hub, program(world, "fill", "--json"));
    expect(slow.code, slow.stderr).toBe(0);
    const flip = flipByte(ownedArea(world, "sources").files[0] ?? "", { offset: 0, bit: 0, keepTime: true });
    const hurt = listing(world.hub);
    const repair = await whileReadOnly(world, world.hub, program(world, "verify", "--repair"));
    expect(repair.code, repair.stderr).toBe(1);
    expect(repair.stderr).toContain("hub/not-writable");
    expect(listing(world.hub)).toEqual(hurt);
    flip.restore();
    expect(listing(world.hub)).toEqual(before);
  }));

test("a read-only store fills another hub", (context) =>
  inFilledWorld(context, async (world) => {
    const other = await makeWorld();
    try {
      const stored = listing(world.store);
      const line = other.commandLine(["fill", "--offline"]);
      const options = ["env", "-C", other.project, `CARGO_HUB_STORE=${world.store}`];
      const fill = await whileReadOnly(world, world.store, [...options, line.program, ...line.args]);
      expect(fill.code, fill.stderr).toBe(0);
      expect(listing(world.store)).toEqual(stored);
      const report = await other.verify({ env: { ...other.scene.env, CARGO_HUB_STORE: world.store } });
      expect(report).toMatchObject({ problems: 0, foreign: [], crates: 16 });
      expect(listing(join(other.hub, "registry/src"))).toEqual(listing(join(world.hub, "registry/src")));
    } finally {
      await other.close();
    }
  }));
