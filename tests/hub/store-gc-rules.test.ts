import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { formatHubLock, parseHubLock } from "../../src/formats/index.ts";
import { filesBelow } from "../faults/disk.ts";
import type { World } from "../faults/world.ts";
import { digestOf } from "../store/sample.ts";
import { DAY_MS, deletedKinds, dropDependencies, gcAfter, openWorld, statusAfter } from "./store-scene.ts";

const CRATES = 16;
/** Everything that a world with one hub leaves when that is gone. */
const all = `${CRATES} crate, 1 hub-lock, 15 index-file, 1 lines, 1 root, 1 stamp, ${CRATES} tree`;

async function filledWorld(): Promise<World> {
  const world = await openWorld();
  await world.fillHub();
  return world;
}

/** The hub is as it was filled, and so is what the store has of it. */
async function expectWhole(world: World, cwd = world.project): Promise<void> {
  const verified = await world.verify({ cwd });
  expect(verified).toMatchObject({ problems: 0, foreign: [] });
  rmSync(join(cwd, ".cargo/registry"), { recursive: true });
  await world.fillHub({ cwd, offline: true });
  expect(await world.verify({ cwd })).toMatchObject({ problems: 0, foreign: [] });
}

test("what a hub needs stays for good", async () => {
  const world = await filledWorld();
  for (const days of [0, 15, 1000]) expect(deletedKinds(await gcAfter(world, days))).toBe("");
  expect((await gcAfter(world, 1000, { graceMs: 0 })).deleted).toEqual([]);
  await expectWhole(world);
});

test("what a hub does not need any more goes after the grace period, and going back until then needs no network", async () => {
  const world = await filledWorld();
  const lockfile = join(world.project, "Cargo.lock");
  const before = readFileSync(lockfile, "utf8");
  await dropDependencies(world, ["bulky", "deep", "macros"]);
  await world.fillHub();
  const after = readFileSync(lockfile, "utf8");
  expect(deletedKinds(await gcAfter(world, 13))).toBe("");
  writeFileSync(lockfile, before);
  await world.fillHub({ offline: true });
  writeFileSync(lockfile, after);
  await world.fillHub({ offline: true });
  expect(deletedKinds(await gcAfter(world, 15))).toBe("3 crate, 1 hub-lock, 3 index-file, 1 lines, 3 tree");
  await expectWhole(world);
  writeFileSync(lockfile, before);
  await expect(world.fillHub({ offline: true })).rejects.toMatchObject({ code: "registry/offline" });
});

test("what hub.lock lists now counts, not what it listed when the hub was filled", async () => {
  const world = await filledWorld();
  const hubLock = join(world.hub, "hub.lock");
  const before = readFileSync(hubLock);
  await dropDependencies(world, ["bulky"]);
  await world.fillHub();
  writeFileSync(hubLock, before); // as `git checkout` does
  expect(statusAfter(world, 0).hubs).toMatchObject([{ state: "alive", changed: true, crates: CRATES }]);
  // The copy of the other one, of which nothing else is left over.
  expect(deletedKinds(await gcAfter(world, 15))).toBe("1 hub-lock");
});

test("a hub that is gone keeps what it needs for the grace period, counted from when gc first missed it", async () => {
  const world = await filledWorld();
  const other = join(world.scene.root, "other");
  cpSync(world.project, other, { recursive: true });
  await world.fillHub({ cwd: other });
  rmSync(world.project, { recursive: true });
  const missed = await gcAfter(world, 100);
  expect(missed.missed).toMatchObject([{ path: world.hub, movedTo: null }]);
  expect(deletedKinds(missed)).toBe("1 stamp");
  expect((missed.missed[0]?.goesAtMs ?? 0) / DAY_MS).toBeCloseTo(Date.now() / DAY_MS + 114, 1);
  expect(statusAfter(world, 101).hubs).toMatchObject([{ state: "gone", crates: CRATES }, { state: "alive" }]);
  expect(deletedKinds(await gcAfter(world, 113))).toBe("");
  // The other one needs the same crates.
  expect(deletedKinds(await gcAfter(world, 115))).toBe("1 root");
  await expectWhole(world, other);
  rmSync(other, { recursive: true });
  expect(deletedKinds(await gcAfter(world, 200))).toBe("1 stamp");
  expect(deletedKinds(await gcAfter(world, 215))).toBe(all.replace("1 stamp, ", ""));
  expect(filesBelow(world.store).map((path) => path.slice(world.store.length + 1))).toEqual([
    "lease",
    "lines/log",
    "version",
  ]);
});

test("a hub that lies on a disk which is not always mounted is counted anew each time it is found", async () => {
  const world = await filledWorld();
  const away = join(world.scene.root, "away");
  renameSync(world.project, away);
  await gcAfter(world, 0);
  renameSync(away, world.project);
  expect((await gcAfter(world, 10)).missed).toEqual([]);
  expect(readdirSync(join(world.store, "gone"))).toEqual([]);
  renameSync(world.project, away);
  expect(deletedKinds(await gcAfter(world, 20))).toBe("1 stamp");
  expect(deletedKinds(await gcAfter(world, 33))).toBe("");
  expect(deletedKinds(await gcAfter(world, 35))).toBe(all.replace("1 stamp, ", ""));
});

test("a hub that gc missed and that was filled since is not counted from then", async () => {
  const world = await filledWorld();
  const away = join(world.scene.root, "away");
  renameSync(world.project, away);
  await gcAfter(world, -100);
  renameSync(away, world.project);
  await world.fillHub();
  renameSync(world.project, away);
  expect(statusAfter(world, 0).hubs).toMatchObject([{ state: "gone", goneSinceMs: null }]);
  expect(deletedKinds(await gcAfter(world, 0, { graceMs: DAY_MS }))).toBe("");
});

test("a hub that was moved is known by its inode once it is filled at its new place, and loses nothing", async () => {
  const world = await filledWorld();
  const moved = join(world.scene.root, "moved");
  renameSync(world.project, moved);
  expect(await gcAfter(world, 0)).toMatchObject({ deleted: [], missed: [{ movedTo: null }] });
  await world.fillHub({ cwd: moved, offline: true });
  expect(statusAfter(world, 0).hubs).toMatchObject([
    { path: world.hub, state: "moved", otherPath: join(moved, ".cargo") },
    { path: join(moved, ".cargo"), state: "alive", crates: CRATES },
  ]);
  const status = statusAfter(world, 0).hubs[1];
  expect(status?.onlyBytes).toBe(status?.bytes);
  expect((await gcAfter(world, 1)).missed).toMatchObject([{ movedTo: join(moved, ".cargo") }]);
  expect(deletedKinds(await gcAfter(world, 16))).toBe("1 root, 1 stamp");
  await expectWhole(world, moved);
});

test("a second root file of one hub, by another path, is forgotten at once", async () => {
  const world = await filledWorld();
  const link = join(world.scene.root, "link");
  symlinkSync(world.project, link);
  const path = join(link, ".cargo");
  const head = `cargo-hub root 1\n${digestOf(readFileSync(join(world.hub, "hub.lock")))}\n${JSON.stringify(path)}\n`;
  writeFileSync(join(world.store, "hubs", digestOf(path).slice(0, 16)), `${head}sha256 ${digestOf(head)}\n`);
  expect(statusAfter(world, 0).hubs).toMatchObject([
    { path: world.hub, state: "alive" },
    { path, state: "same", otherPath: world.hub },
  ]);
  expect(deletedKinds(await gcAfter(world, 0))).toBe("1 root");
  expect(statusAfter(world, 0).hubs).toMatchObject([{ path: world.hub, state: "alive" }]);
  await world.fillHub({ cwd: link });
  expect(statusAfter(world, 0).hubs).toHaveLength(1);
});

test("with no grace period goes at once what is not needed, and only that", async () => {
  const world = await filledWorld();
  await dropDependencies(world, ["bulky"]);
  await world.fillHub();
  const graceMs = 0;
  expect(deletedKinds(await gcAfter(world, 0, { graceMs }))).toBe("1 crate, 1 hub-lock, 1 index-file, 1 tree");
  await expectWhole(world);
  rmSync(world.project, { recursive: true });
  expect(deletedKinds(await gcAfter(world, 0, { graceMs }))).toMatch(/^15 crate, 1 hub-lock/);
});

/** The text of the only file of a directory in the store. */
function onlyFile(world: World, directory: string): string {
  const [name = ""] = readdirSync(join(world.store, directory));
  return join(world.store, directory, name);
}

/** Ways in which it can not be known what a hub needs: what to do, the file that gc names, and what mends it. */
const unknown: readonly (readonly [string, (world: World) => { where: string; mend: () => void }])[] = [
  [
    "its root file is damaged",
    (world) => {
      const where = onlyFile(world, "hubs");
      const text = readFileSync(where, "utf8");
      writeFileSync(where, text.replace("root 2", "root 3"));
      return { where, mend: () => writeFileSync(where, text) };
    },
  ],
  ...(
    [
      ["is damaged", (text) => text.replace("size = ", "size = 1")],
      ["holds the markers of a merge", (text) => `<<<<<<< ours\n${text}`],
      ["is empty", () => ""],
      ["is of a newer version", (text) => text.replace(/^version = \d+$/m, "version = 99")],
    ] satisfies [string, (text: string) => string][]
  ).map(([how, edit]): (typeof unknown)[number] => [
    `its hub.lock ${how}`,
    (world) => {
      const where = join(world.hub, "hub.lock");
      const text = readFileSync(where, "utf8");
      writeFileSync(where, edit(text));
      return { where, mend: () => writeFileSync(where, text) };
    },
  ]),
  [
    "a directory stands where its hub.lock belongs",
    (world) => {
      const where = join(world.hub, "hub.lock");
      const text = readFileSync(where, "utf8");
      rmSync(where);
      mkdirSync(where);
      return {
        where,
        mend: () => {
          rmSync(where, { recursive: true });
          writeFileSync(where, text);
        },
      };
    },
  ],
  ...["damaged", "gone"].map((how): (typeof unknown)[number] => [
    `it is gone, and the copy of its hub.lock is ${how}`,
    (world) => {
      const copy = onlyFile(world, "hub-locks");
      if (how === "gone") rmSync(copy);
      else writeFileSync(copy, "version = 1\n");
      renameSync(world.project, `${world.project}-away`);
      return { where: world.hub, mend: () => renameSync(`${world.project}-away`, world.project) };
    },
  ]),
];

test.each(unknown)("where it is not known what a hub needs, only left-overs go: %s", async (_how, spoil) => {
  const world = await filledWorld();
  const other = join(world.scene.root, "other");
  cpSync(world.project, other, { recursive: true });
  await dropDependencies(world, ["bulky", "deep"]);
  await world.fillHub();
  const { where, mend } = spoil(world);
  const leftover = join(world.store, "partial/1.1.00000000.1-aa-1");
  mkdirSync(dirname(leftover), { recursive: true });
  writeFileSync(leftover, "left");
  const days = 13; // a hub that is gone is in the way no longer than the grace period
  await gcAfter(world, 0);
  writeFileSync(leftover, "left");
  const report = await gcAfter(world, days);
  expect(report.blockedBy).toMatchObject([{ code: "hub/contents-unknown", where }]);
  expect(deletedKinds(report)).toBe("1 left-over");
  expect(statusAfter(world, days).gc).toMatchObject({ deletions: 0, blockedBy: [{ where }] });
  mend();
  expect(await gcAfter(world, 15)).toMatchObject({ blockedBy: [] });
  expect(existsSync(leftover)).toBe(false);
  await expectWhole(world);
});

test("a hub that is gone and of which nothing is known is in the way for the grace period", async () => {
  const world = await filledWorld();
  rmSync(onlyFile(world, "hub-locks"));
  rmSync(world.project, { recursive: true });
  expect((await gcAfter(world, 0)).blockedBy).toHaveLength(1);
  expect((await gcAfter(world, 13)).blockedBy).toHaveLength(1);
  expect(deletedKinds(await gcAfter(world, 15))).toBe(all.replace("1 hub-lock, ", ""));
});

test("a copy of a hub.lock from a newer program is in the way while it is young", async () => {
  const world = await filledWorld();
  const text = readFileSync(join(world.hub, "hub.lock"), "utf8");
  const newer = text.replace(/^version = \d+$/m, "version = 99");
  const where = join(world.store, "hub-locks", digestOf(newer));
  writeFileSync(where, newer);
  expect((await gcAfter(world, 1)).blockedBy).toMatchObject([{ code: "hub/contents-unknown", where }]);
  expect(deletedKinds(await gcAfter(world, 15))).toBe("1 hub-lock");
});

test("a source that no registry can have makes no difference to what its crates need", async () => {
  const world = await filledWorld();
  const path = join(world.hub, "hub.lock");
  const lock = parseHubLock(readFileSync(path, "utf8"), path, digestOf);
  const odd = { ...lock, crates: lock.crates.map((crate) => ({ ...crate, source: "nonsense" })) };
  const text = formatHubLock(odd, digestOf);
  writeFileSync(join(world.store, "hub-locks", digestOf(text)), text);
  rmSync(world.project, { recursive: true });
  await gcAfter(world, 0);
  expect(deletedKinds(await gcAfter(world, 15))).toContain(`${CRATES} crate, 2 hub-lock`);
});

test("a hub that gc forgot is known again with its next fill, though nothing in it changed", async () => {
  const world = await openWorld();
  expect((await world.hubCommand(["fill"])).code).toBe(0);
  const fresh = await world.hubCommand(["fill"]);
  expect(fresh.stderr).toMatch(/^ +Fresh /m);
  rmSync(onlyFile(world, "hubs"));
  expect(statusAfter(world, 0).hubs).toEqual([]);
  const again = await world.hubCommand(["fill"]);
  expect(again.stderr).toMatch(/^ +Fresh /m);
  expect(statusAfter(world, 0).hubs).toMatchObject([{ path: world.hub, state: "alive", crates: CRATES }]);
});
