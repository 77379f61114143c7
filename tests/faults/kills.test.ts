import { existsSync, mkdirSync, readdirSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ownedArea } from "./areas.ts";
import { listing } from "./disk.ts";
import { begin, beginnings, brokenFiles, killFill, leftOvers, prepareKills } from "./kills.ts";
import { seeded, seedOfRun } from "./random.ts";
import { makeWorld } from "./world.ts";

/** `node tests/faults/kill-soak.mjs` asks for more. */
const KILLS = Number(process.env["CARGO_HUB_KILLS"] ?? 60);
const seed = seedOfRun();

test(`a fill that is killed at any of ${KILLS} instants is completed by the next one (seed ${seed})`, async () => {
  const world = await makeWorld();
  world.scene.registry.add({ name: "many", version: "3.0.0" });
  world.scene.registry.add({ name: "extra", version: "0.1.0" });
  try {
    const scene = await prepareKills(world);
    const random = seeded(seed + 5000);
    const problems: unknown[] = [];
    let killed = 0;
    let halfway = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const beginning = beginnings[kill % beginnings.length] ?? "cold store";
      begin(scene, beginning);
      const running = await killFill(scene, beginning, random);
      if (running) killed += 1;
      const broken = brokenFiles(scene);
      const staging = join(world.hub, "registry/.hub-staging");
      if (existsSync(staging) && readdirSync(staging).length > 0) halfway += 1;
      const next = await world.hubCommand(["fill"]);
      const { problems: wrong, missing, damaged, foreign } = await world.verify();
      const same = JSON.stringify(listing(world.hub)) === JSON.stringify(scene.listings[scene.present]);
      const left = leftOvers(world);
      if (next.code === 0 && wrong === 0 && foreign.length === 0 && same && left.length + broken.length === 0) continue;
      const output = next.code === 0 ? "" : next.stderr;
      problems.push({ kill, beginning, running, output, missing, damaged, foreign, same, left, broken });
    }
    console.log(
      `${killed} of ${KILLS} fills killed while they ran, ${halfway} with something staged; undisturbed they take`,
      scene.durations,
    );
    expect(problems).toEqual([]);
    expect(killed).toBeGreaterThan(KILLS / 2);
    expect(halfway).toBeGreaterThan(KILLS / 20);
  } finally {
    await world.close();
  }
}, 600_000);

test("private files of killed fills are swept, also where only index files were being written", async () => {
  const world = await makeWorld();
  try {
    await world.fillHub();
    const seen = new Set<string | null>();
    const watcher = watch(join(world.hub, "registry"), (_event, name) => seen.add(name));
    world.scene.registry.yank("bulky", "1.0.1");
    await world.fillHub({ refresh: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    watcher.close();
    expect(seen).toContain(".hub-staging");
    const clean = listing(world.hub);
    const [raw = ""] = ownedArea(world, "raw index").files;
    for (const directory of [world.hub, join(world.hub, "registry"), dirname(raw)])
      writeFileSync(join(directory, ".4194305-7.hub-partial"), "torn");
    mkdirSync(join(world.hub, "registry/.hub-staging/4194305-abc/deep"), { recursive: true });
    await world.fillHub();
    expect(listing(world.hub)).toEqual(clean);
    expect(existsSync(join(world.hub, "registry/.hub-staging"))).toBe(false);
  } finally {
    await world.close();
  }
});
