import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { libraryFiles, makeRepository } from "../support/git-repository.ts";
import { documentOf, hub, messagesOf, must, offline, openScene } from "../support/hub-runs.ts";
import { startRegistry } from "../support/loopback-registry.ts";
import type { Scene } from "../support/stage.ts";

/** Where the `[patch]` tables of a project stand. */
interface Patched {
  readonly dependencies: string;
  readonly patch: string;
  /** In `.cargo/config.toml` instead of Cargo.toml. */
  readonly inConfig?: boolean;
}

function library(name: string, version: string): Record<string, string> {
  const files = libraryFiles(name);
  return { ...files, "Cargo.toml": files["Cargo.toml"]?.replace("0.1.0", version) ?? "" };
}

/** A project in a hub's mode, locked by cargo; SERVED stands for the URL of a directory with repositories, which is gone then. */
async function filled(mode: string, { dependencies, patch, inConfig = false }: Patched): Promise<Scene> {
  const scene = await openScene({ crates: [{ name: "alpha", version: "1.0.0" }], deps: {} });
  makeRepository(join(scene.root, "served/alpha")).commit(library("alpha", "1.0.9"));
  makeRepository(join(scene.root, "served/newer")).commit(library("alpha", "9.0.0"));
  const dep = makeRepository(join(scene.root, "served/dep"));
  dep.commit(library("dep", "0.1.0"));
  dep.git("checkout", "--quiet", "-b", "other");
  dep.commit(library("dep", "0.1.1"));
  for (const [path, text] of Object.entries(library("dep", "0.1.7"))) scene.write(`app/dep/${path}`, text);
  const local = (text: string): string => text.replaceAll("SERVED", `file://${scene.root}/served`);
  const manifest = `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${dependencies}\n`;
  scene.write("cargo-home/config.toml", readFileSync(join(scene.project, ".cargo/config.toml"), "utf8"));
  scene.write("app/Cargo.toml", local(manifest + (inConfig ? "" : `\n${patch}\n`)));
  scene.write("app/.cargo/config.toml", inConfig ? local(`${patch}\n`) : "");
  await must(scene.cargo("generate-lockfile"));
  scene.write("app/.cargo/hub.toml", `version = 1\nmode = "${mode}"\n`);
  await must(hub(scene, "fill"));
  rmSync(join(scene.root, "served"), { recursive: true });
  return scene;
}

const rows: Readonly<Record<string, Patched>> = {
  "of the public registry by git": {
    dependencies: 'alpha = "1"',
    patch: '[patch.crates-io]\nalpha = { git = "SERVED/alpha" }',
  },
  "of the public registry by git, in config.toml": {
    dependencies: 'alpha = "1"',
    patch: '[patch.crates-io]\nalpha = { git = "SERVED/alpha" }',
    inConfig: true,
  },
  "by git that nothing uses": {
    dependencies: 'alpha = "1"',
    patch: '[patch.crates-io]\nalpha = { git = "SERVED/newer" }',
  },
  "by a directory that nothing uses": {
    dependencies: 'alpha = "1"',
    patch: '[patch.crates-io]\ndep = { path = "dep" }',
  },
  "of a repository by a directory": {
    dependencies: 'dep = { git = "SERVED/dep", branch = "main" }',
    patch: '[patch."SERVED/dep"]\ndep = { path = "dep" }',
  },
  "of a repository by another branch of it": {
    dependencies: 'dep = { git = "SERVED/dep", branch = "main" }',
    patch: '[patch."SERVED/dep"]\ndep = { git = "SERVED//dep", branch = "other" }',
  },
};

test.each(Object.entries(rows))(
  "a patch %s builds with no network in both modes; the lockfile stays",
  async (_what, row) => {
    for (const mode of ["directory", "cargo-home"]) {
      const scene = await filled(mode, row);
      const lockfile = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
      const env = mode === "directory" ? {} : { CARGO_HOME: join(scene.project, ".cargo") };
      await must(offline(scene, { env }, ["cargo", "check", "--frozen", "--quiet"]));
      expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).toBe(lockfile);
      expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
    }
  },
);

test("a registry's patch that nothing uses can not be held, and is told", async () => {
  const corp = await startRegistry({ crates: [{ name: "alpha", version: "3.0.0" }] });
  onTestFinished(() => corp.close());
  const scene = await openScene({ crates: [{ name: "alpha", version: "1.0.0" }] });
  const index = `sparse+${corp.url}`;
  const config = readFileSync(join(scene.project, ".cargo/config.toml"), "utf8");
  scene.write("app/.cargo/config.toml", `${config}\n[registries.corp]\nindex = "${index}"\n`);
  const manifest = readFileSync(join(scene.project, "Cargo.toml"), "utf8");
  scene.write("app/Cargo.toml", `${manifest}\n[patch.crates-io]\nalpha = { version = "3", registry = "corp" }\n`);
  await must(scene.cargo("generate-lockfile"));
  const run = await must(hub(scene, "fill", "--message-format", "json"));
  const warnings = messagesOf(run).filter(({ reason }) => reason === "warning");
  expect(warnings).toMatchObject([{ message: expect.stringContaining(`the patch alpha 3.0.0 of ${index}`) }]);
  expect((await offline(scene, {}, ["cargo", "check", "--frozen"])).code).not.toBe(0);
});
