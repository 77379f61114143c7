import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { areaNames, ownedArea } from "./areas.ts";
import { listing } from "./disk.ts";
import { seeded, seedOfRun } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

const seed = seedOfRun();
let world: World;
let original: readonly string[];

beforeAll(async () => {
  world = await makeWorld();
  await world.fillHub();
  original = listing(world.hub);
});

afterAll(() => world.close());

test.each(areaNames)(
  `a file that is gone from %s is missing, and a repair brings it back (seed ${seed})`,
  async (name) => {
    const random = seeded(seed + 3000 + areaNames.indexOf(name));
    for (let fault = 0; fault < 5; fault += 1) {
      const { files, area } = ownedArea(world, name);
      const path = random.pick(files);
      const aside = join(world.scene.root, "aside");
      rmSync(aside, { force: true }); // two links of one file are not renamed
      renameSync(path, aside);
      const report = await world.verify();
      // A crate that the store no longer has is no fault: the store may vanish at any time.
      const expected = name === "store crates" ? [] : [{ kind: "missing", area, path }];
      expect(report).toMatchObject({ missing: expected, damaged: [], foreign: [], problems: expected.length });
      expect(await world.repair({ offline: true })).toMatchObject({ problems: 0, repaired: expected });
      expect(existsSync(path)).toBe(name !== "store crates");
      if (name === "store crates") renameSync(aside, path);
      expect(listing(world.hub)).toEqual(original);
    }
  },
);

test("a whole crate that is gone is missing once, and a repair brings it back", async () => {
  const path = dirname(ownedArea(world, "checksum files").files[0] ?? "");
  rmSync(path, { recursive: true });
  expect(await world.verify()).toMatchObject({ missing: [{ area: "source", path }], damaged: [], problems: 1 });
  expect(await world.repair({ offline: true })).toMatchObject({ problems: 0, repaired: [{ path }] });
  expect(listing(world.hub)).toEqual(original);
});

test("a hub without registry/ is missing everything, and a fill offline makes it again from the store", async () => {
  rmSync(join(world.hub, "registry"), { recursive: true });
  const report = await world.verify();
  expect(report.missing.length).toBe(report.problems);
  expect(report.problems).toBeGreaterThan(16 * 2);
  await world.fillHub({ offline: true });
  expect(listing(world.hub)).toEqual(original);
});

test("a file that somebody put into a crate is foreign and a problem until a repair", async () => {
  const inside = dirname(ownedArea(world, "sources").files.find((path) => path.endsWith("src/lib.rs")) ?? "");
  for (const name of ["added.rs", ".hidden", "nested/deep/file.txt"]) {
    const path = join(inside, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "not of this crate\n");
    const { foreign, missing, damaged, problems } = await world.verify();
    expect({ missing, damaged }).toEqual({ missing: [], damaged: [] });
    expect(foreign.filter(({ area }) => area === "source").map((finding) => finding.path)).toContain(
      join(inside, name.split("/")[0] ?? ""),
    );
    expect(problems).toBe(foreign.length);
    expect((await world.repair({ offline: true })).problems).toBe(0);
    expect(listing(world.hub)).toEqual(original);
  }
});

test("files that somebody put beside the crates are foreign, and no problem", async () => {
  const [config = ""] = ownedArea(world, "registry config").files;
  const [crate = ""] = ownedArea(world, "crates").files;
  const sources = dirname(dirname(ownedArea(world, "checksum files").files[0] ?? ""));
  const paths = [
    join(dirname(config), "notes.txt"),
    join(dirname(config), "zz/zz/zzz-not-locked"),
    join(dirname(config), ".cache/zz/zz/zzz-not-locked"),
    join(dirname(crate), "other-1.0.0.crate"),
    join(sources, ".DS_Store"),
  ];
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "foreign\n");
  }
  const report = await world.verify();
  expect(report).toMatchObject({ missing: [], damaged: [], problems: 0 });
  expect(report.foreign.map(({ path }) => path)).toEqual(paths.toSorted());
  expect((await world.repair()).problems).toBe(0);
  await world.fillHub({ refresh: true });
  for (const path of paths) {
    expect(readFileSync(path, "utf8")).toBe("foreign\n");
    rmSync(path);
  }
});

test("a link instead of a file, and a directory instead of a file, are damage", async () => {
  const file = ownedArea(world, "sources").files.find((path) => path.endsWith("src/lib.rs")) ?? "";
  renameSync(file, `${world.scene.root}/kept`);
  mkdirSync(file);
  expect((await world.verify()).damaged).toMatchObject([{ path: file, area: "source" }]);
  expect((await world.repair({ offline: true })).problems).toBe(0);
  expect(listing(world.hub)).toEqual(original);
});
