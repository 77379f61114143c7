import { lstatSync } from "node:fs";
import { expect, test } from "vitest";
import { flipSomewhere, listing, sharing } from "./disk.ts";
import { gitAreas, makeGitWorld } from "./git-world.ts";
import { seeded, seedOfRun } from "./random.ts";

const FAULTS_PER_AREA = Number(process.env["CARGO_HUB_FAULTS"] ?? 30);
const seed = seedOfRun();

const rows = [
  ["directory", "linked", ["packs", "packages", "checksum files", "store packs", "hub.lock"]],
  ["directory", "copied", ["packs", "packages", "checksum files", "store packs", "hub.lock"]],
  ["cargo-home", "copied", ["packs", "databases", "index repositories", "store packs", "hub.lock"]],
  ["cargo-home", "linked", ["packs", "databases", "index repositories", "store packs", "hub.lock"]],
] as const;

test.each(rows)(
  `verify finds any flipped bit in what git sources bring, mode %s, files %s (seed ${seed})`,
  async (mode, kind, names) => {
    const { world } = await makeGitWorld(`mode = "${mode}"\n`);
    await world.fillHub({ link: kind === "copied" ? "copy" : "auto" });
    expect(await world.verify()).toMatchObject({ problems: 0, foreign: [] });
    const areas = gitAreas(world);
    expect(areas.map(({ name }) => name)).toEqual(names);
    const same = sharing([world.hub, world.store]);
    const random = seeded(seed + 7000);
    const missed: unknown[] = [];
    for (const { name, areas: allowed, files } of areas) {
      const filled = files.filter((path) => lstatSync(path).size > 0);
      for (let fault = 0; fault < FAULTS_PER_AREA; fault += 1) {
        const path = random.pick(filled);
        const flip = flipSomewhere(path, random);
        const { damaged, missing, foreign } = await world.verify();
        flip.restore();
        const twins = new Set(same(path));
        const right = damaged.every((found) => twins.has(found.path) && allowed.includes(found.area));
        if (damaged.length > 0 && right && missing.length + foreign.length === 0) continue;
        missed.push({ name, flip: flip.told, damaged, missing, foreign });
      }
    }
    expect(missed).toEqual([]);
    expect((await world.verify()).problems).toBe(0);
  },
  300_000,
);

test.each(["directory", "cargo-home"])(
  `a repair heals what git sources bring, mode %s (seed ${seed})`,
  async (mode) => {
    const { world } = await makeGitWorld(`mode = "${mode}"\n`);
    await world.fillHub({ link: "copy" });
    const before = listing(world.hub);
    const random = seeded(seed + 7500);
    for (const { name, files } of gitAreas(world)) {
      for (let fault = 0; fault < 5; fault += 1) {
        flipSomewhere(random.pick(files.filter((path) => lstatSync(path).size > 0)), random);
        const report = await world.repair({ link: "copy", offline: true });
        expect({ name, problems: report.problems }).toEqual({ name, problems: 0 });
      }
    }
    expect(listing(world.hub)).toEqual(before);
  },
  300_000,
);
