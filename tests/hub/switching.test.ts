import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, hub, hubIn, must, offline, openFilled, openScene, runIn } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";

const alpha = { name: "alpha", version: "1.0.0" };
const beta = { name: "beta", version: "0.2.1" };
const registrySource = "registry+https://github.com/rust-lang/crates.io-index";

/** Where the sources of a package lie that cargo would compile in `cwd`, with no network and an empty CARGO_HOME. */
async function sourceOf(scene: Scene, cwd: string, name: string): Promise<string> {
  const run = await offline(scene, { cwd }, ["cargo", "metadata", "--frozen", "--format-version", "1"]);
  if (run.code !== 0) return `error: ${run.stderr}`;
  return new RegExp(`"manifest_path":"([^"]*/${name}-[^"]*)"`).exec(run.stdout)?.[1] ?? "no such package";
}

/** What cargo says about the project when it may use the loopback registry; a private CARGO_HOME. */
async function onlineMetadata(scene: Scene): Promise<string> {
  return (await must(scene.cargo("metadata", "--locked", "--format-version", "1"))).stdout;
}

test.each(["switched off", "deleted"])(
  "a hub that is %s leaves cargo's own behaviour and the same lockfile",
  async (how) => {
    const scene = await openScene({ crates: [alpha] });
    await must(scene.cargo("generate-lockfile"));
    const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
    const without = await onlineMetadata(scene);
    await must(hub(scene, "fill"));
    expect(await onlineMetadata(scene)).not.toBe(without);

    if (how === "deleted") rmSync(join(scene.project, ".cargo/registry"), { recursive: true });
    else await must(hub(scene, "off"));

    expect(await onlineMetadata(scene)).toBe(without);
    await must(scene.cargo("build", "--locked"));
    expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).toBe(lock);
    expect(lock).toContain(registrySource);
  },
);

test("off touches nothing but the switch, fill leaves it off, and on brings the same bytes back", async () => {
  const scene = await openFilled({ crates: [alpha] });
  const dotCargo = join(scene.project, ".cargo");
  const before = treeFacts(dotCargo);

  const off = documentOf(await must(hub(scene, "off", "--json")));
  expect(off).toEqual({
    formatVersion: 1,
    hub: scene.project,
    mode: "directory",
    on: false,
    changed: true,
    outer: null,
  });
  expect(differences(before, treeFacts(dotCargo))).toEqual(["registry/.hub-off", "registry/source.toml"]);
  expect(documentOf(await must(hub(scene, "off", "--json")))).toMatchObject({ on: false, changed: false });

  const filled = await must(hub(scene, "fill"));
  expect(filled.stderr).toContain("the hub is off");
  expect(existsSync(join(dotCargo, "registry/source.toml"))).toBe(false);
  expect(documentOf(await hub(scene, "status", "--json"))).toMatchObject({ on: false, offBecause: "switched-off" });
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });

  expect(documentOf(await must(hub(scene, "on", "--json")))).toMatchObject({ on: true, changed: true });
  expect(differences(before, treeFacts(dotCargo))).toEqual([]);
  expect(await sourceOf(scene, "app", "alpha")).toContain(`${dotCargo}/registry/src/`);
});

test("a hub that was never filled, or whose registry directory is gone, cannot be switched on", async () => {
  const scene = await openScene({ crates: [alpha] });
  expect(await hub(scene, "on")).toMatchObject({ code: 101 });
  expect((await hub(scene, "on")).stderr).toContain("error[hub/not-found]");
  await must(hub(scene, "fill"));
  rmSync(join(scene.project, ".cargo/registry"), { recursive: true });
  expect((await hub(scene, "on")).stderr).toContain("error[hub/not-found]");
  expect(documentOf(await hub(scene, "status", "--json"))).toMatchObject({
    on: false,
    offBecause: "source-toml-missing",
    crates: 1,
    incomplete: ["alpha 1.0.0"],
  });
});

const manifest = (name: string, deps: string): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n\n[workspace]\n\n[dependencies]\n${deps}`;

/** `app` is the shared directory; `one` and `two` are projects below it. */
async function openShared(): Promise<Scene> {
  const scene = await openScene({
    crates: [alpha, beta],
    files: {
      "Cargo.toml": "",
      "one/Cargo.toml": manifest("one", 'alpha = "1"\n'),
      "one/src/main.rs": "fn main() {}\n",
      "two/Cargo.toml": manifest("two", 'alpha = "1"\nbeta = "0.2"\n'),
      "two/src/main.rs": "fn main() {}\n",
      ".cargo/hub.toml": 'version = 1\nlockfiles = ["one/Cargo.lock", "two/Cargo.lock"]\n',
    },
  });
  rmSync(join(scene.project, "Cargo.toml"));
  return scene;
}

test("a shared hub holds the union of the lockfiles that hub.toml lists, and each project builds from it", async () => {
  const scene = await openShared();
  await must(hub(scene, "fill"));
  const lock = readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8");
  expect([...lock.matchAll(/path = "([^"]+)"/g)].map(([, path]) => path)).toEqual(["one/Cargo.lock", "two/Cargo.lock"]);
  expect([...lock.matchAll(/ name = "([^"]+)"/g)].map(([, name]) => name)).toEqual(["alpha", "beta"]);
  for (const project of ["app/one", "app/two"]) {
    const built = await offline(scene, { cwd: project }, ["cargo", "check", "--frozen"]);
    expect(built.code, built.stderr).toBe(0);
  }
  expect(documentOf(await must(hub(scene, "status", "--json")))).toMatchObject({
    lockfiles: [
      { path: "one/Cargo.lock", state: "held" },
      { path: "two/Cargo.lock", state: "held" },
    ],
  });
});

test("fill in a project below fills the outer hub when that lists the project's lockfile", async () => {
  const scene = await openShared();
  await must(hubIn(scene, { cwd: "app/two" }, "fill"));
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(true);
  expect(existsSync(join(scene.project, "two/.cargo"))).toBe(false);
});

test("fill in a project below makes a hub of its own when the outer one does not list its lockfile", async () => {
  const scene = await openShared();
  scene.write("app/.cargo/hub.toml", 'version = 1\nlockfiles = ["one/Cargo.lock"]\n');
  await must(runIn(scene, { cwd: "app/two" }, ["cargo", "generate-lockfile"]));
  await must(hub(scene, "fill"));
  await must(hubIn(scene, { cwd: "app/two" }, "fill"));
  expect(existsSync(join(scene.project, "two/.cargo/hub.lock"))).toBe(true);
  expect(readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8")).not.toContain("beta");
});

test("an inner hub wins over the outer one, and when it is off the outer one applies", async () => {
  const scene = await openShared();
  await must(hub(scene, "fill"));
  scene.write("app/two/.cargo/hub.toml", "version = 1\n");
  await must(hubIn(scene, { cwd: "app/two" }, "fill"));
  const inner = join(scene.project, "two/.cargo/registry/src");
  const outer = join(scene.project, ".cargo/registry/src");
  expect(await sourceOf(scene, "app/two", "beta")).toContain(inner);
  expect(await sourceOf(scene, "app/one", "alpha")).toContain(outer);

  const off = documentOf(await must(hubIn(scene, { cwd: "app/two" }, "off", "--json")));
  expect(off).toMatchObject({ hub: join(scene.project, "two"), on: false, outer: scene.project });
  expect(documentOf(await must(hubIn(scene, { cwd: "app/two" }, "status", "--json")))).toMatchObject({
    outer: scene.project,
  });
  expect(await sourceOf(scene, "app/two", "beta")).toContain(outer);

  await must(hubIn(scene, { cwd: "app/two" }, "on"));
  expect(await sourceOf(scene, "app/two", "beta")).toContain(inner);
  await must(hub(scene, "off"));
  expect(await sourceOf(scene, "app/two", "beta")).toContain(inner);
  expect(documentOf(await must(hubIn(scene, { cwd: "app/two" }, "off", "--json")))).toMatchObject({ outer: null });
});

test("fill from a member of a workspace, or by --manifest-path, fills the hub at the workspace's root", async () => {
  const scene = await openScene({
    crates: [alpha],
    files: {
      "Cargo.toml": '[workspace]\nmembers = ["member"]\nresolver = "2"\n',
      "member/Cargo.toml": '[package]\nname = "member"\nversion = "0.1.0"\n\n[dependencies]\nalpha = "1"\n',
      "member/src/lib.rs": "",
    },
  });
  rmSync(join(scene.project, "src"), { recursive: true });
  await must(hubIn(scene, { cwd: "app/member" }, "fill"));
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(true);
  expect(existsSync(join(scene.project, "member/.cargo"))).toBe(false);
  rmSync(join(scene.project, ".cargo/hub.lock"));
  await must(hubIn(scene, { cwd: scene.root }, "fill", "--manifest-path", "app/member/Cargo.toml"));
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(true);
});

test("a Cargo.lock alone is enough to fill, as container layers copy it first", async () => {
  const scene = await openScene({ crates: [alpha] });
  await must(scene.cargo("generate-lockfile"));
  rmSync(join(scene.project, "Cargo.toml"));
  rmSync(join(scene.project, "src"), { recursive: true });
  await must(hub(scene, "fill"));
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("an empty directory has nothing to fill", async () => {
  const scene = await openScene({ crates: [alpha] });
  await must(runIn(scene, { cwd: scene.root }, ["mkdir", "empty"]));
  const filled = await hubIn(scene, { cwd: "empty" }, "fill");
  expect(filled).toMatchObject({ code: 101 });
  expect(filled.stderr).toContain("error[hub/nothing-to-fill]");
  expect(treeFacts(join(scene.root, "empty"))).toEqual({});
});
