import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { libraryFiles, makeRepository } from "../support/git-repository.ts";
import { cratesIoIdent, documentOf, hub, must, offline, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";

const modern = {
  name: "modern",
  version: "1.0.0",
  deps: { plain: { version: "1", optional: true } },
  features: { default: ["fast"], fast: [] },
  files: {
    "Cargo.toml":
      '[package]\nname = "modern"\nversion = "1.0.0"\nedition = "2024"\n\n[features]\ndefault = ["fast"]\nfast = []\n\n[dependencies.plain]\nversion = "1"\noptional = true\n',
  },
};
const broken = {
  name: "broken",
  version: "0.1.0",
  files: { "Cargo.toml": '[package]\nname = "broken"\nversion = "0.1.0"\nedition = 2021\n' },
};
const plain = { name: "plain", version: "1.0.0", links: "plain", buildScript: true };

/** Depends on `plain`, and for another platform on two crates whose manifests are beyond somebody's cargo. */
async function openHub(hubToml: string): Promise<Scene> {
  const scene = await openScene({
    crates: [plain, modern, broken],
    files: {
      "Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nplain = "1"\n\n[target."cfg(windows)".dependencies]\nmodern = "1"\nbroken = "0.1"\n',
    },
  });
  scene.write("app/.cargo/hub.toml", `version = 1\n${hubToml}`);
  return scene;
}

const source = `.cargo/registry/src/${cratesIoIdent}`;

test("a manifest that no cargo can load does not disable the hub, and cargo locks and builds around it", async () => {
  const scene = await openHub("");
  const run = await must(hub(scene, "fill"));
  expect(run.stderr).toContain("broken v0.1.0 lies in quarantine");
  expect(existsSync(join(scene.project, source, ".quarantine/broken-0.1.0/Cargo.toml"))).toBe(true);
  expect(existsSync(join(scene.project, source, ".quarantine/modern-1.0.0"))).toBe(false);
  const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  await must(offline(scene, {}, ["cargo", "build", "--frozen"]));
  await must(offline(scene, {}, ["cargo", "metadata", "--frozen", "--format-version", "1"]));
  rmSync(join(scene.project, "Cargo.lock"));
  await must(offline(scene, {}, ["cargo", "generate-lockfile", "--offline"]));
  expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).toBe(lock);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
});

test("the lowest declared cargo decides, and what stands in says so when it is compiled", async () => {
  const scene = await openHub('rust-version = "1.70"\n');
  await must(hub(scene, "fill"));
  const names = [documentOf(await must(hub(scene, "status", "--json")))["quarantine"]].flat();
  expect(names).toMatchObject([
    { name: "broken" },
    { name: "modern", reason: expect.stringContaining("edition 2024") },
  ]);
  await must(offline(scene, {}, ["cargo", "build", "--frozen"]));
  const manifest = readFileSync(join(scene.project, "Cargo.toml"), "utf8");
  writeFileSync(join(scene.project, "Cargo.toml"), manifest.replace(/\[target[^]*/, 'modern = "1"\n'));
  await must(offline(scene, {}, ["cargo", "update", "--workspace", "--offline"]));
  const build = await offline(scene, {}, ["cargo", "build", "--offline"]);
  expect(build.code).not.toBe(0);
  expect(build.stderr).toContain("modern 1.0.0 lies in quarantine");
  expect(build.stderr).toContain("cargo-hub fill");
});

test("a git package stays where cargo finds it, whatever the lowest declared cargo", async () => {
  const scene = await openScene({ crates: [], deps: {} });
  const repository = makeRepository(join(scene.root, "both"));
  const files = libraryFiles("young");
  const manifest = files["Cargo.toml"]?.replace("2021", "2024") ?? "";
  repository.commit({ ...files, "Cargo.toml": manifest });
  const app = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n';
  scene.write("app/Cargo.toml", `${app}young = { git = "${repository.url}" }\n`);
  await must(scene.cargo("generate-lockfile"));
  scene.write("app/.cargo/hub.toml", 'version = 1\nrust-version = "1.70"\n');
  await must(hub(scene, "fill"));
  expect(documentOf(await must(hub(scene, "status", "--json")))["quarantine"]).toEqual([]);
  await must(offline(scene, {}, ["cargo", "check", "--frozen", "--quiet"]));
});

test("a higher rust-version takes crates out of quarantine again, a lower one puts them in", async () => {
  const scene = await openHub('rust-version = "1.90"\n');
  await must(hub(scene, "fill"));
  const quarantine = join(scene.project, source, ".quarantine/modern-1.0.0");
  const normal = join(scene.project, source, "modern-1.0.0/Cargo.toml");
  expect([existsSync(quarantine), readFileSync(normal, "utf8").includes("2024")]).toEqual([false, true]);
  scene.write("app/.cargo/hub.toml", 'version = 1\nrust-version = "1.84.1"\n');
  await must(hub(scene, "fill", "--offline"));
  expect([existsSync(quarantine), readFileSync(normal, "utf8").includes("2024")]).toEqual([true, false]);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
  scene.write("app/.cargo/hub.toml", 'version = 1\nrust-version = "1.85"\n');
  await must(hub(scene, "fill", "--offline"));
  expect([existsSync(quarantine), readFileSync(normal, "utf8").includes("2024")]).toEqual([false, true]);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
});

test("verify finds a change in quarantine and in what stands in, and mends both", async () => {
  const scene = await openHub("");
  await must(hub(scene, "fill", "--link", "copy"));
  const inside = join(scene.project, source, ".quarantine/broken-0.1.0/src/lib.rs");
  const standIn = join(scene.project, source, "broken-0.1.0/src/lib.rs");
  writeFileSync(inside, "changed");
  writeFileSync(standIn, "changed");
  const { damaged } = documentOf(await hub(scene, "verify", "--json"));
  expect(damaged).toMatchObject([{ path: inside }, { path: standIn }]);
  await must(hub(scene, "verify", "--repair"));
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
});
