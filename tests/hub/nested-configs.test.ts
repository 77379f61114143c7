import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, hub, hubIn, must, offline, openScene, runIn } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";

const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1" },
];

const manifest = (name: string): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n\n[workspace]\n\n[dependencies]\nalpha = "1"\nbeta = "0.2"\n`;

/** The layout of a folder of examples: a shared `.cargo` above, and projects below, some with a `.cargo` of their own. */
async function openExamples(files: (url: string) => Readonly<Record<string, string>>): Promise<Scene> {
  const scene = await openScene({ crates, files: {} });
  rmSync(join(scene.project, "Cargo.toml"));
  rmSync(join(scene.project, "src"), { recursive: true });
  for (const name of ["one", "two"]) {
    scene.write(`app/rust/${name}/Cargo.toml`, manifest(name));
    scene.write(`app/rust/${name}/src/main.rs`, "fn main() {}\n");
  }
  for (const [path, text] of Object.entries(files(scene.registry.url))) scene.write(`app/${path}`, text);
  return scene;
}

const mirror = (name: string, url: string): string =>
  `[source.crates-io]\nreplace-with = "${name}"\n\n[source.${name}]\nregistry = "sparse+${url}"\n`;
const shared = 'version = 1\nlockfiles = ["rust/one/Cargo.lock", "rust/two/Cargo.lock"]\n';

/** In which hub the sources lie that cargo takes in `project`, with no network and an empty CARGO_HOME. */
async function hubOf(scene: Scene, project: string): Promise<string> {
  const run = await offline(scene, { cwd: `app/${project}` }, [
    "cargo",
    "metadata",
    "--frozen",
    "--format-version",
    "1",
  ]);
  if (run.code !== 0) return run.stderr;
  const root = /"manifest_path":"([^"]*)\/\.cargo\/registry\/src\/[^"]*\/alpha-1\.0\.0\//.exec(run.stdout)?.[1];
  return root === undefined ? "none" : root.slice(scene.root.length + 1);
}

test.each([
  ["a mirror that is named as the one above", (url: string) => mirror("loopback", url)],
  ["a mirror of its own", (url: string) => mirror("nearer", url.replace("127.0.0.1", "localhost"))],
  [
    "a mirror below [registries]",
    (url: string) =>
      `[source.crates-io]\nreplace-with = "nearer"\n\n[registries.nearer]\nindex = "sparse+${url.replace("127.0.0.1", "localhost")}"\n`,
  ],
])(
  "a project that shares the hub above and has %s ends in that hub, and in its mirror when the hub is off",
  async (_kind, config) => {
    const scene = await openExamples((url) => ({
      ".cargo/hub.toml": shared,
      "rust/two/.cargo/config.toml": config(url),
    }));
    await must(hub(scene, "fill"));
    expect(await hubOf(scene, "rust/one")).toBe("app");
    expect(await hubOf(scene, "rust/two")).toBe("app");
    expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
    expect((await must(hub(scene, "fill"))).stderr).toContain("Fresh");

    await must(hub(scene, "off"));
    scene.registry.requests.length = 0;
    await must(runIn(scene, { cwd: "app/rust/two" }, ["cargo", "fetch", "--locked"]));
    expect(scene.registry.paths().some((path) => path.includes("alpha-1.0.0.crate"))).toBe(true);
    await must(hub(scene, "on"));
    expect(await hubOf(scene, "rust/two")).toBe("app");
  },
);

test("a shared hub above and a project's own below: each project ends in the nearest, whoever is filled first", async () => {
  const scene = await openExamples((url) => ({
    ".cargo/hub.toml": shared,
    "rust/two/.cargo/hub.toml": "version = 1\n",
    "rust/two/.cargo/config.toml": mirror("nearer", url.replace("127.0.0.1", "localhost")),
  }));
  const filled = documentOf(await must(hubIn(scene, { cwd: "app/rust" }, "fill", "--recursive", "--json")));
  expect(filled).toMatchObject({
    hubs: [{ hub: scene.project }, { hub: join(scene.project, "rust/two") }],
    failed: [],
  });
  expect(await hubOf(scene, "rust/one")).toBe("app");
  expect(await hubOf(scene, "rust/two")).toBe("app/rust/two");

  await must(hubIn(scene, { cwd: "app/rust/two" }, "off"));
  expect(await hubOf(scene, "rust/two")).toBe("app");
  await must(hubIn(scene, { cwd: "app/rust/two" }, "on"));

  renameSync(join(scene.project, "rust/two"), join(scene.root, "moved"));
  const moved = await offline(scene, { cwd: "moved" }, ["cargo", "check", "--frozen"]);
  expect(moved.code, moved.stderr).toBe(0);
});
