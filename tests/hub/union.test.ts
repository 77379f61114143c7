import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, errorOf, hub, hubIn, messagesOf, must, offline, openScene } from "../support/hub-runs.ts";
import type { Finished, Scene } from "../support/stage.ts";
import { treeFacts } from "../support/tree-facts.ts";

const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1" },
];
const packageOf = (name: string, deps: string): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${deps}`;

/** A folder with the projects `one` (alpha) and `deep/two` (alpha and beta). */
async function openFolder(more: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const scene = await openScene({ crates, deps: {} });
  rmSync(join(scene.project, "Cargo.toml"));
  rmSync(join(scene.project, "src"), { recursive: true });
  const files = {
    "one/Cargo.toml": packageOf("one", 'alpha = "1"\n'),
    "one/src/lib.rs": "",
    "deep/two/Cargo.toml": packageOf("two", 'alpha = "1"\nbeta = "0.2"\n'),
    "deep/two/src/lib.rs": "",
    ...more,
  };
  for (const [path, text] of Object.entries(files)) scene.write(`app/${path}`, text);
  return scene;
}

const hubToml = (scene: Scene): string => readFileSync(join(scene.project, ".cargo/hub.toml"), "utf8");

function warningsOf(finished: Finished): unknown[] {
  return messagesOf(finished)
    .filter(({ reason }) => reason === "warning")
    .map(({ message }) => message);
}

test("fill --union writes hub.toml and fills one hub, from which every project below builds", async () => {
  const scene = await openFolder();
  const filled = documentOf(await must(hub(scene, "fill", "--union", "--json")));
  expect(filled).toMatchObject({ hub: scene.project, crates: 2, changed: true });
  expect(hubToml(scene)).toBe('version = 1\nlockfiles = [\n  "deep/two/Cargo.lock",\n  "one/Cargo.lock",\n]\n');
  for (const project of ["one", "deep/two"]) {
    expect(existsSync(join(scene.project, project, ".cargo"))).toBe(false);
    const checked = await offline(scene, { cwd: `app/${project}` }, ["cargo", "check", "--frozen"]);
    expect(checked.code, checked.stderr).toBe(0);
  }
  const before = treeFacts(join(scene.project, ".cargo"));
  expect(documentOf(await must(hub(scene, "fill", "--union", "--json")))).toMatchObject({ changed: false });
  expect(documentOf(await must(hubIn(scene, { cwd: "app/one" }, "fill", "--json")))).toMatchObject({ changed: false });
  expect(treeFacts(join(scene.project, ".cargo"))).toEqual(before);
});

test("run again it follows projects that came and went, and keeps the rest of hub.toml", async () => {
  const scene = await openFolder({
    ".cargo/hub.toml":
      '# ours\nversion = 1\nlockfiles = ["gone/Cargo.lock", "one/Cargo.lock"] # all of them\nmode = "directory"\n',
  });
  await must(hub(scene, "fill", "--union"));
  expect(hubToml(scene)).toBe(
    '# ours\nversion = 1\nlockfiles = ["one/Cargo.lock", "deep/two/Cargo.lock"] # all of them\nmode = "directory"\n',
  );
  rmSync(join(scene.project, "deep"), { recursive: true });
  expect(errorOf(await hub(scene, "fill", "--message-format", "json"))).toMatchObject({
    code: "hub/lockfile-missing",
    where: join(scene.project, "deep/two/Cargo.lock"),
  });
  const filled = documentOf(await must(hub(scene, "fill", "--union", "--json")));
  expect(filled).toMatchObject({ crates: 1, removed: [{ name: "beta" }] });
  expect(hubToml(scene)).toContain('lockfiles = ["one/Cargo.lock"] # all of them');
});

test("with --locked it changes nothing, and says what hub.toml lacks", async () => {
  const scene = await openFolder();
  await must(hub(scene, "fill", "--union"));
  await must(hub(scene, "fill", "--union", "--locked"));
  rmSync(join(scene.project, "one"), { recursive: true });
  scene.write("app/three/Cargo.lock", "version = 4\n");
  const before = treeFacts(scene.project);
  const error = errorOf(await hub(scene, "fill", "--union", "--locked", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/lock-outdated", where: join(scene.project, ".cargo/hub.toml") });
  expect(error.what).toContain("lacks three/Cargo.lock and it lists one/Cargo.lock");
  expect(treeFacts(scene.project)).toEqual(before);
});

test("two lockfiles that promise different bytes for one crate are an error with both places, and nothing is written", async () => {
  const scene = await openFolder();
  for (const project of ["one", "deep/two"])
    await must(scene.run("cargo", ["generate-lockfile", "--manifest-path", `${project}/Cargo.toml`]));
  const path = join(scene.project, "one/Cargo.lock");
  const right = scene.registry.built("alpha", "1.0.0").checksum;
  scene.write("app/one/Cargo.lock", readFileSync(path, "utf8").replace(right, "0".repeat(64)));
  const error = errorOf(await hub(scene, "fill", "--union", "--message-format", "json"));
  expect(error).toMatchObject({ code: "plan/checksum-conflict", where: path });
  expect(error.what).toContain(join(scene.project, "deep/two/Cargo.lock"));
  expect(existsSync(join(scene.project, ".cargo/hub.toml"))).toBe(false);

  const each = await hub(scene, "fill", "--json");
  expect(each.code).toBe(101);
  expect(documentOf(each)).toMatchObject({
    hubs: [{ hub: join(scene.project, "deep/two") }],
    failed: [{ hub: join(scene.project, "one"), code: "hub/checksum-disagreement" }],
  });
});

test("a manifest that cannot be read stops a union before anything is written", async () => {
  const scene = await openFolder({ "broken/Cargo.toml": "[package\n" });
  expect(errorOf(await hub(scene, "fill", "--union", "--message-format", "json")).code).toBe("toml/syntax");
  expect(existsSync(join(scene.project, ".cargo/hub.toml"))).toBe(false);
});

test("a member's lockfile in hub.toml is told, because Cargo reads the workspace's", async () => {
  const scene = await openFolder({
    "space/Cargo.toml": '[workspace]\nmembers = ["m"]\nresolver = "2"\n',
    "space/m/Cargo.toml": packageOf("m", 'alpha = "1"\n'),
    "space/m/src/lib.rs": "",
    "space/m/Cargo.lock": "version = 4\n",
    ".cargo/hub.toml": 'version = 1\nlockfiles = ["space/m/Cargo.lock"]\n',
  });
  const filled = await must(hub(scene, "fill", "--message-format", "json"));
  expect(warningsOf(filled)).toEqual([
    `${scene.project}/space/m/Cargo.lock is not read by Cargo, because ${scene.project}/space/m is a member of the workspace of ${scene.project}/space; delete it`,
  ]);
});

/** A Cargo.lock with so many crates. */
function locked(count: number): string {
  const source = 'source = "registry+https://github.com/rust-lang/crates.io-index"';
  const entry = (at: number): string =>
    `\n[[package]]\nname = "n${at}"\nversion = "1.0.0"\n${source}\nchecksum = "${"0".repeat(64)}"\n`;
  return `version = 4\n${Array.from({ length: count }, (_, at) => entry(at)).join("")}`;
}

test("a union of more than 500 crates is told, unless Cargo opens only what it needs", async () => {
  const scene = await openFolder({ "one/Cargo.lock": locked(501), "deep/two/Cargo.lock": locked(2) });
  const advice = async (more: string): Promise<unknown[]> => {
    scene.write("app/.cargo/hub.toml", `version = 1\nlockfiles = ["one/Cargo.lock", "deep/two/Cargo.lock"]\n${more}`);
    return warningsOf(await hub(scene, "fill", "--frozen", "--message-format", "json"));
  };
  expect(await advice("")).toEqual([expect.stringMatching(/all 501 crates .*`mode = "cargo-home"`/)]);
  expect(await advice('mode = "cargo-home"\n')).toEqual([]);
});

test("--union and --recursive do not go together", async () => {
  const scene = await openFolder();
  const both = await hub(scene, "fill", "--union", "--recursive");
  expect(both.code).toBe(2);
  expect(existsSync(join(scene.project, ".cargo/hub.toml"))).toBe(false);
});
