import { afterAll, beforeAll, expect, test } from "vitest";
import { areaNames, areaRows, ownedArea, ownedAreas } from "./areas.ts";
import { flipSomewhere, inodeOf, listing } from "./disk.ts";
import { seeded, seedOfRun } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

const FAULTS_PER_AREA = 12;
const seed = seedOfRun();
const worlds: { linked?: World; copied?: World } = {};
const original: { linked?: string[]; copied?: string[] } = {};

beforeAll(async () => {
  for (const kind of ["linked", "copied"] as const) {
    const made = await makeWorld();
    worlds[kind] = made;
    await made.fillHub({ link: kind === "copied" ? "copy" : "auto" });
    original[kind] = everything(made);
  }
});

afterAll(async () => {
  await worlds.linked?.close();
  await worlds.copied?.close();
});

function world(kind: keyof typeof worlds): World {
  const found = worlds[kind];
  if (found === undefined) throw new Error(`there is no ${kind} world`);
  return found;
}

/** All files of the hub, and what the store shares; stat lists hold the times of directories, which are new after a repair. */
function everything({ hub, store }: World): string[] {
  const stored = [...listing(`${store}/crates`), ...listing(`${store}/trees`).filter((line) => !/\/list /.test(line))];
  return [...listing(hub), ...stored];
}

/** What cannot be made from what is left when hub and store share the bytes that were hurt. */
const needsUpstream = (kind: string, name: string): boolean =>
  kind === "linked" && (name === "crates" || name === "store crates");

test.each(areaRows())(`a repair heals flipped bits in %s, files %s (seed ${seed})`, async (name, kind) => {
  const here = world(kind);
  const random = seeded(seed + 1000 + areaNames.indexOf(name) * 2 + (kind === "linked" ? 0 : 1));
  const link = kind === "copied" ? "copy" : "auto";
  for (let fault = 0; fault < FAULTS_PER_AREA; fault += 1) {
    const flip = flipSomewhere(random.pick(ownedArea(here, name).files), random);
    here.scene.registry.requests.length = 0;
    const report = await here.repair({ link, offline: !needsUpstream(kind, name) });
    const { problems, repaired } = report;
    expect({ problems, paths: repaired.map(({ path }) => path) }, flip.told).toEqual({
      problems: 0,
      paths: expect.arrayContaining([flip.path]),
    });
    expect(here.scene.registry.requests.length > 0, flip.told).toBe(needsUpstream(kind, name));
    expect((await here.verify()).problems, flip.told).toBe(0);
    expect(everything(here), flip.told).toEqual(original[kind]);
  }
});

test("many faults at once, in every area, are healed by one repair", async () => {
  const here = world("linked");
  const random = seeded(seed + 2000);
  for (const { files } of ownedAreas(here))
    for (let fault = 0; fault < 3; fault += 1) flipSomewhere(random.pick(files), random);
  expect((await here.verify()).problems).toBeGreaterThan(20);
  expect((await here.repair()).problems).toBe(0);
  expect(everything(here)).toEqual(original.linked);
});

test("a repair writes nothing in place: another hub keeps its files until it is repaired itself", async () => {
  const here = await makeWorld();
  const other = await makeWorld();
  const store = { env: { ...other.scene.env, CARGO_HUB_STORE: here.store } };
  try {
    await here.fillHub();
    const original = everything(here);
    await other.fillHub(store);
    for (const name of ["sources", "crates", "checksum files"]) {
      const path = seeded(seed).pick(ownedArea(here, name).files);
      const theirs = path.replace(here.hub, other.hub);
      const inode = inodeOf(path);
      expect(inodeOf(theirs)).toBe(inode);
      flipSomewhere(path, seeded(seed + 3));
      const hurt = listing(other.hub);
      expect((await here.repair()).problems).toBe(0);
      expect(inodeOf(path)).not.toBe(inode);
      expect(inodeOf(theirs)).toBe(inode);
      expect(listing(other.hub)).toEqual(hurt);
      expect((await other.verify(store)).damaged.map((finding) => finding.path)).toEqual([theirs]);
      expect((await other.repair({ ...store, offline: true })).problems).toBe(0);
      // Marks are written anew one by one; everything else comes from the store again.
      expect(inodeOf(theirs) === inodeOf(path)).toBe(name !== "checksum files");
    }
    expect(everything(here)).toEqual(original);
  } finally {
    await other.close();
    await here.close();
  }
});

test("what neither the store nor upstream can mend is told with exit code 1, and nothing gets worse", async () => {
  const here = await makeWorld();
  try {
    await here.fillHub();
    const random = seeded(seed + 4);
    const before = listing(here.hub);
    const flips = ["crates", "sources", "raw index"].map((name) =>
      flipSomewhere(random.pick(ownedArea(here, name).files), random),
    );
    const hurt = listing(here.hub);
    here.scene.registry.setFault(/./, { kind: "status", status: 404 });
    const run = await here.hubCommand(["verify", "--repair", "--json"]);
    expect(run.code, run.stderr).toBe(1);
    expect(JSON.parse(run.stdout)).toHaveProperty(
      "damaged",
      expect.arrayContaining([expect.objectContaining({ path: flips[0]?.path })]),
    );
    expect(run.stderr).toMatch(/warning: .*404/);
    expect(listing(here.hub)).toEqual(hurt);
    here.scene.registry.setFault(/./, undefined);
    expect((await here.repair()).problems).toBe(0);
    expect(listing(here.hub)).toEqual(before);
  } finally {
    await here.close();
  }
});
