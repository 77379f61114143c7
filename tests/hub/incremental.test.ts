import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cratesIoIdent, documentOf, hub, must, offline, openFilled } from "../support/hub-runs.ts";
import { type Scene, stage } from "../support/stage.ts";
import { differences, touchedFacts, treeFacts } from "../support/tree-facts.ts";

const ident = cratesIoIdent;
const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
  { name: "gamma", version: "3.0.0" },
];
const manifest = (deps: string): string =>
  `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${deps}`;

/** Changes the project's dependencies and its lockfile, as a user without a hub would. */
async function relock(scene: Scene, deps: string): Promise<void> {
  await must(hub(scene, "off"));
  scene.write("app/Cargo.toml", manifest(deps));
  await must(scene.cargo("generate-lockfile"));
  await must(hub(scene, "on"));
}

describe("a fill that has nothing to do", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await stage({ crates });
    await must(hub(scene, "fill"));
  });
  afterAll(() => scene.close());

  test.each([
    ["with the stamp of the last one", false],
    ["without any stamp", true],
  ])("%s touches no file and sends nothing", async (_name, withoutStamp) => {
    if (withoutStamp) rmSync(join(scene.root, "store/stamps"), { recursive: true });
    const before = touchedFacts(scene.project);
    scene.registry.requests.length = 0;
    const filled = await must(hub(scene, "fill"));
    expect(filled.stderr).toMatch(/^ +Fresh 3 crates, /);
    expect(differences(before, touchedFacts(scene.project))).toEqual([]);
    expect(scene.registry.paths()).toEqual([]);
  });

  test("does not trip over a stamp that another build of this version left", async () => {
    const stamps = join(scene.root, "store/stamps");
    for (const name of readdirSync(stamps)) {
      const text = readFileSync(join(stamps, name), "utf8");
      writeFileSync(join(stamps, name), text.replace('"vendored":[],', ""));
    }
    expect((await must(hub(scene, "fill"))).stderr).toMatch(/^ +Fresh 3 crates, /);
  });

  test("reports that in its document", async () => {
    expect(documentOf(await must(hub(scene, "fill", "--json")))).toMatchObject({
      formatVersion: 1,
      hub: scene.project,
      mode: "directory",
      on: true,
      changed: false,
      crates: 3,
      installed: 0,
      downloadedCrates: 0,
      adopted: [],
      removed: [],
    });
  });
});

test("another crate touches nothing of those that are there, and only what changed is rebuilt", async () => {
  const scene = await openFilled({ crates, deps: { beta: "0.2" } });
  await must(offline(scene, {}, ["cargo", "build", "--frozen"]));
  await relock(scene, 'beta = "0.2"\ngamma = "3"\n');
  const before = touchedFacts(join(scene.project, ".cargo"));
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  expect(report).toMatchObject({ changed: true, crates: 3, installed: 1, downloadedCrates: 1, removed: [] });
  const changed = differences(before, touchedFacts(join(scene.project, ".cargo")));
  const unexpected = changed.filter((path) => !path.includes("gamma") && !/\/ga(\/mm)?$/.test(path));
  // Directories get a new time when something is added to them.
  expect(unexpected).toEqual([
    "hub.lock",
    "registry",
    "registry/.hub-held",
    `registry/cache/${ident}`,
    `registry/index/${ident}`,
    `registry/index/${ident}/.cache`,
    `registry/src/${ident}`,
  ]);
  const built = await must(offline(scene, {}, ["cargo", "build", "--frozen", "-v"]));
  expect(
    built.stderr
      .match(/^ *(?:Fresh|Compiling) \w+/gm)
      ?.map((line) => line.trim())
      .toSorted(),
  ).toEqual(["Compiling app", "Compiling gamma", "Fresh alpha", "Fresh beta"]);
});

test.each([
  ["is deleted and filled again", "rm -r .cargo/registry"],
  ["loses its sources and is filled again", "rm -r .cargo/registry/src"],
  ["is edited and repaired", `echo '// edited' >> .cargo/registry/src/${ident}/alpha-1.0.0/src/lib.rs`],
])("when the hub %s, cargo rebuilds nothing", async (_name, harm) => {
  const scene = await openFilled({ crates });
  await must(offline(scene, {}, ["cargo", "build", "--frozen"]));
  await must(scene.run("sh", ["-c", harm]));
  await must(hub(scene, ...(harm.startsWith("rm") ? ["fill", "--frozen"] : ["verify", "--repair"])));
  const built = await must(offline(scene, {}, ["cargo", "build", "--frozen", "-v"]));
  expect(built.stderr).not.toMatch(/^ *(?:Compiling|Dirty) /m);
  expect(built.stderr.match(/^ *Fresh \w+/gm)).toHaveLength(4);
});

test("a crate that nobody wants any more goes with its files and empty directories, and nothing else does", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  await relock(scene, 'beta = "0.2"\n');
  const filled = await must(hub(scene, "fill"));
  expect(filled.stderr).toContain("Removing gamma v3.0.0");
  const after = treeFacts(join(scene.project, ".cargo"));
  const gone = differences(before, after);
  expect(gone.filter((path) => after[path] !== undefined)).toEqual(["hub.lock", "registry/.hub-held"]);
  expect(gone.filter((path) => !path.includes("gamma"))).toEqual([
    "hub.lock",
    "registry/.hub-held",
    `registry/index/${ident}/.cache/ga`,
    `registry/index/${ident}/.cache/ga/mm`,
    `registry/index/${ident}/ga`,
    `registry/index/${ident}/ga/mm`,
  ]);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("one of two versions goes out of the index files that both share", async () => {
  const both = [...crates, { name: "alpha", version: "2.0.0" }];
  const scene = await openFilled({
    crates: both,
    deps: { alpha: "1", newer: { version: "2", package: "alpha" } },
  });
  await relock(scene, 'alpha = "1"\n');
  await must(hub(scene, "fill"));
  expect(readFileSync(join(scene.project, `.cargo/registry/index/${ident}/al/ph/alpha`), "utf8")).toBe(
    `${scene.registry.built("alpha", "1.0.0").line}\n`,
  );
  expect(existsSync(join(scene.project, `.cargo/registry/src/${ident}/alpha-2.0.0`))).toBe(false);
  expect(documentOf(await must(hub(scene, "verify", "--json")))).toMatchObject({ problems: 0, foreign: [] });
  const incremental = treeFacts(join(scene.project, ".cargo"));
  rmSync(join(scene.project, ".cargo/registry"), { recursive: true });
  await must(hub(scene, "fill", "--frozen"));
  expect(differences(incremental, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
});

describe("what somebody deleted", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await stage({ crates });
    await must(hub(scene, "fill"));
  });
  afterAll(() => scene.close());

  test.each([
    `registry/src/${ident}/beta-0.2.1`,
    `registry/src/${ident}/beta-0.2.1/.cargo-checksum.json`,
    `registry/src/${ident}/beta-0.2.1/Cargo.toml`,
    `registry/src/${ident}`,
    `registry/cache/${ident}/beta-0.2.1.crate`,
    `registry/cache`,
    `registry/index/${ident}/be/ta/beta`,
    `registry/index/${ident}/.cache/be/ta/beta`,
    `registry/index/${ident}/config.json`,
    `registry/index/${ident}/config.json.sha256`,
    "registry/source.toml",
    "registry/CACHEDIR.TAG",
    "registry",
    "registry/.hub-held",
    ".gitattributes",
    ".gitignore",
    "hub.config.toml",
    "hub.lock",
  ])("%s: the next fill notices and makes it the same again, with no network", async (path) => {
    const dotCargo = join(scene.project, ".cargo");
    const before = treeFacts(dotCargo, /\.hub-lock/);
    rmSync(join(dotCargo, path), { recursive: true });
    scene.registry.requests.length = 0;
    const filled = await must(hub(scene, "fill"));
    expect(filled.stderr).toMatch(/^ +Filled 3 crates/m);
    expect(differences(before, treeFacts(dotCargo, /\.hub-lock/))).toEqual([]);
    expect(scene.registry.paths()).toEqual([]);
    expect((await must(hub(scene, "fill"))).stderr).toContain("Fresh");
  });

  test("the include line in config.toml: the next fill writes it again", async () => {
    const path = join(scene.project, ".cargo/config.toml");
    const before = readFileSync(path, "utf8");
    scene.write("app/.cargo/config.toml", before.slice(before.indexOf("[")));
    expect(await offline(scene, {}, ["cargo", "check", "--frozen"])).toMatchObject({ code: 101 });
    await must(hub(scene, "fill"));
    expect(readFileSync(path, "utf8")).toContain('include = ["hub.config.toml"]');
    await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  });
});
