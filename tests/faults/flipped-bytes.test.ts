import { afterAll, beforeAll, expect, test } from "vitest";
import type { VerifyReport } from "../../src/hub/index.ts";
import { areaNames, areaRows, ownedArea } from "./areas.ts";
import { flipSomewhere, sharing } from "./disk.ts";
import { seeded, seedOfRun } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

const FAULTS_PER_AREA = Number(process.env["CARGO_HUB_FAULTS"] ?? 60);
const seed = seedOfRun();

/** `linked`: hub and store share files. `copied`: they do not. */
const worlds: { linked?: World; copied?: World } = {};

beforeAll(async () => {
  worlds.linked = await makeWorld();
  await worlds.linked.fillHub();
  worlds.copied = await makeWorld();
  await worlds.copied.fillHub({ link: "copy" });
});

afterAll(async () => {
  await worlds.linked?.close();
  await worlds.copied?.close();
});

function world(kind: keyof typeof worlds): World {
  const found = worlds[kind];
  if (found === undefined) throw new Error(`there is no ${kind} world`);
  return found;
}

test.each(["linked", "copied"] as const)("a hub whose files are %s has nothing to complain of", async (kind) => {
  const report = await world(kind).verify();
  expect(report).toMatchObject({ problems: 0, missing: [], damaged: [], foreign: [], outdated: [], crates: 16 });
});

test.each(areaRows())(`verify finds any flipped bit in %s, files %s (seed ${seed})`, async (name, kind) => {
  const here = world(kind);
  const random = seeded(seed + areaNames.indexOf(name) * 2 + (kind === "linked" ? 0 : 1));
  const { files, area } = ownedArea(here, name);
  const same = sharing([`${here.hub}/registry`, here.store]);
  const missed: unknown[] = [];
  for (let fault = 0; fault < FAULTS_PER_AREA; fault += 1) {
    const path = random.pick(files);
    const expected =
      (kind === "linked" && path.includes("/registry/")) || path.startsWith(here.store) ? same(path) : [path];
    const flip = flipSomewhere(path, random);
    const found = await here.verify().then(damagedOf, String);
    flip.restore();
    const right = JSON.stringify(found) === JSON.stringify(expected);
    if (!right) missed.push({ flip: flip.told, area, expected, found });
  }
  expect(missed).toEqual([]);
  expect((await here.verify()).problems).toBe(0);
});

/** The paths of the damage list when nothing else was found; else the whole report. */
function damagedOf({ damaged, missing, foreign, problems }: VerifyReport): unknown {
  const paths = damaged.map(({ path }) => path).sort();
  return missing.length + foreign.length === 0 && problems === paths.length ? paths : { damaged, missing, foreign };
}
