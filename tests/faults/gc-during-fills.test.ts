import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseHubLock } from "../../src/formats/index.ts";
import { verifyStore } from "../../src/hub/index.ts";
import { listCrates, listTrees, openStore } from "../../src/store/index.ts";
import { DAY_MS, gcAfter } from "../hub/store-scene.ts";
import { digestOf } from "../store/sample.ts";
import { filesBelow } from "./disk.ts";
import { makeWorld, type World } from "./world.ts";

const FILLS = 8;

/** Dependencies that all projects have at first and none has in the end. */
const dropped = ["bulky", "deep", "dots"];

interface Project {
  readonly path: string;
  readonly first: string;
  readonly last: string;
}

/** Eight projects that first need the same crates, and at last each others: without the dropped ones and two others. */
async function makeProjects(world: World): Promise<Project[]> {
  const first = readFileSync(join(world.project, "Cargo.lock"), "utf8");
  const manifest = readFileSync(join(world.project, "Cargo.toml"), "utf8").split("\n");
  const kept = manifest.filter((line) => !dropped.some((name) => line.startsWith(`${name} = `)));
  const others = kept.filter((line) => / = "=| = \{/.test(line));
  const projects: Project[] = [];
  for (let index = 0; index < FILLS; index += 1) {
    const path = join(world.scene.root, `project-${index}`);
    cpSync(world.project, path, { recursive: true });
    const left = others.slice(index, index + 2);
    writeFileSync(join(path, "Cargo.toml"), kept.filter((line) => !left.includes(line)).join("\n"));
    rmSync(join(path, "Cargo.lock"));
    const made = await world.scene.run("cargo", ["generate-lockfile", "--manifest-path", join(path, "Cargo.toml")]);
    if (made.code !== 0) throw new Error(made.stderr);
    projects.push({ path, first, last: readFileSync(join(path, "Cargo.lock"), "utf8") });
  }
  return projects;
}

interface Runs {
  readonly gcs: number;
  readonly deleted: number;
}

/** Runs gc with no grace period again and again until `done` is. */
async function gcUntil(world: World, done: Promise<unknown>, env: Readonly<Record<string, string>>): Promise<Runs> {
  const state = { running: true };
  const end = done.finally(() => {
    state.running = false;
  });
  let gcs = 0;
  let deleted = 0;
  while (state.running) {
    const run = await world.hubCommand(["store", "gc", "--grace", "0s", "--json"], env);
    expect(run.code, run.stderr).toBe(0);
    const report: { deleted: unknown[] } = JSON.parse(run.stdout);
    gcs += 1;
    deleted += report.deleted.length;
  }
  await end;
  return { gcs, deleted };
}

/** Each hub is whole, the store is right, and it holds what hubs list and nothing else. */
async function expectJustWhatIsLive(world: World, projects: readonly Project[]): Promise<void> {
  const live = new Set<string>();
  for (const { path: cwd } of projects) {
    expect(await world.verify({ cwd })).toMatchObject({ problems: 0, foreign: [] });
    const path = join(cwd, ".cargo/hub.lock");
    const { crates } = parseHubLock(readFileSync(path, "utf8"), path, digestOf);
    expect(crates.length).toBeGreaterThan(8);
    for (const { sha256 } of crates) live.add(sha256);
  }
  await gcAfter(world, 2, { graceMs: DAY_MS });
  const store = openStore(world.store, { umask: process.umask() });
  expect(listCrates(store)).toEqual([...live].sort());
  expect(listTrees(store)).toEqual([...live].sort());
  for (const { path: cwd } of projects) {
    rmSync(join(cwd, ".cargo/registry"), { recursive: true });
    await world.fillHub({ cwd, offline: true });
  }
  const { env, home, onEvent } = world.options();
  expect(await verifyStore({ env, home, onEvent, jobs: 0 })).toMatchObject({ problems: 0, hubs: FILLS });
  expect(filesBelow(join(world.store, "partial"))).toEqual([]);
}

/** A directory for PATH in front of the others, with a flock(1) for a file system that has no locks. */
function withoutLocks(world: World): Record<string, string> {
  const bin = join(world.scene.root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "flock"), "#!/bin/sh\necho 'flock: Operation not supported' >&2\nexit 1\n");
  chmodSync(join(bin, "flock"), 0o755);
  return { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
}

test.each([
  ["that are held", false],
  ["that do not work", true],
])(
  "gc in a loop while eight processes fill eight projects, with locks %s: all that is live stays, and nothing else",
  async (how, unlocked) => {
    const world = await makeWorld();
    try {
      const projects = await makeProjects(world);
      const env = unlocked ? withoutLocks(world) : {};
      const fill = async ({ path }: Project, lock: string): Promise<void> => {
        writeFileSync(join(path, "Cargo.lock"), lock);
        const run = await world.hubCommand(["fill", "--manifest-path", join(path, "Cargo.toml")], env);
        expect(run.code, run.stderr).toBe(0);
      };
      const fillAgainAndAgain = async (project: Project): Promise<void> => {
        for (const lock of [project.first, project.last, project.first, project.last]) await fill(project, lock);
      };
      const runs = await gcUntil(world, Promise.all(projects.map(fillAgainAndAgain)), env);
      console.log(`${runs.gcs} gcs while ${4 * FILLS} fills ran, locks ${how}; they deleted ${runs.deleted} entries`);
      // With locks a gc may have to wait until all fills are done: then it is the only one.
      expect(runs.gcs).toBeGreaterThan(unlocked ? 1 : 0);
      // Where locks do not work, a day is the least: nothing is as old as that.
      expect(unlocked ? runs.deleted : 0).toBe(0);
      await expectJustWhatIsLive(world, projects);
    } finally {
      await world.close();
    }
  },
  240_000,
);
