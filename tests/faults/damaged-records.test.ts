import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownedArea } from "./areas.ts";
import { flipByte, listing } from "./disk.ts";
import { seeded, seedOfRun } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await makeWorld();
  await world.fillHub();
});

afterAll(() => world.close());

/** Environment with a store that does not exist. */
function withoutStore(): { readonly env: Readonly<Record<string, string>> } {
  return { env: { ...world.scene.env, CARGO_HUB_STORE: join(world.scene.root, "no-store") } };
}

async function damagedPaths(more: Parameters<World["verify"]>[0] = {}): Promise<string[]> {
  const { damaged, missing, foreign } = await world.verify(more);
  expect({ missing, foreign }).toEqual({ missing: [], foreign: [] });
  return damaged.map(({ path }) => path);
}

test("a hub.lock whose version alone is wrong is damaged, and one of a later version is refused", async () => {
  const path = join(world.hub, "hub.lock");
  const text = readFileSync(path, "utf8");
  const offset = text.indexOf("version = 1") + "version = ".length;
  for (let bit = 0; bit < 8; bit += 1) {
    const flip = flipByte(path, { offset, bit, keepTime: true });
    expect(await damagedPaths()).toEqual([path]);
    flip.restore();
  }
  writeFileSync(
    path,
    text.replace("version = 1", "version = 3").replace(/checksum = .*\n$/, 'checksum = "of later"\n'),
  );
  await expect(world.verify()).rejects.toMatchObject({ code: "formats/hub-lock-version" });
  writeFileSync(path, text);
});

test("a hub.config.toml that Cargo could not read is damaged, and the next fill mends it", async () => {
  const path = join(world.hub, "hub.config.toml");
  const before = listing(world.hub);
  for (const text of ["include = [", "include = ['elsewhere.toml']\n", "[cache]\nauto-clean-frequency = 7\n"]) {
    writeFileSync(path, text);
    expect(await damagedPaths()).toEqual([path]);
    await world.fillHub();
    expect(listing(world.hub)).toEqual(before);
  }
  rmSync(path);
  expect((await world.verify()).missing).toMatchObject([{ path, area: "config" }]);
  await world.fillHub();
  expect(listing(world.hub)).toEqual(before);
});

test("of config.json and its digest the wrong one is named, or both when nothing tells which it is", async () => {
  const [config = "", digest = ""] = ownedArea(world, "registry config").files;
  // A decimal digit whose last bit is turned over is one again, so that the digest still looks like one.
  const digit = readFileSync(digest, "utf8").search(/[0-9]/);
  const cases = [
    { path: config, offset: 3, known: [config], unknown: [config, digest] },
    { path: digest, offset: digit, known: [digest], unknown: [config, digest] },
    { path: digest, offset: 66, known: [digest], unknown: [digest] },
  ];
  for (const { path, offset, known, unknown } of cases) {
    const flip = flipByte(path, { offset, bit: 0, keepTime: false });
    expect(await damagedPaths()).toEqual(known);
    expect(await damagedPaths(withoutStore())).toEqual(unknown);
    flip.restore();
  }
});

test("a stat list that is gone is missing", async () => {
  const list = ownedArea(world, "store trees").files.find((path) => path.endsWith("/list")) ?? "";
  renameSync(list, `${list}.away`);
  expect((await world.verify()).missing).toMatchObject([{ path: list, area: "store-tree" }]);
  renameSync(`${list}.away`, list);
});

test.each(["with", "without"])(
  "the same change in an index line and in Cargo's cache of it is found %s a store",
  async (kind) => {
    const random = seeded(seedOfRun() + kind.length);
    const raws = ownedArea(world, "raw index").files;
    for (let fault = 0; fault < 20; fault += 1) {
      const raw = random.pick(raws);
      const cache = raw.replace(/(\/index\/[^/]+)\//, "$1/.cache/");
      const bytes = readFileSync(raw);
      const line = random.pick(bytes.toString("latin1").trimEnd().split("\n"));
      const at = random.below(line.length);
      const bit = random.below(8);
      const flips = [raw, cache].map((path) => {
        const start = readFileSync(path).indexOf(Buffer.from(line, "latin1"));
        expect(start).toBeGreaterThanOrEqual(0);
        return flipByte(path, { offset: start + at, bit, keepTime: fault % 2 === 0 });
      });
      expect(await damagedPaths(kind === "with" ? {} : withoutStore()), flips[0]?.told).toEqual([cache, raw]);
      for (const flip of flips) flip.restore();
    }
    expect(await damagedPaths()).toEqual([]);
  },
);

test("the program names flipped bytes in its JSON and ends with exit code 1", async () => {
  const random = seeded(seedOfRun());
  for (const name of ["sources", "cache index", "hub.lock"]) {
    const path = random.pick(ownedArea(world, name).files);
    const flip = flipByte(path, { offset: 0, bit: random.below(8), keepTime: true });
    const run = await world.hubCommand(["verify", "--json"]);
    flip.restore();
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toHaveProperty(
      "damaged",
      expect.arrayContaining([expect.objectContaining({ path })]),
    );
  }
  const run = await world.hubCommand(["verify", "--json"]);
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ problems: 0 });
});
