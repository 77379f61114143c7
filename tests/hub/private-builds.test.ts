import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { registryIdent } from "../../src/cargo/index.ts";
import type { CrateSpec } from "../support/crate-builder.ts";
import { hubIn, messagesOf, must, offline, runIn } from "../support/hub-runs.ts";
import { type LoopbackRegistry, startRegistry } from "../support/loopback-registry.ts";
import type { Scene } from "../support/stage.ts";
import { type Locked, type PrivateSetting, privateRegistry, privateScene, TOKEN } from "./private-world.ts";

const cratesIo = "registry+https://github.com/rust-lang/crates.io-index";
const OTHER_TOKEN = "marked-of-the-other";

/** The library of a crate that says where it is from. */
function twin(text: string): Pick<CrateSpec, "files"> {
  return { files: { "src/lib.rs": `pub const FROM: &str = "${text}";\n` } };
}

function table(name: string, { url }: LoopbackRegistry): string {
  return `[registries.${name}]\nindex = "sparse+${url}"\ncredential-provider = "cargo:token"\n`;
}

/** A project on the public registry and two private ones; one has a crate that needs one of the other, and both have `twin` 1.0.0. */
async function threeRegistries(mode: string): Promise<{ readonly scene: Scene; readonly lab: LoopbackRegistry }> {
  const open = await startRegistry({ crates: [{ name: "open", version: "0.3.0" }] });
  onTestFinished(() => open.close());
  const other = await privateRegistry({
    crates: [
      { name: "base", version: "2.1.0" },
      { name: "twin", version: "1.0.0", ...twin("other") },
    ],
    token: OTHER_TOKEN,
  });
  const uses = { name: "uses", version: "1.0.0", deps: { base: { version: "2", registry: `sparse+${other.url}` } } };
  const lab = await privateRegistry({
    crates: [uses, { name: "twin", version: "1.0.0", ...twin("lab") }],
    config: { "auth-required": true, api: "https://api.example" },
  });
  const inLab = 'registry = "lab"';
  const inOther = 'registry = "other"';
  const locked: Locked[] = [
    { registry: other, name: "base", version: "2.1.0" },
    { registry: open, name: "open", version: "0.3.0", source: cratesIo, dependency: "" },
    ...[
      { registry: lab, name: "twin", version: "1.0.0", dependency: inLab },
      { registry: other, name: "twin", version: "1.0.0", dependency: inOther },
    ].toSorted((a, b) => (a.registry.url < b.registry.url ? -1 : 1)),
    { registry: lab, name: "uses", version: "1.0.0", dependency: inLab, dependencies: ["base"] },
  ];
  const config = `${table("lab", lab)}${table("other", other)}`;
  const credentials = `[registries.lab]\ntoken = "${TOKEN}"\n[registries.other]\ntoken = "${OTHER_TOKEN}"\n`;
  const scene = await privateScene({ locked, config, credentials });
  // What stands for the public registry is named only where the fill reads it: a hub has crates by the source in the lockfile.
  const mirror = `[source.crates-io]\nreplace-with = "open"\n[source.open]\nregistry = "sparse+${open.url}"\n`;
  scene.write("cargo-home/config.toml", mirror);
  scene.write("app/.cargo/hub.toml", `version = 1\nmode = "${mode}"\n`);
  return { scene, lab };
}

test.each(["directory", "cargo-home"])(
  "a hub from two private registries builds in mode %s with no network and no token",
  async (mode) => {
    const { scene, lab } = await threeRegistries(mode);
    const before = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
    await must(hubIn(scene, {}, "fill"));
    await must(hubIn(scene, {}, "verify"));
    const config = join(
      scene.project,
      ".cargo/registry/index",
      registryIdent({ kind: "sparse", url: lab.url }),
      "config.json",
    );
    expect(readFileSync(config, "utf8")).toContain('"auth-required":true');
    const env = mode === "directory" ? {} : { CARGO_HOME: join(scene.project, ".cargo") };
    for (const args of [
      ["build", "--frozen"],
      ["tree", "--frozen"],
      ["metadata", "--frozen", "--format-version=1"],
    ])
      await must(offline(scene, { env }, ["cargo", ...args]));
    expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).toBe(before);
  },
);

test("a hub in mode cargo-home is resolved anew with no network and no token", async () => {
  const { scene } = await threeRegistries("cargo-home");
  await must(hubIn(scene, {}, "fill"));
  const env = { CARGO_HOME: join(scene.project, ".cargo") };
  const before = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  scene.write("app/Cargo.lock", "version = 4\n");
  await must(offline(scene, { env }, ["cargo", "generate-lockfile", "--offline"]));
  expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8").split("\n\n").slice(1)).toEqual(
    before.split("\n\n").slice(1),
  );
});

test("a second fill of the same registries sends the tokens from the first request on", async () => {
  const { scene, lab } = await threeRegistries("directory");
  await must(hubIn(scene, {}, "fill"));
  lab.requests.length = 0;
  await must(hubIn(scene, {}, "fill", "--refresh"));
  expect(lab.requests.length).toBeGreaterThan(0);
  expect(lab.requests.map(({ headers }) => headers["authorization"])).toEqual(lab.requests.map(() => TOKEN));
});

test("a filled hub is repaired with the token, and left alone without", async () => {
  const { scene, lab } = await threeRegistries("directory");
  await must(hubIn(scene, {}, "fill"));
  lab.requests.length = 0;
  scene.write("cargo-home/credentials.toml", "");
  await must(hubIn(scene, {}, "fill"));
  await must(hubIn(scene, {}, "verify"));
  expect(lab.requests).toEqual([]);
});

const borrowed: Readonly<Record<string, (index: string) => Partial<PrivateSetting>>> = {
  CARGO_HOME: () => ({}),
  "a variable": (index) => ({ env: { CARGO_REGISTRIES_LAB_INDEX: index } }),
};

test.each(Object.entries(borrowed))(
  "a registry whose name only %s knows is told, because the hub needs it",
  async (_where, more) => {
    const lab = await privateRegistry({ token: undefined, config: {} });
    const names = `[registries.lab]\nindex = "sparse+${lab.url}"\n`;
    const locked = [{ registry: lab, name: "priv", version: "1.0.0", dependency: 'registry = "lab"' }];
    const setting = { locked, config: "", ...more(`sparse+${lab.url}`) };
    const scene = await privateScene(setting);
    if (setting.env === undefined) scene.write("cargo-home/config.toml", names);
    const advice = async (): Promise<string> => {
      const messages = messagesOf(
        await must(hubIn(scene, { env: setting.env ?? {} }, "fill", "--message-format", "json", "--refresh")),
      );
      return JSON.stringify(messages.filter(({ reason }) => reason === "warning"));
    };
    expect(await advice()).toContain("[registries.lab]");
    expect((await offline(scene, {}, ["cargo", "check", "--frozen"])).stderr).toContain("registry index was not found");
    const config = readFileSync(join(scene.project, ".cargo/config.toml"), "utf8");
    scene.write("app/.cargo/config.toml", config + names);
    expect(await advice()).toBe("[]");
    await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  },
);

test.each(["none", "crates"])(
  "a token that cargo login puts into a hub that is its home stays out of git (commit = %j)",
  async (commit) => {
    const { scene } = await threeRegistries("cargo-home");
    scene.write("app/.cargo/hub.toml", `version = 1\nmode = "cargo-home"\ncommit = "${commit}"\n`);
    await must(hubIn(scene, {}, "fill"));
    const env = { CARGO_HOME: join(scene.project, ".cargo") };
    await must(runIn(scene, { env }, ["sh", "-c", `echo ${TOKEN} | cargo login --registry lab`]));
    await must(runIn(scene, {}, ["git", "init", "-q"]));
    await must(runIn(scene, {}, ["git", "add", "-A"]));
    const { stdout } = await must(runIn(scene, {}, ["git", "grep", "--cached", "-l", "."]));
    expect(stdout).toContain(".cargo/config.toml");
    expect((await runIn(scene, {}, ["git", "grep", "--cached", "-l", TOKEN])).stdout).toBe("");
    expect(readFileSync(join(scene.project, ".cargo/credentials.toml"), "utf8")).toContain(TOKEN);
    await must(hubIn(scene, {}, "verify"));
  },
);
