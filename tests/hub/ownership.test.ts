import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseIndexCache } from "../../src/cargo/index.ts";
import {
  cratesIoIdent,
  documentOf,
  errorOf,
  hub,
  hubIn,
  must,
  offline,
  openFilled,
  openScene,
  runIn,
} from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, touchedFacts, treeFacts } from "../support/tree-facts.ts";

const ident = cratesIoIdent;
const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];
const crateFile = `registry/cache/${ident}/alpha-1.0.0.crate`;
const source = `registry/src/${ident}/alpha-1.0.0`;

/** A hub of which only the unpacked crates and crate files are left, and nobody remembers who made them. */
async function openForgotten(): Promise<Scene> {
  const scene = await openFilled({ crates });
  for (const path of ["hub.lock", "registry/source.toml", "registry/index"]) {
    rmSync(join(scene.project, ".cargo", path), { recursive: true });
  }
  return scene;
}

test("foreign crate files and sources that are right are adopted, and not written again", async () => {
  const scene = await openForgotten();
  const dotCargo = join(scene.project, ".cargo");
  const before = touchedFacts(join(dotCargo, "registry/src"));
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  expect(report).toMatchObject({ changed: true, downloadedCrates: 0 });
  expect(report["adopted"]).toEqual(
    crates.map(({ name, version }) => ({
      source: "registry+https://github.com/rust-lang/crates.io-index",
      name,
      version,
    })),
  );
  expect(differences(before, touchedFacts(join(dotCargo, "registry/src")))).toEqual([]);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test.each([
  ["a crate file with other bytes", crateFile, crateFile],
  ["a source file with other bytes", `${source}/src/lib.rs`, `${source}/src/lib.rs`],
  ["a file that the crate does not have", `${source}/src/more.rs`, `${source}/src/more.rs`],
  ["a file where the source directory belongs", source, source],
  ["a directory where the crate file belongs", `${crateFile}/mine`, crateFile],
])("%s is refused and not lost", async (_name, path, where) => {
  const scene = await openForgotten();
  const dotCargo = join(scene.project, ".cargo");
  rmSync(join(dotCargo, where), { recursive: true, force: true });
  scene.write(`app/.cargo/${path}`, "mine\n");
  const before = treeFacts(dotCargo);
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/foreign-content", where: join(dotCargo, where) });
  expect(differences(before, treeFacts(dotCargo))).toEqual([]);
});

test("a link to right sources elsewhere is refused: nothing is written through it", async () => {
  const scene = await openForgotten();
  const place = join(scene.project, ".cargo", source);
  const elsewhere = join(scene.root, "elsewhere");
  renameSync(place, elsewhere);
  rmSync(join(elsewhere, ".cargo-checksum.json"));
  await must(runIn(scene, {}, ["ln", "-s", elsewhere, place]));
  const before = treeFacts(elsewhere);
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/foreign-content", where: place });
  expect(differences(before, treeFacts(elsewhere))).toEqual([]);
});

test("what is ours and was changed is put right", async () => {
  const scene = await openFilled({ crates });
  const dotCargo = join(scene.project, ".cargo");
  const before = treeFacts(dotCargo);
  rmSync(join(dotCargo, crateFile));
  scene.write(`app/.cargo/${crateFile}`, "mine\n");
  rmSync(join(dotCargo, source, "Cargo.toml"));
  rmSync(join(dotCargo, source, "src/lib.rs"));
  scene.write(`app/.cargo/${source}/src/lib.rs`, "pub fn edited() {}\n");
  await must(hub(scene, "fill"));
  expect(differences(before, treeFacts(dotCargo))).toEqual([]);
});

test("an edit in place that reaches the store's copy through a hard link does not reach the next hub", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  await must(runIn(scene, {}, ["sh", "-c", `echo '// edited' >> .cargo/${source}/src/lib.rs`]));
  await must(runIn(scene, { cwd: scene.root }, ["mkdir", "-p", "second/src", "second/.cargo"]));
  for (const path of ["Cargo.toml", "Cargo.lock", "src/main.rs", ".cargo/config.toml"])
    scene.write(`second/${path}`, readFileSync(join(scene.project, path), "utf8"));
  const filled = await must(hubIn(scene, { cwd: "second" }, "fill"));
  expect(filled.stderr).toContain(`through the hub of ${scene.project}/.cargo`);
  expect(differences(before, treeFacts(join(scene.root, "second/.cargo")))).toEqual([]);
  expect(await hubIn(scene, { cwd: "second" }, "verify")).toMatchObject({ code: 0 });
  expect(await hub(scene, "verify")).toMatchObject({ code: 1 });
});

/** A CARGO_HOME that real cargo has used, in the place where `app` has its `.cargo`. */
async function openPopulatedHome(): Promise<{ scene: Scene; env: Record<string, string> }> {
  const more = [...crates, { name: "alpha", version: "1.1.0" }, { name: "other", version: "5.0.0" }];
  const scene = await openScene({ crates: more, deps: { other: "5", alpha: "=1.1.0" } });
  const home = join(scene.project, ".cargo");
  const env = { CARGO_HOME: home };
  await must(runIn(scene, { env }, ["cargo", "fetch"]));
  scene.write("app/.cargo/credentials.toml", '[registry]\ntoken = "secret"\n');
  scene.write("app/.cargo/bin/tool", "#!/bin/sh\n");
  rmSync(join(scene.project, "Cargo.lock"));
  scene.write(
    "app/Cargo.toml",
    '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nbeta = "0.2"\nalpha = "=1.0.0"\n',
  );
  await must(runIn(scene, { env }, ["cargo", "generate-lockfile"]));
  return { scene, env };
}

test("a populated CARGO_HOME is refused without --adopt, and nothing in it changes", async () => {
  const { scene, env } = await openPopulatedHome();
  const before = treeFacts(scene.project);
  const error = errorOf(await hubIn(scene, { env }, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/cargo-home-in-use", where: join(scene.project, ".cargo") });
  expect(error.help).toContain("--adopt");
  expect(differences(before, treeFacts(scene.project))).toEqual([]);
});

test("a CARGO_HOME behind a symbolic link is recognised", async () => {
  const { scene } = await openPopulatedHome();
  await must(runIn(scene, { cwd: scene.root }, ["ln", "-s", "app/.cargo", "linked-home"]));
  const env = { CARGO_HOME: join(scene.root, "linked-home") };
  expect(errorOf(await hubIn(scene, { env }, "fill", "--message-format", "json")).code).toBe("hub/cargo-home-in-use");
});

test("--adopt makes a hub of a populated CARGO_HOME and loses nothing in it", async () => {
  const { scene, env } = await openPopulatedHome();
  const home = join(scene.project, ".cargo");
  const before = treeFacts(home);
  const mirror = readdirOnly(join(home, "registry/index"));
  await must(hubIn(scene, { env }, "fill", "--adopt"));
  const after = treeFacts(home);
  const changed = Object.keys(before).filter((path) => after[path]?.content !== before[path]?.content);
  expect(changed).toEqual(["config.toml"]);
  expect(existsSync(join(home, `registry/src/${mirror}/other-5.0.0/.cargo-ok`))).toBe(true);
  expect(await offline(scene, {}, ["cargo", "check", "--frozen"])).toMatchObject({ code: 0 });
});

function readdirOnly(directory: string): string {
  const [name = ""] = Object.keys(treeFacts(directory)).filter((path) => !path.includes("/"));
  return name;
}

test("versions that cargo itself has put into its index cache survive a fill", async () => {
  const { scene, env } = await openPopulatedHome();
  const home = join(scene.project, ".cargo");
  const index = join(home, "registry/index");
  // As it is where crates.io itself is the upstream: cargo's directory has the hub's name.
  const mirror = readdirOnly(index);
  for (const kind of ["index", "cache", "src"])
    renameSync(join(home, "registry", kind, mirror), join(home, "registry", kind, ident));
  const path = join(index, ident, ".cache/al/ph/alpha");
  const versions = (): string[] =>
    parseIndexCache(readFileSync(path), path)
      .lines.map(({ version }) => version)
      .toSorted();
  expect(versions()).toEqual(["1.0.0", "1.1.0"]);
  await must(hubIn(scene, { env }, "fill", "--adopt"));
  expect(versions()).toEqual(["1.0.0", "1.1.0"]);
  expect(existsSync(join(home, `registry/cache/${ident}/other-5.0.0.crate`))).toBe(true);
  expect(await offline(scene, {}, ["cargo", "check", "--frozen"])).toMatchObject({ code: 0 });
});

test("a crate that cargo unpacked into the hub is taken in by the next fill, and plain cargo works", async () => {
  const scene = await openFilled({ crates });
  const dotCargo = join(scene.project, ".cargo");
  // Real cargo unpacks a crate below the name of its mirror; crates.io itself would have the hub's own name.
  const fresh = scene.registry.add({ name: "gamma", version: "3.0.0" });
  const env = { CARGO_HOME: join(scene.root, "second-home") };
  mkdirSync(env.CARGO_HOME);
  await must(hub(scene, "off"));
  await must(runIn(scene, { env }, ["cargo", "add", "gamma"]));
  await must(runIn(scene, { env }, ["cargo", "fetch"]));
  await must(hub(scene, "on"));
  const registry = join(env.CARGO_HOME, "registry");
  const mirror = readdirOnly(join(registry, "src"));
  renameSync(join(registry, `src/${mirror}/gamma-3.0.0`), join(dotCargo, `registry/src/${ident}/gamma-3.0.0`));
  renameSync(
    join(registry, `cache/${mirror}/gamma-3.0.0.crate`),
    join(dotCargo, `registry/cache/${ident}/gamma-3.0.0.crate`),
  );
  expect((await offline(scene, {}, ["cargo", "check", "--frozen"])).stderr).toContain(".cargo-checksum.json");

  scene.registry.requests.length = 0;
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  expect(report).toMatchObject({ downloadedCrates: 0, adopted: [{ name: "gamma", version: "3.0.0" }] });
  expect(scene.registry.paths().filter((path) => path.includes(".crate"))).toEqual([]);
  expect(readFileSync(join(dotCargo, "hub.lock"), "utf8")).toContain(fresh.checksum);
  expect(await offline(scene, {}, ["cargo", "check", "--frozen"])).toMatchObject({ code: 0 });
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("a crate that cargo unpacked there and no lockfile wants gets the mark without which cargo refuses the hub", async () => {
  const scene = await openFilled({ crates });
  const dotCargo = join(scene.project, ".cargo");
  const stray = join(dotCargo, `registry/src/${ident}/alpha-1.0.0`);
  await must(runIn(scene, {}, ["cp", "-r", stray, `${stray.slice(0, -5)}9.9.9`]));
  rmSync(join(dotCargo, `registry/src/${ident}/alpha-9.9.9/.cargo-checksum.json`));
  const refused = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(refused).toMatchObject({
    code: "hub/foreign-content",
    where: join(dotCargo, `registry/src/${ident}/alpha-9.9.9`),
  });
});

test("leftovers of a killed fill are swept by the next one", async () => {
  const scene = await openFilled({ crates });
  const dotCargo = join(scene.project, ".cargo");
  const before = treeFacts(dotCargo);
  scene.write(`app/.cargo/registry/.hub-staging/1-abc/${ident}/alpha-1.0.0/Cargo.toml`, "half");
  scene.write(`app/.cargo/registry/index/${ident}/.cache/al/ph/.1-7.hub-partial`, "half");
  scene.write("app/.cargo/.1-3.hub-partial", "half");
  rmSync(join(dotCargo, source), { recursive: true });
  await must(hub(scene, "fill"));
  expect(differences(before, treeFacts(dotCargo))).toEqual([]);
});
