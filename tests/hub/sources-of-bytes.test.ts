import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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
  openFilled,
  openScene,
} from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, timedFacts, treeFacts } from "../support/tree-facts.ts";

const ident = cratesIoIdent;
const crates = [
  { name: "alpha", version: "1.0.0", buildScript: true },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" }, files: { ".gitignore": "target\n" } },
  { name: "gamma-ray", version: "3.0.0+build.7", pubtime: "2024-01-02T03:04:05Z" },
];

/** The hub's content with times; what only locks and marks are does not count. */
function hubFacts(scene: Scene, root = scene.project): ReturnType<typeof timedFacts> {
  return timedFacts(join(root, ".cargo"), /^registry\/\.hub-lock$|^\.(?:package|global)-cache/);
}

/** Takes the hub, the store, the registry and Cargo's home away; the project's own files and the folder stay. */
function isolate(scene: Scene): void {
  for (const path of ["app/.cargo", "store", "cargo-home/registry"])
    rmSync(join(scene.root, path), { recursive: true, force: true });
  scene.registry.setFault(/./, { kind: "status", status: 500 });
  scene.write("app/.cargo/config.toml", originalConfig(scene));
  scene.registry.requests.length = 0;
}

function originalConfig(scene: Scene): string {
  return `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${scene.registry.url}"\n`;
}

/** Makes a folder of each kind below the scene's root; the hub is filled, and Cargo's home has the crates. */
const folders: Record<string, (scene: Scene) => Promise<string>> = {
  "a project with a hub": async (scene) => {
    renameSync(join(scene.project, ".cargo"), join(scene.root, "folder"));
    mkdirSync(join(scene.root, "other"));
    renameSync(join(scene.root, "folder"), join(scene.root, "other/.cargo"));
    return "other";
  },
  "a hub": async (scene) => {
    renameSync(join(scene.project, ".cargo"), join(scene.root, "folder"));
    return "folder";
  },
  "an export as cargo-home": (scene) => exported(scene, "cargo-home"),
  "an export as directory": (scene) => exported(scene, "directory"),
  "an export as local-registry": (scene) => exported(scene, "local-registry"),
  "an export as sparse": (scene) => exported(scene, "sparse", "--base-url", "https://crates.example/"),
  "a CARGO_HOME": async (scene) => {
    await must(hub(scene, "off"));
    await must(scene.cargo("fetch", "--locked"));
    renameSync(scene.cargoHome, join(scene.root, "folder"));
    return "folder";
  },
};

async function exported(scene: Scene, shape: string, ...more: readonly string[]): Promise<string> {
  await must(hub(scene, "export", "--as", shape, ...more, "../folder"));
  return "folder";
}

test.each(Object.keys(folders))("from %s alone comes the same hub, byte for byte, with no network", async (kind) => {
  const scene = await openFilled({ crates });
  const before = hubFacts(scene);
  const folder = (await folders[kind]?.(scene)) ?? "";
  isolate(scene);
  const facts = treeFacts(join(scene.root, folder));
  const report = documentOf(await must(hub(scene, "fill", "--offline", "--json", "--from", `../${folder}`)));
  expect(report).toMatchObject({
    installed: 3,
    downloadedCrates: 0,
    folders: [{ path: join(scene.root, folder), crates: 3 }],
  });
  expect(differences(before, hubFacts(scene))).toEqual([]);
  expect(differences(facts, treeFacts(join(scene.root, folder)))).toEqual([]);
  expect(scene.registry.requests).toEqual([]);
  await must(hub(scene, "verify"));
  await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
});

/** A local registry as other tools make it: no config.json, no record of ours. */
async function foreignLocalRegistry(scene: Scene): Promise<void> {
  await must(hub(scene, "export", "--as", "local-registry", "../registry"));
  rmSync(join(scene.root, "registry/.cargo-hub"), { recursive: true });
}

test("from a local registry comes the same hub but for config.json, which the next fill online mends", async () => {
  const scene = await openFilled({ crates });
  const before = hubFacts(scene);
  await foreignLocalRegistry(scene);
  isolate(scene);
  await must(hub(scene, "fill", "--offline", "--from", "../registry"));
  const config = `registry/index/${ident}/config.json`;
  expect(differences(before, hubFacts(scene))).toEqual([config, `${config}.sha256`]);
  expect(readFileSync(join(scene.project, ".cargo", config), "utf8")).toBe('{"dl":""}\n');
  await must(hub(scene, "verify"));
  await must(offline(scene, { env: { CARGO_HOME: join(scene.project, ".cargo") } }, ["cargo", "check", "--offline"]));

  // The registry is not there: the hub stays as it is, and that is no error.
  const env = { CARGO_NET_RETRY: "0" };
  await must(hubIn(scene, { env }, "fill", "--json", "-v"));
  scene.registry.setFault(/./, undefined);
  await must(hubIn(scene, { env }, "fill", "--refresh"));
  expect(differences(before, hubFacts(scene))).toEqual([]);
});

test("a chain that ends in a local registry is filled from it, hooked, and left as it was by off", async () => {
  const scene = await openFilled({ crates });
  const before = hubFacts(scene);
  await foreignLocalRegistry(scene);
  isolate(scene);
  const config = '[source.crates-io]\nreplace-with = "mine"\n\n[source.mine]\nlocal-registry = "../registry"\n';
  scene.write("app/.cargo/config.toml", config);
  await must(hub(scene, "fill"));
  expect(scene.registry.requests).toEqual([]);
  const changed = differences(before, hubFacts(scene));
  expect(changed.filter((path) => !/config\.json|config\.toml|source\.toml/.test(path))).toEqual([]);
  await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  await must(hub(scene, "verify"));
  await must(hub(scene, "off"));
  const plain = await offline(scene, {}, ["cargo", "metadata", "--offline", "--format-version", "1"]);
  expect(plain.code, plain.stderr).toBe(0);
  expect(plain.stdout).not.toContain(".cargo/registry/src");
});

test("a crate that the local registry at the end of the chain lacks is named, with the folder", async () => {
  const scene = await openFilled({ crates });
  await foreignLocalRegistry(scene);
  isolate(scene);
  scene.write(
    "app/.cargo/config.toml",
    '[source.crates-io]\nreplace-with = "mine"\n\n[source.mine]\nlocal-registry = "../registry"\n',
  );
  rmSync(join(scene.root, "registry/alpha-1.0.0.crate"));
  const bytes = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(bytes).toMatchObject({ code: "hub/folder-lacks", where: join(scene.root, "registry") });
  rmSync(join(scene.root, "registry/index/al"), { recursive: true });
  const line = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(line).toMatchObject({ code: "hub/folder-lacks", where: join(scene.root, "registry") });
  expect(line.what).toContain("alpha 1.0.0");
});

test.each([
  [
    "a crate file with other bytes",
    (root: string) => writeFileSync(join(root, "alpha-1.0.0.crate"), "other"),
    "hub/folder-damaged",
    /hashes to [0-9a-f]{64}, but .* says [0-9a-f]{64}/,
    "alpha-1.0.0.crate",
  ],
  [
    "an index line with another checksum",
    (root: string) => edit(join(root, "index/al/ph/alpha"), /"cksum":"./, '"cksum":"0'),
    "hub/checksum-disagreement",
    /checksum 0[0-9a-f]{63}, but .* says alpha [0-9a-f]{64}/,
    "",
  ],
] as const)("%s in a folder that was named is one error, even if the registry is at hand", async (...row) => {
  const [, spoil, code, says, where] = row;
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  const other = await openFilled({ crates });
  await foreignLocalRegistry(other);
  const folder = join(other.root, "registry");
  spoil(folder);
  const error = errorOf(await hub(scene, "fill", "--from", folder, "--message-format", "json"));
  expect(error.code).toBe(code);
  expect(error.what).toMatch(says);
  expect(error.where).toBe(join(folder, where));
});

function edit(path: string, pattern: RegExp, replacement: string): void {
  writeFileSync(path, readFileSync(path, "utf8").replace(pattern, replacement));
}

test("offline, a machine where cargo has built before fills from cargo's own home, with the lines that cargo has", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("fetch"));
  scene.registry.requests.length = 0;
  const report = documentOf(await must(hub(scene, "fill", "--offline", "--json")));
  expect(report).toMatchObject({ installed: 3, folders: [{ path: scene.cargoHome, crates: 3 }] });
  expect(scene.registry.requests).toEqual([]);
  await must(hub(scene, "verify"));
  await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  const before = hubFacts(scene);
  rmSync(join(scene.root, "store"), { recursive: true });
  rmSync(join(scene.project, ".cargo/registry"), { recursive: true });
  rmSync(join(scene.cargoHome, "registry"), { recursive: true });
  await must(hub(scene, "fill"));
  expect(differences(before, hubFacts(scene))).toEqual([]);
});

test("online, bytes come from cargo's own home, but new index lines from the registry", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("fetch"));
  scene.registry.yank("alpha", "1.0.0");
  scene.registry.requests.length = 0;
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  expect(report).toMatchObject({ downloadedCrates: 0, folders: [{ path: scene.cargoHome, crates: 3 }] });
  expect(scene.registry.paths().filter((path) => path.startsWith("/crates/"))).toEqual([]);
  expect(readFileSync(join(scene.project, `.cargo/registry/index/${ident}/al/ph/alpha`), "utf8")).toContain(
    '"yanked":true',
  );
});

test("a damaged crate file in cargo's own home is passed over", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("fetch"));
  const [registry = ""] = readdirSync(join(scene.cargoHome, "registry/cache"));
  appendFileSync(join(scene.cargoHome, "registry/cache", registry, "alpha-1.0.0.crate"), "x");
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  expect(report).toMatchObject({ downloadedCrates: 1, folders: [{ path: scene.cargoHome, crates: 2 }] });
});

test("folders are asked in the order they are named; a file of another registry with that name is no error", async () => {
  const scene = await openFilled({ crates });
  await foreignLocalRegistry(scene);
  cpSync(join(scene.root, "registry"), join(scene.root, "part"), { recursive: true });
  rmSync(join(scene.root, "part/beta-0.2.1.crate"));
  isolate(scene);
  const report = documentOf(
    await must(hub(scene, "fill", "--offline", "--json", "--from", "../part", "--from", "../registry")),
  );
  expect(report).toMatchObject({
    folders: [
      { path: join(scene.root, "part"), crates: 2 },
      { path: join(scene.root, "registry"), crates: 1 },
    ],
  });
});

test("a folder that holds no crates, or is not there, is named", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  mkdirSync(join(scene.root, "empty"));
  for (const folder of ["empty", "nowhere", "app/src"]) {
    const error = errorOf(await hub(scene, "fill", "--from", `../${folder}`, "--message-format", "json"));
    expect(error).toMatchObject({ code: "hub/folder-unknown", where: join(scene.root, folder) });
  }
});

test("the pinned line is taken from the folder that still has it, whatever another or the registry says today", async () => {
  const scene = await openFilled({ crates });
  const before = hubFacts(scene);
  await foreignLocalRegistry(scene);
  cpSync(join(scene.root, "registry"), join(scene.root, "newer"), { recursive: true });
  edit(join(scene.root, "newer/index/al/ph/alpha"), /"yanked":false/, '"yanked":true');
  isolate(scene);
  await must(hubIn(scene, {}, "fill", "--offline", "--from", "../registry"));
  for (const path of ["store", "app/.cargo/registry"]) rmSync(join(scene.root, path), { recursive: true });
  await must(hub(scene, "fill", "--offline", "--from", "../newer", "--from", "../registry"));
  expect(differences(before, hubFacts(scene)).filter((path) => !path.includes("config.json"))).toEqual([]);
  for (const path of ["store", "app/.cargo/registry"]) rmSync(join(scene.root, path), { recursive: true });
  const told = await must(hub(scene, "fill", "--offline", "--from", "../newer", "--message-format", "json"));
  expect(messagesOf(told)).toContainEqual({
    reason: "line-changed",
    name: "alpha",
    version: "1.0.0",
    changes: ["yanked"],
  });
});

test("verify --repair takes from a folder what hub and store have lost", async () => {
  const scene = await openFilled({ crates });
  const before = hubFacts(scene);
  await must(hub(scene, "export", "--as", "local-registry", "--link", "copy", "../registry"));
  scene.registry.setFault(/./, { kind: "status", status: 500 });
  rmSync(join(scene.root, "store"), { recursive: true });
  writeFileSync(join(scene.project, `.cargo/registry/cache/${ident}/alpha-1.0.0.crate`), "damaged");
  rmSync(join(scene.project, `.cargo/registry/index/${ident}/al`), { recursive: true });
  await must(hub(scene, "verify", "--repair", "--offline", "--from", "../registry"));
  expect(differences(before, hubFacts(scene))).toEqual([]);
});
