import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyStore } from "../../src/hub/index.ts";
import { listing } from "./disk.ts";
import { type Random, seeded, seedOfRun } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

/** `node tests/faults/gc-soak.mjs` asks for more. */
const KILLS = Number(process.env["CARGO_HUB_KILLS"] ?? 20);
const JUNK = 60;
const seed = seedOfRun();
const gc = ["store", "gc", "--grace", "0s"];

/** A world whose store also holds what a hub needed that is gone. */
interface Scene {
  readonly world: World;
  /** The store before gc. */
  readonly template: string;
  /** {@link listing} of what an undisturbed gc leaves. */
  readonly clean: readonly string[];
  /** Milliseconds that it takes. */
  durationMs: number;
}

async function prepare(world: World): Promise<Scene> {
  await world.fillHub();
  const junk = Array.from({ length: JUNK }, (_, number) => `junk${number}`);
  for (const name of junk) world.scene.registry.add({ name, version: "1.0.0" });
  const other = join(world.scene.root, "other");
  mkdirSync(join(other, "src"), { recursive: true });
  writeFileSync(join(other, "src/lib.rs"), "");
  const config = readFileSync(join(world.hub, "config.toml"), "utf8").replace(/^include.*\n/m, "");
  mkdirSync(join(other, ".cargo"));
  writeFileSync(join(other, ".cargo/config.toml"), config);
  const deps = junk.map((name) => `${name} = "1"\n`).join("");
  writeFileSync(join(other, "Cargo.toml"), `[package]\nname = "other"\nversion = "0.1.0"\n\n[dependencies]\n${deps}`);
  const filled = await world.hubCommand(["fill", "--manifest-path", join(other, "Cargo.toml")]);
  if (filled.code !== 0) throw new Error(filled.stderr);
  rmSync(other, { recursive: true });
  const template = join(world.scene.root, "template");
  copy(world.store, template);
  const startedAt = performance.now();
  const run = await world.hubCommand(gc);
  if (run.code !== 0) throw new Error(run.stderr);
  return { world, template, clean: content(world), durationMs: performance.now() - startedAt };
}

function copy(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  const done = spawnSync("cp", ["-a", from, to]);
  if (done.status !== 0) throw new Error(String(done.stderr));
}

/** What lies in the store, but for bookkeeping that has no content. */
function content({ store }: World): string[] {
  return listing(store).filter((line) => !/^(?:lease|gone\/|stamps\/)/.test(line));
}

/** Starts a gc in a process group of its own and kills the group at a random instant. @returns whether it was still running. */
function killGc(scene: Scene, random: Random): Promise<boolean> {
  // The beginning is Node's own; a little beyond the end the last steps are met as well.
  const delayMs = scene.durationMs * (0.3 + random.below(850) / 1000);
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const { program, args, options } = scene.world.commandLine(gc);
    const child = spawn(program, args, { ...options, detached: true, stdio: "ignore" });
    child.once("error", reject);
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, delayMs);
    child.once("close", (_code, signal) => {
      clearTimeout(timer);
      if (signal !== "SIGKILL") scene.durationMs = (scene.durationMs + performance.now() - startedAt) / 2;
      resolve(signal === "SIGKILL");
    });
  });
}

test(`a gc that is killed at any of ${KILLS} instants loses nothing live, and the next one completes it (seed ${seed})`, async () => {
  const world = await makeWorld();
  try {
    const scene = await prepare(world);
    const random = seeded(seed + 7000);
    const problems: unknown[] = [];
    let killed = 0;
    let halfway = 0;
    const whole = listing(scene.template).length;
    for (let kill = 0; kill < KILLS; kill += 1) {
      copy(scene.template, world.store);
      const running = await killGc(scene, random);
      if (running) killed += 1;
      const left = listing(world.store).length;
      if (running && left < whole && left > scene.clean.length + 2) halfway += 1;
      const { env, home, onEvent } = world.options();
      const store = await verifyStore({ env, home, onEvent, jobs: 0 });
      const here = new Set(content(world));
      const lost = scene.clean.filter((line) => !here.has(line) && !line.startsWith("lines/"));
      rmSync(join(world.hub, "registry"), { recursive: true });
      await world.fillHub({ offline: true });
      const hub = await world.verify();
      const next = await world.hubCommand(gc);
      const after = content(world);
      const same = JSON.stringify(after) === JSON.stringify(scene.clean);
      const isRight = store.problems + hub.problems + hub.foreign.length + lost.length === 0;
      if (isRight && next.code === 0 && same) continue;
      const { damaged, missing } = store;
      problems.push({ kill, running, damaged, missing, hub, lost, output: next.stderr, same, after });
    }
    console.log(
      `${killed} of ${KILLS} gcs killed while they ran, ${halfway} of them halfway; undisturbed one takes ${Math.round(scene.durationMs)} ms`,
    );
    expect(problems).toEqual([]);
    expect(killed).toBeGreaterThan(KILLS / 2);
    expect(halfway).toBeGreaterThan(KILLS / 20);
  } finally {
    await world.close();
  }
}, 600_000);

test("what a killed gc took out of its place is swept by the next fill", async () => {
  const world = await makeWorld();
  try {
    await world.fillHub();
    const aside = join(world.store, "partial/4194305.1.00000000.0-aa-1/files");
    mkdirSync(aside, { recursive: true });
    writeFileSync(join(aside, "lib.rs"), "");
    rmSync(join(world.hub, "registry"), { recursive: true });
    await world.fillHub();
    expect(readdirSync(join(world.store, "partial"))).toEqual([]);
    expect(existsSync(aside)).toBe(false);
  } finally {
    await world.close();
  }
});
