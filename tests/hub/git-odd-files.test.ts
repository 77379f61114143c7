import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { libraryFiles, makeRepository } from "../support/git-repository.ts";
import { documentOf, hub, must, offline, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";

/** A project that depends on the package `odd` in a repository with a file whose name is Latin-1, in this directory. */
async function openOdd(directory: string, hubToml: string): Promise<Scene> {
  const scene = await openScene({ crates: [], deps: {} });
  const repository = makeRepository(join(scene.root, "odd"));
  mkdirSync(join(repository.path, directory), { recursive: true });
  const path = Buffer.concat([Buffer.from(`${join(repository.path, directory)}/caf`), Buffer.from([0xe9])]);
  writeFileSync(path, "");
  const files = Object.entries(libraryFiles("odd")).map(([name, text]) => [`package/${name}`, text]);
  repository.commit(Object.fromEntries(files));
  const manifest = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n';
  scene.write("app/Cargo.toml", `${manifest}odd = { git = "${repository.url}" }\n`);
  await must(scene.cargo("check", "--quiet"));
  scene.write("app/.cargo/hub.toml", `version = 1\n${hubToml}`);
  scene.write("app/.cargo/config.toml", "");
  return scene;
}

test.each([
  ["directory", "elsewhere", false],
  ["directory", "package/tests", true],
  ["cargo-home", "package/tests", false],
])("in mode %s a name in %s that is not UTF-8 keeps no package from being used", async (mode, directory, isTold) => {
  const scene = await openOdd(directory, `mode = "${mode}"\n`);
  const filled = await must(hub(scene, "fill"));
  expect(filled.stderr.includes(`what has a name in ${directory} that is not UTF-8`)).toBe(isTold);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
  const env = mode === "directory" ? {} : { CARGO_HOME: join(scene.project, ".cargo") };
  await must(offline(scene, { env }, ["cargo", "check", "--frozen", "--quiet"]));
});
