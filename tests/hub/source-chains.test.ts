import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorOf, hub, hubIn, must, offline, openFilled, openScene, runIn } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";

const crates = [{ name: "alpha", version: "1.0.0" }];

/** Whether cargo, with no network and an empty CARGO_HOME, takes alpha from the hub at `root`. */
async function isEffective(scene: Scene, cwd = scene.project, root = scene.project): Promise<boolean> {
  const run = await offline(scene, { cwd }, ["cargo", "metadata", "--frozen", "--format-version", "1"]);
  return run.code === 0 && run.stdout.includes(`"manifest_path":"${root}/.cargo/registry/src/`);
}

/** The scene's registry for `url`; what users write into config.toml. */
const chains: Record<string, (url: string) => string> = {
  "a mirror as a source": (url) =>
    `[source.crates-io]\nreplace-with = "corp"\n\n[source.corp]\nregistry = "sparse+${url}"\n`,
  "a mirror that is a registry": (url) =>
    `[source.crates-io]\nreplace-with = "corp"\n\n[registries.corp]\nindex = "sparse+${url}"\n`,
  "a mirror of a mirror": (url) =>
    `[source.crates-io]\nreplace-with = "corp"\n\n[source.corp]\nregistry = "sparse+https://corp.example/index/"\nreplace-with = "edge"\n\n[source.edge]\nregistry = "sparse+${url}"\n`,
  "a mirror with a quoted name": (url) =>
    `[source.crates-io]\nreplace-with = "our mirror"\n\n[source."our mirror"]\nregistry = "sparse+${url}"\n`,
  "dotted keys": (url) => `source.crates-io.replace-with = "corp"\nsource.corp.registry = "sparse+${url}"\n`,
};

test.each(Object.keys(chains))("a project with %s is filled through it and then uses the hub", async (name) => {
  const scene = await openScene({ crates });
  scene.write("app/.cargo/config.toml", chains[name]?.(scene.registry.url) ?? "");
  await must(hub(scene, "fill"));
  expect(scene.registry.paths()).toContain("/crates/alpha/alpha-1.0.0.crate");
  expect(await isEffective(scene)).toBe(true);
  expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).not.toContain("127.0.0.1");
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  await must(hub(scene, "off"));
  scene.registry.requests.length = 0;
  await must(scene.cargo("fetch", "--locked"));
  expect(scene.registry.paths()).toContain("/crates/alpha/alpha-1.0.0.crate");
});

test("a registry of one's own beside crates.io gets its own place in the hub", async () => {
  const scene = await openScene({
    crates: [...crates, { name: "inhouse", version: "2.0.0" }],
    files: {
      "Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nalpha = "1"\ninhouse = { version = "2", registry = "corp" }\n',
    },
  });
  const corp = `sparse+${scene.registry.url.replace("127.0.0.1", "localhost")}`;
  scene.write(
    "app/.cargo/config.toml",
    `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${scene.registry.url}"\n\n[registries.corp]\nindex = "${corp}"\n`,
  );
  await must(hub(scene, "fill"));
  expect(readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8")).toContain(
    `source = "${corp}", name = "inhouse"`,
  );
  expect(await isEffective(scene)).toBe(true);
  const checked = await offline(scene, {}, ["cargo", "check", "--frozen"]);
  expect(checked.code, checked.stderr).toBe(0);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("a mirror that only CARGO_HOME defines for the project's own replacement is hooked by its name", async () => {
  const scene = await openScene({
    crates,
    files: { ".cargo/config.toml": '[source.crates-io]\nreplace-with = "corp"\n' },
  });
  scene.write("cargo-home/config.toml", `[source.corp]\nregistry = "sparse+${scene.registry.url}"\n`);
  await must(hub(scene, "fill"));
  const run = await offline(scene, { env: { CARGO_HOME: scene.cargoHome } }, ["cargo", "check", "--frozen"]);
  expect(run.code, run.stderr).toBe(0);
});

test("a replacement by somebody's own directory, between the hub and the project, is told, and nothing is written", async () => {
  const scene = await openScene({
    crates,
    files: { ".cargo/hub.toml": 'version = 1\nlockfiles = ["deep/Cargo.lock"]\n' },
  });
  renameSync(join(scene.project, "Cargo.toml"), join(scene.root, "manifest"));
  await must(runIn(scene, {}, ["mkdir", "-p", "deep/src"]));
  renameSync(join(scene.root, "manifest"), join(scene.project, "deep/Cargo.toml"));
  scene.write("app/deep/src/main.rs", "fn main() {}\n");
  await must(runIn(scene, { cwd: "app/deep" }, ["cargo", "generate-lockfile"]));
  scene.write(
    "app/deep/.cargo/config.toml",
    '[source.crates-io]\nreplace-with = "near"\n\n[source.near]\ndirectory = "crates"\n',
  );
  const before = treeFacts(scene.project);
  for (const cwd of ["app", "app/deep"]) {
    const error = errorOf(await hubIn(scene, { cwd }, "fill", "--message-format", "json"));
    expect(error.code).toBe("hub/not-effective");
    expect(error.what).toContain(join(scene.project, "deep/crates"));
    expect(error.what).toContain(join(scene.project, ".cargo/registry/src"));
    expect(error.where).toContain("app/deep/.cargo/config.toml");
    expect(differences(before, treeFacts(scene.project, /^\.cargo\/registry(\/\.hub-lock)?$/))).toEqual([]);
  }
});

test("a source of somebody's own with the name of the hub's is told, where it stands", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  const mine = `[source.crates-io]\nreplace-with = "cargo-hub-dir"\n\n[source.cargo-hub-dir]\nregistry = "sparse+${scene.registry.url}"\n`;
  for (const path of ["app/.cargo/config.toml", "cargo-home/config.toml"]) {
    rmSync(join(scene.project, ".cargo"), { recursive: true, force: true });
    scene.write(path, mine);
    const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
    expect(error).toMatchObject({ code: "hub/source-name-taken", where: join(scene.root, path) });
    expect(existsSync(join(scene.project, ".cargo/registry/source.toml"))).toBe(false);
  }
});

test("a cycle in the source configuration is an error that names its members", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  scene.write(
    "app/.cargo/config.toml",
    '[source.crates-io]\nreplace-with = "a"\n\n[source.a]\nregistry = "sparse+https://a.example/"\nreplace-with = "b"\n\n[source.b]\nregistry = "sparse+https://b.example/"\nreplace-with = "a"\n',
  );
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error.code).toBe("cargo/config-source-cycle");
  expect(error.what).toMatch(/\ba\b.*\bb\b/);
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
});

test("a chain that ends in a directory without the crates is an error that names it", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  scene.write(
    "app/.cargo/config.toml",
    '[source.crates-io]\nreplace-with = "vendored"\n\n[source.vendored]\ndirectory = "vendor"\n',
  );
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/folder-lacks", where: join(scene.project, "vendor") });
  expect(error.what).toContain("alpha 1.0.0");
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
});

test("a legacy config file beside config.toml is the one that cargo reads, so it gets the line", async () => {
  const scene = await openScene({ crates });
  renameSync(join(scene.project, ".cargo/config.toml"), join(scene.project, ".cargo/config"));
  scene.write("app/.cargo/config.toml", "[build]\njobs = 1\n");
  await must(hub(scene, "fill"));
  expect(readFileSync(join(scene.project, ".cargo/config.toml"), "utf8")).toBe("[build]\njobs = 1\n");
  expect(readFileSync(join(scene.project, ".cargo/config"), "utf8")).toContain('include = ["hub.config.toml"]');
  expect(await isEffective(scene)).toBe(true);
});

test("a project below a directory with a mirror of its own needs no line in that directory", async () => {
  const scene = await openFilled({ crates });
  await must(runIn(scene, { cwd: scene.root }, ["mkdir", "-p", "above"]));
  renameSync(scene.project, join(scene.root, "above/app"));
  const project = join(scene.root, "above/app");
  const own = readFileSync(join(project, ".cargo/config.toml"), "utf8");
  scene.write("above/.cargo/config.toml", own.slice(own.indexOf("[source.crates-io]")));
  rmSync(join(project, ".cargo"), { recursive: true });
  await must(hubIn(scene, { cwd: project }, "fill"));
  expect(await isEffective(scene, project, project)).toBe(true);
});
