import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type GcOptions, type GcReport, type StoreStatus, storeGc, storeStatus } from "../../src/hub/index.ts";
import { makeWorld, type World } from "../faults/world.ts";

export const DAY_MS: number = 24 * 60 * 60 * 1000;

/** A world that is closed when the test is over; nothing is filled yet. */
export async function openWorld(): Promise<World> {
  const world = await makeWorld();
  onTestFinished(() => world.close());
  return world;
}

/** What gc does in a world after so many days, in this process. */
export function gcAfter(world: World, days: number, more: Partial<GcOptions> = {}): Promise<GcReport> {
  const { env, home, onEvent } = world.options();
  return storeGc({
    env,
    home,
    onEvent,
    graceMs: 14 * DAY_MS,
    dryRun: false,
    nowMs: Date.now() + days * DAY_MS,
    ...more,
  });
}

/** What `store status` reports after so many days. */
export function statusAfter(world: World, days: number): StoreStatus {
  const { env, home, onEvent } = world.options();
  return storeStatus({ env, home, onEvent, nowMs: Date.now() + days * DAY_MS });
}

/** Kinds and numbers of what a gc deleted, `3 crate, 3 tree`. */
export function deletedKinds({ deleted }: GcReport): string {
  const counts = new Map<string, number>();
  for (const { kind } of deleted) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts.keys()]
    .sort()
    .map((kind) => `${counts.get(kind)} ${kind}`)
    .join(", ");
}

/** Gives the project fewer dependencies, and a lockfile that cargo makes for them. */
export async function dropDependencies({ scene, project }: World, names: readonly string[]): Promise<void> {
  const manifest = join(project, "Cargo.toml");
  const lines = readFileSync(manifest, "utf8").split("\n");
  writeFileSync(manifest, lines.filter((line) => !names.some((name) => line.startsWith(`${name} = `))).join("\n"));
  rmSync(join(project, "Cargo.lock"));
  const made = await scene.cargo("generate-lockfile");
  if (made.code !== 0) throw new Error(made.stderr);
}
