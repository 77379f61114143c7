import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, listing } from "./disk.ts";
import type { Random } from "./random.ts";
import { variedDependencies } from "./varied-crates.ts";
import type { World } from "./world.ts";

/** What a fill finds: nothing at all, a store that has everything, or a hub that must change. */
export const beginnings = ["cold store", "warm store", "changed lockfile"] as const;

export type Beginning = (typeof beginnings)[number];

/** A world between whose two lockfiles a project may change. */
export interface KillScene {
  readonly world: World;
  /** Texts of the two lockfiles. */
  readonly locks: readonly [string, string];
  /** {@link listing} of the hub of each lockfile, its hub.lock included. */
  readonly listings: readonly [readonly string[], readonly string[]];
  /** Milliseconds that a fill takes which is not disturbed. */
  readonly durations: Record<Beginning, number>;
  /** Which lockfile the project has. */
  present: 0 | 1;
}

/** Makes the second lockfile, fills both once, and measures how long a fill takes from each beginning. */
export async function prepareKills(world: World): Promise<KillScene> {
  const manifest = join(world.project, "Cargo.toml");
  const first = readFileSync(manifest, "utf8");
  const second = secondManifest(first);
  const firstLock = readFileSync(join(world.project, "Cargo.lock"), "utf8");
  writeFileSync(manifest, second);
  rmSync(join(world.project, "Cargo.lock"));
  const made = await world.scene.cargo("generate-lockfile");
  if (made.code !== 0) throw new Error(made.stderr);
  const locks = [firstLock, readFileSync(join(world.project, "Cargo.lock"), "utf8")] as const;
  writeFileSync(manifest, first);
  const listings: string[][] = [];
  for (const lock of [locks[1], locks[0]]) {
    writeFileSync(join(world.project, "Cargo.lock"), lock);
    await world.fillHub();
    listings.unshift(listing(world.hub));
  }
  const [all = [], few = []] = listings;
  const scene: KillScene = {
    world,
    locks,
    listings: [all, few],
    durations: { "cold store": 0, "warm store": 0, "changed lockfile": 0 },
    present: 0,
  };
  const durations: Record<Beginning, number> = { "cold store": 0, "warm store": 0, "changed lockfile": 0 };
  for (const beginning of beginnings) {
    begin(scene, beginning);
    const startedAt = performance.now();
    const run = await world.hubCommand(["fill"]);
    if (run.code !== 0) throw new Error(run.stderr);
    durations[beginning] = performance.now() - startedAt;
  }
  return { ...scene, durations };
}

/** Without a few packages, with another version of one and one package that the first does not have. */
function secondManifest(first: string): string {
  const without = ["bulky", "deep", "macros", "many2"];
  for (const name of without) if (!(name in variedDependencies)) throw new Error(`there is no ${name}`);
  const kept = first.split("\n").filter((line) => !without.some((name) => line.startsWith(`${name} = `)));
  return `${kept.join("\n").trimEnd()}\nmany3 = { package = "many", version = "=3.0.0" }\nextra = "=0.1.0"\n`;
}

/** Puts the world into the state from which the fill that is to be killed begins. */
export function begin(scene: KillScene, beginning: Beginning): void {
  const { world, locks } = scene;
  if (beginning === "changed lockfile") {
    scene.present = scene.present === 0 ? 1 : 0;
    writeFileSync(join(world.project, "Cargo.lock"), locks[scene.present]);
    return;
  }
  if (beginning === "cold store") rmSync(world.store, { recursive: true, force: true });
  for (const name of ["registry", "hub.lock", "hub.config.toml"])
    rmSync(join(world.hub, name), { recursive: true, force: true });
}

/** Starts a fill in a process group of its own and kills the group at a random instant. @returns whether it was still running. */
export function killFill(scene: KillScene, beginning: Beginning, random: Random): Promise<boolean> {
  // A little beyond the end, so that the last steps are met as well and the duration is measured now and then.
  const delayMs = random.below(Math.ceil(scene.durations[beginning] * 1150)) / 1000;
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const { program, args, options } = scene.world.commandLine(["fill"]);
    const child = spawn(program, args, { ...options, detached: true, stdio: "ignore" });
    child.once("error", reject);
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, delayMs);
    child.once("close", (_code, signal) => {
      clearTimeout(timer);
      if (signal !== "SIGKILL") scene.durations[beginning] = performance.now() - startedAt;
      resolve(signal === "SIGKILL");
    });
  });
}

/** Files of the hub that are neither as the first lockfile wants them nor as the second; private files do not count. */
export function brokenFiles({ world, listings }: KillScene): string[] {
  const whole = new Set(listings.flat());
  return existsSync(world.hub)
    ? listing(world.hub).filter(
        (line) => !whole.has(line) && !/\.hub-(?:staging\/|lock |partial )|hub-partial/.test(line),
      )
    : [];
}

/** Private files of fills, in the hub and in the store, that nobody will ever use. */
export function leftOvers({ hub, store }: World): string[] {
  const inHub = filesBelow(hub).filter((path) => /\.hub-staging\/|\.hub-partial$/.test(path));
  const inStore = filesBelow(store).filter((path) => /\/partial\/\d/.test(path));
  return [...inHub, ...inStore];
}
