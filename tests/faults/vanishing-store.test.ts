import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeWorld, type World } from "./world.ts";

const ROUNDS = 8;

/** Deletes crate files and trees of the store, one after the other, until `done` is. */
async function deleteUntil({ store }: World, done: Promise<unknown>): Promise<number> {
  const state = { running: true, deleted: 0 };
  const end = done.finally(() => {
    state.running = false;
  });
  while (state.running) {
    for (const kind of ["crates", "trees/1-022"]) {
      const [first] = entriesBelow(join(store, kind));
      if (first !== undefined && removed(first)) state.deleted += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await end;
  return state.deleted;
}

/** False when the fill wrote into it or moved it at this moment: both are at work in the same directories. */
function removed(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

function entriesBelow(directory: string): string[] {
  try {
    const prefixes = readdirSync(directory);
    const prefix = prefixes[Math.floor(Math.random() * prefixes.length)] ?? "";
    return readdirSync(join(directory, prefix)).map((name) => join(directory, prefix, name));
  } catch {
    return []; // the store is not there yet
  }
}

test("a fill from whose store somebody deletes all the time fills, or says so; the next one completes", async () => {
  const world = await makeWorld();
  try {
    const ends: string[] = [];
    let deleted = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      rmSync(join(world.hub, "registry"), { recursive: true, force: true });
      const fill = world.hubCommand(["fill", "--message-format", "json"]);
      deleted += await deleteUntil(world, fill);
      const { code, stderr } = await fill;
      const [, error = "none"] = /"reason":"error","code":"([^"]*)"/.exec(stderr) ?? [];
      ends.push(`${code} ${error}`);
      expect((await world.hubCommand(["fill"])).code).toBe(0);
      expect(await world.verify()).toMatchObject({ problems: 0 });
    }
    console.log(`${deleted} crate files and trees deleted while ${ROUNDS} fills ran`);
    expect(ends.filter((end) => end !== "0 none" && end !== "101 store/tree-vanished")).toEqual([]);
    expect(ends.filter((end) => end === "0 none").length).toBeGreaterThan(ROUNDS / 2);
  } finally {
    await world.close();
  }
}, 300_000);
