import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectText } from "../hub/git-scene.ts";
import { libraryFiles } from "../support/git-repository.ts";
import { must } from "../support/hub-runs.ts";
import { listing } from "./disk.ts";
import { makeGitWorld } from "./git-world.ts";
import { type Beginning, begin, beginnings, killFill, leftOvers } from "./kills.ts";
import { seeded, seedOfRun } from "./random.ts";

/** `node tests/faults/kill-soak.mjs` asks for more. */
const KILLS = Number(process.env["CARGO_HUB_KILLS"] ?? 24);
const seed = seedOfRun();

test(`a fill of git sources that is killed at any of ${KILLS} instants is completed by the next one (seed ${seed})`, async () => {
  const { world, sources } = await makeGitWorld();
  const { scene, repositories } = sources;
  const first = projectText(scene, "Cargo.lock");
  repositories.branched.commit(libraryFiles("branched", 'pub const NAME: &str = "moved on";'));
  await must(scene.cargo("update", "-p", "branched"));
  const second = projectText(scene, "Cargo.lock");
  expect(second).not.toBe(first);
  await must(scene.run("rm", ["-rf", join(scene.cargoHome, "git"), join(scene.cargoHome, "registry")]));
  const listings: string[][] = [];
  for (const lock of [second, first]) {
    writeFileSync(join(world.project, "Cargo.lock"), lock);
    await must(world.hubCommand(["fill"]));
    listings.unshift(listing(world.hub));
  }
  const durations: Record<Beginning, number> = { "cold store": 0, "warm store": 0, "changed lockfile": 0 };
  const [one = [], other = []] = listings;
  const kills = { world, locks: [first, second], listings: [one, other], durations, present: 0 } as const;
  const state = { ...kills, present: 0 as 0 | 1 };
  for (const beginning of beginnings) {
    begin(state, beginning);
    const startedAt = performance.now();
    await must(world.hubCommand(["fill"]));
    durations[beginning] = performance.now() - startedAt;
  }
  const random = seeded(seed + 9000);
  const problems: unknown[] = [];
  let killed = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const beginning = beginnings[kill % beginnings.length] ?? "cold store";
    begin(state, beginning);
    if (beginning === "cold store") rmSync(join(scene.cargoHome, "git"), { recursive: true, force: true });
    const running = await killFill(state, beginning, random);
    if (running) killed += 1;
    const next = await world.hubCommand(["fill"]);
    if (next.code !== 0) {
      problems.push({ kill, beginning, running, output: next.stderr });
      continue;
    }
    const { problems: wrong, missing, damaged, foreign } = await world.verify();
    const same = JSON.stringify(listing(world.hub)) === JSON.stringify(listings[state.present]);
    const left = leftOvers(world);
    if (wrong === 0 && foreign.length === 0 && same && left.length === 0) continue;
    problems.push({ kill, beginning, running, missing, damaged, foreign, same, left });
  }
  console.log(`${killed} of ${KILLS} fills killed while they ran; undisturbed they take`, durations);
  expect(problems).toEqual([]);
  expect(killed).toBeGreaterThan(KILLS / 2);
}, 900_000);
