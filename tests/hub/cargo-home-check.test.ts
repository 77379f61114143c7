import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorOf, hub, hubIn, must, offline, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";

const hubToml = 'version = 1\nmode = "cargo-home"\n';

/** A project in the mode, whose mirror stands in the config.toml of the user's home. */
async function openProject(deps = 'alpha = "1"\n'): Promise<Scene> {
  const manifest = `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${deps}`;
  const crates = [
    { name: "alpha", version: "1.0.0" },
    { name: "inhouse", version: "2.0.0" },
  ];
  const scene = await openScene({ crates, files: { "Cargo.toml": manifest } });
  scene.write("cargo-home/config.toml", readFileSync(join(scene.project, ".cargo/config.toml"), "utf8"));
  rmSync(join(scene.project, ".cargo/config.toml"));
  scene.write("app/.cargo/hub.toml", hubToml);
  return scene;
}

async function checkWith(scene: Scene, cwd = "app"): Promise<number> {
  const env = { CARGO_HOME: join(scene.project, ".cargo") };
  return (await offline(scene, { cwd, env }, ["cargo", "check", "--frozen"])).code;
}

test("a mirror in the user's home is filled through and not needed afterwards", async () => {
  const scene = await openProject();
  await must(hub(scene, "fill"));
  expect(await checkWith(scene)).toBe(0);
});

test.each([
  ["app/.cargo/config.toml", "app"],
  [".cargo/config.toml", "app"],
  ["app/below/.cargo/config.toml", "app/below"],
])("a replacement in %s is told before anything is written, and cargo would fail", async (path, cwd) => {
  const scene = await openProject();
  const replacement = readFileSync(join(scene.cargoHome, "config.toml"), "utf8");
  scene.write(path, replacement);
  const error = errorOf(await hubIn(scene, { cwd }, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/not-effective", where: join(scene.root, path) });
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
  rmSync(join(scene.root, path));
  await must(hubIn(scene, { cwd }, "fill"));
  expect(await checkWith(scene, cwd)).toBe(0);
  const own = path === "app/.cargo/config.toml" ? 'include = ["hub.config.toml"]\n' : "";
  scene.write(path, own + replacement);
  expect(await checkWith(scene, cwd)).not.toBe(0);
});

test("a registry whose name stands in the user's home only is told, and works with its name in the project", async () => {
  const scene = await openProject('alpha = "1"\ninhouse = { version = "2", registry = "corp" }\n');
  const corp = `[registries.corp]\nindex = "sparse+${scene.registry.url.replace("127.0.0.1", "localhost")}"\n`;
  scene.write("cargo-home/config.toml", `${readFileSync(join(scene.cargoHome, "config.toml"), "utf8")}\n${corp}`);
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({
    code: "hub/not-effective",
    what: expect.stringContaining("registry corp"),
    where: join(scene.cargoHome, "config.toml"),
  });
  scene.write("app/.cargo/config.toml", corp);
  await must(hub(scene, "fill"));
  expect(await checkWith(scene)).toBe(0);
});

test("the public registry by its git protocol would be looked for where the hub has nothing", async () => {
  const scene = await openProject();
  await must(scene.cargo("generate-lockfile"));
  scene.write("app/.cargo/config.toml", '[registries.crates-io]\nprotocol = "git"\n');
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/not-effective", where: join(scene.project, ".cargo/config.toml") });
});
