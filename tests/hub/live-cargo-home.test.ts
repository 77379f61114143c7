import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, hub, hubIn, must, offline, openScene, runIn } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, touchedFacts, treeFacts } from "../support/tree-facts.ts";

const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "alpha", version: "1.1.0" },
  { name: "gamma", version: "3.0.0" },
];

/** A project on a registry of its own, whose directories have the same names in cargo's home as in a hub. */
async function openOwnRegistry(): Promise<{ scene: Scene; env: Record<string, string> }> {
  const scene = await openScene({ crates, deps: {} });
  scene.write("app/.cargo/config.toml", `[registries.corp]\nindex = "sparse+${scene.registry.url}"\n`);
  scene.write(
    "app/Cargo.toml",
    '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nalpha = { version = "=1.0.0", registry = "corp" }\n',
  );
  return { scene, env: { CARGO_HOME: join(scene.project, ".cargo") } };
}

test("crates that cargo adds to a hub in mode cargo-home are adopted by the next fill, and directory mode works", async () => {
  const { scene, env } = await openOwnRegistry();
  scene.write("app/.cargo/hub.toml", 'version = 1\nmode = "cargo-home"\n');
  await must(hub(scene, "fill"));
  await must(runIn(scene, { env }, ["cargo", "add", "gamma", "--registry", "corp"]));
  await must(runIn(scene, { env }, ["cargo", "build"]));
  const [ident = ""] = readdirSync(join(scene.project, ".cargo/registry/src"));
  const sources = join(scene.project, ".cargo/registry/src", ident);
  expect(readdirSync(sources).toSorted()).toEqual(["alpha-1.0.0", "gamma-3.0.0"]);
  const before = touchedFacts(sources);

  scene.write("app/.cargo/hub.toml", "version = 1\n");
  scene.registry.requests.length = 0;
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  expect(report).toMatchObject({ downloadedCrates: 0, adopted: [{ name: "gamma" }] });
  const marks = differences(before, touchedFacts(sources)).filter((path) => path.includes("/"));
  expect(marks).toEqual(["gamma-3.0.0/.cargo-checksum.json"]);
  const built = await must(offline(scene, {}, ["cargo", "build", "--frozen", "-v"]));
  expect(built.stderr).not.toMatch(/^ *(?:Compiling|Dirty) /m);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("a crate that cargo unpacked and no lockfile wants any more gets its mark, so that directory mode works", async () => {
  const { scene, env } = await openOwnRegistry();
  await must(runIn(scene, { env }, ["cargo", "fetch"]));
  scene.write("app/Cargo.toml", readFileSync(join(scene.project, "Cargo.toml"), "utf8").replace("=1.0.0", "=1.1.0"));
  await must(runIn(scene, { env }, ["cargo", "fetch"]));
  const [ident = ""] = readdirSync(join(scene.project, ".cargo/registry/src"));
  await must(hubIn(scene, { env }, "fill", "--adopt"));
  expect(existsSync(join(scene.project, `.cargo/registry/src/${ident}/alpha-1.0.0/.cargo-checksum.json`))).toBe(true);
  expect(readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8")).not.toContain('version = "1.0.0"');
  await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("a populated CARGO_HOME keeps every file, and cargo goes on using it", async () => {
  const { scene, env } = await openOwnRegistry();
  await must(runIn(scene, { env }, ["cargo", "build"]));
  scene.write("app/.cargo/credentials.toml", '[registry]\ntoken = "secret"\n');
  const before = treeFacts(join(scene.project, ".cargo"));
  await must(hubIn(scene, { env }, "fill", "--adopt"));
  const after = treeFacts(join(scene.project, ".cargo"));
  expect(Object.keys(before).filter((path) => after[path]?.content !== before[path]?.content)).toEqual(["config.toml"]);
  await must(hub(scene, "off"));
  await must(runIn(scene, { env }, ["cargo", "build", "--locked"]));
  await must(runIn(scene, { env }, ["cargo", "update", "-p", "alpha", "--precise", "1.0.0"]));
});
