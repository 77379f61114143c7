import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  cratesIoIdent,
  documentOf,
  errorOf,
  hub,
  hubIn,
  messagesOf,
  must,
  offline,
  openScene,
} from "../support/hub-runs.ts";
import type { Finished, Scene } from "../support/stage.ts";
import { treeFacts } from "../support/tree-facts.ts";

const alpha = { name: "alpha", version: "1.0.0" };
const beta = { name: "beta", version: "0.2.1" };

const packageOf = (name: string, deps: string): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${deps}`;

/** A folder of projects: a package, a workspace with two members and an excluded package, and much that is none. */
const folder: Readonly<Record<string, string>> = {
  "one/Cargo.toml": packageOf("one", 'alpha = "1"\n'),
  "one/src/main.rs": "fn main() {}\n",
  "one/target/package/one-0.1.0/Cargo.toml": packageOf("one", ""),
  "one/tests/fixtures/bare/Cargo.toml": packageOf("bare", ""),
  "group/space/Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nexclude = ["fuzz", "bench"]\nresolver = "2"\n',
  "group/space/crates/m1/Cargo.toml": packageOf("m1", 'alpha = "1"\n'),
  "group/space/crates/m1/src/lib.rs": "",
  "group/space/crates/m2/Cargo.toml": packageOf("m2", 'beta = "0.2"\n'),
  "group/space/crates/m2/src/lib.rs": "",
  "group/space/crates/m2/Cargo.lock": "version = 4\n",
  "group/space/fuzz/Cargo.toml": packageOf("fuzz", 'beta = "0.2"\n'),
  "group/space/fuzz/src/main.rs": "fn main() {}\n",
  "group/space/fuzz/Cargo.lock": 'version = 4\n\n[[package]]\nname = "fuzz"\nversion = "0.1.0"\n',
  "group/space/bench/Cargo.toml": packageOf("bench", ""),
  "vendor/dep/Cargo.toml": packageOf("dep", ""),
  "sources/dep-1.0.0/Cargo.toml": packageOf("dep", ""),
  "sources/dep-1.0.0/.cargo-checksum.json": "{}",
  "output/CACHEDIR.TAG": "",
  "output/dep/Cargo.toml": packageOf("dep", ""),
  "node_modules/x/Cargo.toml": packageOf("x", ""),
  ".hidden/x/Cargo.toml": packageOf("x", ""),
  "notes/readme.md": "no project\n",
};

async function openFolder(more: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const scene = await openScene({ crates: [alpha, beta], deps: {} });
  rmSync(join(scene.project, "Cargo.toml"));
  rmSync(join(scene.project, "src"), { recursive: true });
  for (const [path, text] of Object.entries({ ...folder, ...more })) scene.write(`app/${path}`, text);
  await must(scene.run("cargo", ["generate-lockfile", "--manifest-path", "group/space/fuzz/Cargo.toml"]));
  return scene;
}

const projects = ["group/space", "group/space/fuzz", "one"];

function warningsOf(finished: Finished): string[] {
  return messagesOf(finished)
    .filter(({ reason }) => reason === "warning")
    .map(({ message }) => String(message));
}

test("fill in a folder of projects fills one hub for each workspace, from one store", async () => {
  const scene = await openFolder();
  const filled = await must(hub(scene, "fill", "--json", "--message-format", "json"));
  const roots = projects.map((project) => join(scene.project, project));
  expect(documentOf(filled)).toMatchObject({
    formatVersion: 1,
    directory: scene.project,
    hubs: roots.map((root) => ({ hub: root, changed: true })),
    failed: [],
  });
  expect(warningsOf(filled)).toEqual([
    expect.stringContaining(`${scene.project}/group/space/crates/m2/Cargo.lock is not read by Cargo`),
    expect.stringContaining(
      `2 packages inside of other projects have no Cargo.lock and were left out: ${scene.project}/group/space/bench, ${scene.project}/one/tests/fixtures/bare;`,
    ),
  ]);
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
  for (const path of ["group/space/crates/m1", "group/space/fuzz", "one"]) {
    const checked = await offline(scene, { cwd: `app/${path}` }, ["cargo", "check", "--frozen"]);
    expect(checked.code, checked.stderr).toBe(0);
  }
  expect(scene.registry.paths().filter((path) => path.endsWith("alpha-1.0.0.crate"))).toHaveLength(1);
  const inodes = ["one", "group/space"].map(
    (project) =>
      statSync(join(scene.project, project, ".cargo/registry/cache", cratesIoIdent, "alpha-1.0.0.crate")).ino,
  );
  expect(new Set(inodes).size).toBe(1);
});

test("the second fill of a folder changes nothing, sends nothing, and tells it of each hub", async () => {
  const scene = await openFolder();
  await must(hub(scene, "fill"));
  const before = treeFacts(scene.project);
  scene.registry.requests.length = 0;
  const again = await must(hub(scene, "fill"));
  expect(again.stderr.match(/^ +Fresh /gm)).toHaveLength(3);
  expect(again.stderr).toMatch(/^ +Done 3 hubs filled, 0 failed$/m);
  expect(scene.registry.paths()).toEqual([]);
  expect(treeFacts(scene.project)).toEqual(before);
});

test("what fails for one project is told and does not stop the others; the exit code says so", async () => {
  const scene = await openFolder({
    "a-broken/Cargo.toml": "[package\n",
    "b-lost/Cargo.toml": packageOf("lost", 'nowhere = "1"\n'),
    "b-lost/src/lib.rs": "",
    "c-cut/Cargo.toml": packageOf("cut", ""),
    "c-cut/Cargo.lock": "version = 4\n[[package]]\n",
  });
  const filled = await hub(scene, "fill", "--json", "--message-format", "json");
  expect(filled.code).toBe(101);
  const report = documentOf(filled);
  expect(report["hubs"]).toHaveLength(3);
  expect(report["failed"]).toMatchObject([
    { hub: join(scene.project, "a-broken"), code: "toml/syntax" },
    { hub: join(scene.project, "b-lost"), code: "hub/cargo-failed" },
    { hub: join(scene.project, "c-cut"), code: "cargo/lockfile-syntax" },
  ]);
  expect(messagesOf(filled).filter(({ reason }) => reason === "error")).toHaveLength(3);
  expect((await hub(scene, "fill")).stderr).toMatch(/^ +Done 3 hubs filled, 3 failed$/m);
});

test("projects that came are filled with the next run, and the hub of one that went is named", async () => {
  const scene = await openFolder();
  await must(hub(scene, "fill"));
  scene.write("app/later/Cargo.toml", packageOf("later", 'beta = "0.2"\n'));
  scene.write("app/later/src/lib.rs", "");
  for (const path of ["Cargo.toml", "Cargo.lock", "tests"])
    rmSync(join(scene.project, "one", path), { recursive: true });
  const filled = await must(hub(scene, "fill", "--json", "--message-format", "json"));
  const hubs = ["group/space", "group/space/fuzz", "later"].map((path) => ({ hub: join(scene.project, path) }));
  expect(documentOf(filled)).toMatchObject({ hubs, failed: [] });
  expect(warningsOf(filled)).toContainEqual(expect.stringContaining(`the hub of ${scene.project}/one was left out`));
});

test("verify, status, on and off mean all hubs below with --recursive, and none without", async () => {
  const scene = await openFolder();
  await must(hub(scene, "fill"));
  for (const verb of ["verify", "status", "on", "off"])
    expect(errorOf(await hub(scene, verb, "--message-format", "json")).code).toBe("hub/not-found");

  const states = async (): Promise<unknown> => {
    const { hubs } = documentOf(await must(hub(scene, "status", "--recursive", "--json")));
    return Array.isArray(hubs) ? hubs.map(({ on }: { on: unknown }) => on) : hubs;
  };
  expect(await states()).toEqual([true, true, true]);
  await must(hub(scene, "off", "--recursive"));
  expect(await states()).toEqual([false, false, false]);
  await must(hub(scene, "on", "--recursive"));
  expect(await states()).toEqual([true, true, true]);
  expect((await must(hub(scene, "status", "--recursive"))).stdout.match(/^hub /gm)).toHaveLength(3);

  expect(await hub(scene, "verify", "--recursive")).toMatchObject({ code: 0 });
  rmSync(join(scene.project, "one/.cargo/registry/cache"), { recursive: true });
  const found = await hub(scene, "verify", "--recursive", "--json");
  expect(found.code).toBe(1);
  expect(documentOf(found)).toMatchObject({ hubs: [{ problems: 0 }, { problems: 0 }, { problems: 1 }], failed: [] });
  expect(await hub(scene, "verify", "--recursive", "--repair")).toMatchObject({ code: 0 });

  scene.write("app/group/space/.cargo/hub.toml", "version = 9\n");
  const stopped = await hub(scene, "verify", "--recursive", "--json");
  expect(stopped.code).toBe(101);
  expect(documentOf(stopped)).toMatchObject({
    hubs: [{ problems: 0 }, { problems: 0 }],
    failed: [{ hub: join(scene.project, "group/space"), code: "formats/hub-toml-version" }],
  });
});

test("fill --recursive from inside a workspace fills its hub and those of other projects below", async () => {
  const scene = await openFolder();
  const filled = documentOf(
    await must(hubIn(scene, { cwd: "app/group/space/crates" }, "fill", "--recursive", "--json")),
  );
  expect(filled).toMatchObject({ hubs: [{ hub: join(scene.project, "group/space") }] });
  const both = documentOf(await must(hubIn(scene, { cwd: "app/group/space" }, "fill", "--recursive", "--json")));
  expect(both).toMatchObject({
    hubs: [{ changed: false }, { hub: join(scene.project, "group/space/fuzz"), changed: true }],
  });
});

test("symbolic links are not followed, and a directory that may not be read is told", async () => {
  const scene = await openFolder();
  scene.write("elsewhere/x/Cargo.toml", packageOf("x", ""));
  symlinkSync(join(scene.root, "elsewhere"), join(scene.project, "linked"));
  symlinkSync(".", join(scene.project, "loop"));
  mkdirSync(join(scene.project, "closed"));
  chmodSync(join(scene.project, "closed"), 0);
  const filled = await must(hub(scene, "fill", "--json", "--message-format", "json"));
  expect(documentOf(filled)).toMatchObject({ hubs: projects.map((path) => ({ hub: join(scene.project, path) })) });
  chmodSync(join(scene.project, "closed"), 0o755);
  const told = warningsOf(filled).some((message) => message.includes(`${scene.project}/closed may not be read`));
  expect(told).toBe(process.getuid?.() !== 0); // root may read everything
});

test("a lockfile alone is a project, unless it lies in one", async () => {
  const scene = await openFolder();
  await must(hub(scene, "fill"));
  const lock = readFileSync(join(scene.project, "one/Cargo.lock"), "utf8");
  scene.write("app/layer/Cargo.lock", lock);
  scene.write("app/one/data/Cargo.lock", lock);
  const filled = documentOf(await must(hub(scene, "fill", "--json")));
  const hubs = ["group/space", "group/space/fuzz", "layer", "one"].map((path) => ({ hub: join(scene.project, path) }));
  expect(filled).toMatchObject({ hubs });
});
