import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { repairStore, type StoreVerifyReport, verifyStore } from "../../src/hub/index.ts";
import { filesBelow, flipByte, flipSomewhere, listing } from "../faults/disk.ts";
import { seeded, seedOfRun } from "../faults/random.ts";
import type { World } from "../faults/world.ts";
import { openWorld, statusAfter } from "./store-scene.ts";

const CRATES = 16;
const seed = seedOfRun();

async function filledWorld(): Promise<World> {
  const world = await openWorld();
  await world.fillHub();
  return world;
}

function verify(world: World, jobs = 0): Promise<StoreVerifyReport> {
  const { env, home, onEvent } = world.options();
  return verifyStore({ env, home, onEvent, jobs });
}

function repair(world: World): ReturnType<typeof repairStore> {
  const { env, home, onEvent } = world.options();
  return repairStore({ env, home, onEvent, jobs: 0 });
}

/** A file of the store whose path matches. */
function storeFile(world: World, pattern: RegExp): string {
  const path = filesBelow(world.store).find((file) => pattern.test(relative(world.store, file)));
  if (path === undefined) throw new Error(`the store has nothing like ${pattern}`);
  return path;
}

test("a store as fills leave it is right, with one thread and with several, also under two umasks", async () => {
  const world = await filledWorld();
  const expected = { crates: CRATES, trees: CRATES, lines: CRATES, indexFiles: 15, hubs: 1, tornLines: 0, problems: 0 };
  expect(await verify(world)).toMatchObject(expected);
  const umask = process.umask(0o077);
  try {
    rmSync(world.hub, { recursive: true });
    await world.fillHub({ offline: true });
  } finally {
    process.umask(umask);
  }
  const several = await verify(world, 4);
  expect(several).toMatchObject({ ...expected, trees: 2 * CRATES });
  expect(several.files).toBeGreaterThan(200);
  expect(world.events.filter(({ kind }) => kind === "checked")).toHaveLength(2 * CRATES);
});

test("a crate of which no hub.lock speaks is checked as well", async () => {
  const world = await filledWorld();
  rmSync(world.project, { recursive: true });
  rmSync(join(world.store, "hubs"), { recursive: true });
  expect(await verify(world)).toMatchObject({ crates: CRATES, trees: CRATES, hubs: 0, problems: 0 });
  const flip = flipByte(storeFile(world, /^trees\/.*\/src\/lib\.rs$/), { offset: 0, bit: 0, keepTime: true });
  expect((await verify(world)).damaged).toMatchObject([{ area: "store-tree", path: flip.path }]);
});

test(`60 flipped bits, anywhere in the store, are all found (seed ${seed})`, async () => {
  const world = await filledWorld();
  const random = seeded(seed + 900);
  const checked = filesBelow(world.store).filter(
    (path) => lstatSync(path).size > 0 && !/\/(?:version|lease|stamps\/.*)$/.test(path),
  );
  const missed: string[] = [];
  for (let round = 0; round < 60; round += 1) {
    const flip = flipSomewhere(random.pick(checked), random);
    const report = await verify(world);
    const found = [...report.damaged, ...report.missing, ...report.foreign];
    if (!found.some(({ path }) => path === flip.path)) missed.push(flip.told);
    flip.restore();
  }
  expect(missed).toEqual([]);
});

type Spoil = (world: World) => string | { readonly path: string; readonly kind: "missing" | "damaged" | "foreign" };

const spoils: readonly (readonly [what: string, area: string, spoil: Spoil])[] = [
  [
    "a crate file is cut",
    "store-crate",
    (world) => {
      const path = storeFile(world, /^crates\//);
      writeFileSync(path, readFileSync(path).subarray(0, 100));
      return path;
    },
  ],
  [
    "a crate file is gone, its tree is not",
    "store-tree",
    (world) => {
      const path = storeFile(world, /^crates\//);
      rmSync(path);
      const sha = path.slice(-64);
      return join(dirname(storeFile(world, new RegExp(`^trees/.*/${sha}/list$`))), "files");
    },
  ],
  [
    "a file of a tree is edited, with its time kept",
    "store-tree",
    (world) => {
      const path = storeFile(world, /^trees\/.*\/src\/lib\.rs$/);
      flipByte(path, { offset: 3, bit: 0, keepTime: true });
      return path;
    },
  ],
  [
    "a file of a tree has another time",
    "store-tree",
    (world) => {
      const path = storeFile(world, /^trees\/.*\/src\/lib\.rs$/);
      utimesSync(path, 1, 1);
      return path;
    },
  ],
  [
    "a tree has a file more",
    "store-tree",
    (world) => {
      const path = join(dirname(storeFile(world, /^trees\/.*\/src\/lib\.rs$/)), "more.rs");
      writeFileSync(path, "");
      return { path, kind: "foreign" };
    },
  ],
  [
    "a tree lacks a file",
    "store-tree",
    (world) => {
      const path = storeFile(world, /^trees\/.*\/\.cargo-checksum\.json$/);
      rmSync(path);
      return { path, kind: "missing" };
    },
  ],
  [
    "a tree lacks all its files",
    "store-tree",
    (world) => {
      const list = storeFile(world, /^trees\/.*\/list$/);
      rmSync(join(dirname(list), "files"), { recursive: true });
      return join(dirname(list), "files/Cargo.toml");
    },
  ],
  [
    "a stat list is damaged",
    "store-tree",
    (world) => {
      const path = storeFile(world, /^trees\/.*\/list$/);
      appendFileSync(path, "\n");
      return path;
    },
  ],
  [
    "a stat list is gone",
    "store-tree",
    (world) => {
      const path = storeFile(world, /^trees\/.*\/list$/);
      rmSync(path);
      return { path, kind: "missing" };
    },
  ],
  [
    "an index file is damaged",
    "store-index",
    (world) => {
      const path = storeFile(world, /^index\/.*\/deep$/);
      appendFileSync(path, "{}\n");
      return path;
    },
  ],
  [
    "a copy of a hub.lock is damaged",
    "store-hub-lock",
    (world) => {
      const path = storeFile(world, /^hub-locks\//);
      appendFileSync(path, "\n");
      return path;
    },
  ],
  [
    "a line is damaged",
    "store-line",
    (world) => {
      const path = storeFile(world, /^lines\/log$/);
      flipByte(path, { offset: 200, bit: 0, keepTime: true });
      return path;
    },
  ],
  [
    "a root file is damaged",
    "store-root",
    (world) => {
      const path = storeFile(world, /^hubs\//);
      flipByte(path, { offset: 40, bit: 0, keepTime: true });
      return path;
    },
  ],
];

test.each(spoils)(
  "%s: it is found, thrown away or made anew, and fetched again; no hub is touched",
  async (_what, area, spoil) => {
    const world = await openWorld();
    await world.fillHub({ link: "copy" });
    const hub = listing(world.hub);
    const spoiled = spoil(world);
    const { path, kind } = typeof spoiled === "string" ? { path: spoiled, kind: "damaged" as const } : spoiled;
    const found = await verify(world);
    expect(found[kind]).toEqual(expect.arrayContaining([expect.objectContaining({ path, area, kind })]));
    expect(found.problems).toBe(found.damaged.length + found.missing.length + found.foreign.length);
    const repaired = await repair(world);
    expect(repaired).toMatchObject({ problems: 0, damaged: [], missing: [], foreign: [] });
    expect(repaired.repaired.map((finding) => finding.path)).toContain(path);
    expect(listing(world.hub)).toEqual(hub);
    expect(statusAfter(world, 0).hubs).toMatchObject([{ state: "alive", crates: CRATES }]);
    rmSync(join(world.hub, "registry"), { recursive: true });
    await world.fillHub();
    expect(await world.verify()).toMatchObject({ problems: 0, foreign: [] });
    expect(await verify(world)).toMatchObject({ crates: CRATES, trees: CRATES, problems: 0 });
  },
);

test("a damaged root file of a hub that is gone stays, because only its owner knows", async () => {
  const world = await filledWorld();
  const path = storeFile(world, /^hubs\//);
  flipByte(path, { offset: 40, bit: 0, keepTime: true });
  renameSync(world.project, `${world.project}-away`);
  const report = await repair(world);
  expect(report).toMatchObject({ problems: 1, repaired: [], damaged: [{ area: "store-root", path }] });
  renameSync(`${world.project}-away`, world.project);
  expect((await repair(world)).problems).toBe(0);
});

test("records that a killed fill left unfinished are no problem", async () => {
  const world = await filledWorld();
  appendFileSync(join(world.store, "lines/log"), `\n${"0".repeat(64)} {"name":"cut`);
  expect(await verify(world)).toMatchObject({ tornLines: 1, problems: 0, lines: CRATES });
});

test("what can not be read is damaged, and does not end the check", async () => {
  const world = await filledWorld();
  const path = storeFile(world, /^crates\//);
  rmSync(path);
  mkdirSync(path);
  const report = await verify(world);
  expect(report.damaged).toMatchObject([{ area: "store-crate", path, reason: expect.stringMatching(/EISDIR/) }]);
  expect((await repair(world)).problems).toBe(0);
});
