import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cratesIoIdent, documentOf, errorOf, hub, messagesOf, must, offline, openFilled } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, timedFacts, treeFacts } from "../support/tree-facts.ts";

const ident = cratesIoIdent;
const crates = [
  { name: "alpha", version: "1.0.0", buildScript: true },
  {
    name: "beta",
    version: "0.2.1",
    deps: { alpha: "1" },
    files: { ".gitignore": "target\n", "src/data.txt": "data\n" },
  },
  { name: "gamma-ray", version: "3.0.0+build.7", procMacro: true },
];

const originalConfig = (scene: Scene): string =>
  `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${scene.registry.url}"\n`;

const vendoredConfig = '[source.crates-io]\nreplace-with = "mine"\n\n[source.mine]\ndirectory = "../vendor"\n';

/** A project whose crates `cargo vendor` has put into `vendor`; nothing else of them is left, and the registry is broken. */
async function openVendored(config = vendoredConfig): Promise<Scene> {
  const scene = await openFilled({ crates });
  await must(hub(scene, "off"));
  await must(scene.cargo("vendor", "--respect-source-config", "../vendor"));
  isolate(scene, config);
  return scene;
}

function isolate(scene: Scene, config: string): void {
  for (const path of ["app/.cargo", "store", "cargo-home/registry"])
    rmSync(join(scene.root, path), { recursive: true, force: true });
  scene.write("app/.cargo/config.toml", config);
  scene.registry.setFault(/./, { kind: "status", status: 500 });
  scene.registry.requests.length = 0;
}

const readLock = (scene: Scene): string => readFileSync(join(scene.project, ".cargo/hub.lock"), "utf8");

test.each([
  ["at the end of the chain", vendoredConfig, []],
  ["named, offline", "", ["--offline", "--from", "../vendor"]],
] as const)(
  "a vendor directory %s fills a hub with unpacked crates, and says what is lost",
  async (_name, config, flags) => {
    const scene = await openVendored(config);
    const vendor = treeFacts(join(scene.root, "vendor"));
    const report = documentOf(await must(hub(scene, "fill", "--json", ...flags)));
    expect(report).toMatchObject({
      crates: 0,
      installed: 3,
      vendored: crates.map(({ name, version }) => expect.objectContaining({ name, version })),
      folders: [{ path: join(scene.root, "vendor"), crates: 3 }],
    });
    expect(scene.registry.requests).toEqual([]);
    expect(differences(vendor, treeFacts(join(scene.root, "vendor")))).toEqual([]);
    expect(readLock(scene)).toMatch(/^version = 2$/m);
    expect(existsSync(join(scene.project, ".cargo/registry/cache"))).toBe(false);
    const sources = join(scene.project, ".cargo/registry/src", ident);
    expect(readFileSync(join(sources, "beta-0.2.1/src/data.txt"), "utf8")).toBe("data\n");
    expect(existsSync(join(sources, "beta-0.2.1/.gitignore"))).toBe(false);
    renameSync(join(scene.root, "vendor"), join(scene.root, "gone"));
    await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
    expect(documentOf(await must(hub(scene, "verify", "--json")))).toMatchObject({
      problems: 0,
      vendored: 3,
      foreign: [],
    });
    const again = await must(hub(scene, "fill", "--offline"));
    expect(again.stderr).toContain("Fresh 3 crates unpacked only, in ");
    expect(again.stderr).toContain(
      "unpacked only: alpha v1.0.0, beta v0.2.1, gamma-ray v3.0.0+build.7; no .crate files",
    );
    const before = treeFacts(join(scene.project, ".cargo"));
    rmSync(join(scene.root, "store"), { recursive: true });
    await must(hub(scene, "fill", "--offline", "--locked"));
    expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
    expect((await must(hub(scene, "status"))).stdout).toContain("3 crates without .crate file and index line");
  },
);

test("the same vendored packages give the same hub, whatever times and places they have", async () => {
  const scene = await openVendored();
  await must(hub(scene, "fill"));
  const before = timedFacts(join(scene.project, ".cargo"), /^registry\/\.hub-lock$|config\.toml$/);
  cpSync(join(scene.root, "vendor"), join(scene.root, "moved/deep"), { recursive: true });
  renameSync(join(scene.root, "moved/deep/alpha"), join(scene.root, "moved/deep/some-other-name"));
  isolate(scene, vendoredConfig.replace("../vendor", "../moved/deep"));
  await must(hub(scene, "fill"));
  const after = timedFacts(join(scene.project, ".cargo"), /^registry\/\.hub-lock$|config\.toml$/);
  expect(differences(before, after)).toEqual([]);
});

test("a fill with the registry at hand makes vendored crates full; --locked keeps them as they are", async () => {
  const scene = await openVendored();
  await must(hub(scene, "fill"));
  const vendored = readLock(scene);
  scene.registry.setFault(/./, undefined);
  scene.write("app/.cargo/config.toml", `include = ["hub.config.toml"]\n\n${originalConfig(scene)}`);
  await must(hub(scene, "fill", "--locked"));
  expect(readLock(scene)).toBe(vendored);
  const report = documentOf(await must(hub(scene, "fill", "--json")));
  expect(report).toMatchObject({ crates: 3, vendored: [], installed: 3, downloadedCrates: 3 });
  expect(readLock(scene)).toMatch(/^version = 1$/m);
  expect(existsSync(join(scene.project, `.cargo/registry/src/${ident}/beta-0.2.1/.gitignore`))).toBe(true);
  await must(hub(scene, "verify"));
  await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
});

test("crates whose bytes and lines are at hand are full beside vendored ones", async () => {
  const scene = await openFilled({ crates });
  await must(hub(scene, "export", "--as", "local-registry", "../registry"));
  await must(hub(scene, "off"));
  await must(scene.cargo("vendor", "--versioned-dirs", "--respect-source-config", "../vendor"));
  isolate(scene, vendoredConfig);
  rmSync(join(scene.root, "registry/alpha-1.0.0.crate"));
  rmSync(join(scene.root, "registry/index/be"), { recursive: true });
  const report = documentOf(await must(hub(scene, "fill", "--json", "--from", "../registry")));
  expect(report).toMatchObject({
    crates: 1,
    vendored: [{ name: "alpha" }, { name: "beta" }],
    folders: expect.arrayContaining([
      { path: join(scene.root, "registry"), crates: 1 },
      { path: join(scene.root, "vendor"), crates: 2 },
    ]),
  });
  await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  await must(hub(scene, "verify"));
});

test("a crate that nobody wants any more goes, vendored or not", async () => {
  const scene = await openVendored();
  await must(hub(scene, "fill"));
  const manifest = readFileSync(join(scene.project, "Cargo.toml"), "utf8");
  scene.write("app/Cargo.toml", manifest.replace(/gamma-ray.*\n/, ""));
  await must(offline(scene, {}, ["cargo", "update", "--offline", "--workspace"]));
  await must(hub(scene, "fill"));
  expect(readLock(scene)).not.toContain("gamma-ray");
  expect(existsSync(join(scene.project, `.cargo/registry/src/${ident}/gamma-ray-3.0.0+build.7`))).toBe(false);
  await must(hub(scene, "verify"));
});

interface Spoilt {
  readonly spoil: (root: string) => void;
  readonly where: string;
  readonly says: RegExp;
}

const both = /[0-9a-f]{64}.*[0-9a-f]{64}/;
const list = "alpha/.cargo-checksum.json";

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

const rows: Record<string, Spoilt> = {
  "an edited file": {
    spoil: (root) => edit(join(root, "alpha/src/lib.rs"), (text) => `${text}// mine\n`),
    where: "alpha/src/lib.rs",
    says: both,
  },
  "a missing file": {
    spoil: (root) => rmSync(join(root, "alpha/src/lib.rs")),
    where: "alpha/src/lib.rs",
    says: /not there/,
  },
  "a file listed that never was there": {
    spoil: (root) =>
      edit(join(root, list), (text) => text.replace('"files":{', `"files":{"extra.rs":"${"0".repeat(64)}",`)),
    where: "alpha/extra.rs",
    says: /not there/,
  },
  "a checksum that is not the lockfile's": {
    spoil: (root) => edit(join(root, list), (text) => text.replace(/"package":"../, '"package":"00')),
    where: list,
    says: both,
  },
  "no package checksum": {
    spoil: (root) => edit(join(root, list), (text) => text.replace(/"package":"\w+"/, '"package":null')),
    where: list,
    says: /checksum none/,
  },
  "no checksum file": { spoil: (root) => rmSync(join(root, list)), where: list, says: /no checksum file/ },
  "a checksum file that is not JSON": {
    spoil: (root) => writeFileSync(join(root, list), "{"),
    where: list,
    says: /not JSON/,
  },
  "a list without Cargo.toml": {
    spoil: (root) => edit(join(root, list), (text) => text.replace(/"files":\{.*\},/, '"files":{},')),
    where: "alpha/Cargo.toml",
    says: /does not list it/,
  },
  "a path that leads out": {
    spoil: (root) =>
      edit(join(root, list), (text) => text.replace('"files":{', `"files":{"../beta/Cargo.toml":"${"0".repeat(64)}",`)),
    where: list,
    says: /no path in the package/,
  },
  "a link in place of a file": {
    spoil: (root) => {
      renameSync(join(root, "alpha/src/lib.rs"), join(root, "elsewhere.rs"));
      symlinkSync("../../elsewhere.rs", join(root, "alpha/src/lib.rs"));
    },
    where: "alpha/src/lib.rs",
    says: /no plain file/,
  },
  "another package's manifest": {
    spoil(root) {
      rmSync(join(root, "alpha"), { recursive: true });
      cpSync(join(root, "beta"), join(root, "alpha"), { recursive: true });
      const { checksum } = JSON.parse(readFileSync(join(root, "sums.json"), "utf8"));
      edit(join(root, list), (text) => text.replace(/"package":"\w+"/, `"package":"${String(checksum)}"`));
    },
    where: "alpha/Cargo.toml",
    says: /manifest of beta 0\.2\.1/,
  },
};

test.each(Object.entries(rows))(
  "%s is one error that names the file, and nothing is taken",
  async (_name, { spoil, where, says }) => {
    const scene = await openVendored();
    const vendor = join(scene.root, "vendor");
    writeFileSync(
      join(vendor, "sums.json"),
      JSON.stringify({ checksum: scene.registry.built("alpha", "1.0.0").checksum }),
    );
    spoil(vendor);
    const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
    expect(error).toMatchObject({ code: "hub/folder-damaged", where: join(vendor, where) });
    expect(error.what).toMatch(says);
    expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
  },
);

test.each([
  ['mode = "cargo-home"', /mode "cargo-home"/],
  ['commit = "crates"', /commit = "crates"/],
])("with %s in hub.toml unpacked crates are not enough", async (line, says) => {
  const scene = await openVendored();
  scene.write("cargo-home/config.toml", vendoredConfig.replace("../vendor", join(scene.root, "vendor")));
  rmSync(join(scene.project, ".cargo/config.toml"));
  scene.write("app/.cargo/hub.toml", `version = 1\n${line}\n`);
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error.code).toBe("hub/folder-lacks");
  expect(error.what).toMatch(says);
});

test("verify finds every change of a vendored crate, and --repair mends it from the vendor directory", async () => {
  const scene = await openVendored();
  await must(hub(scene, "fill"));
  const before = treeFacts(join(scene.project, ".cargo"));
  const source = join(scene.project, ".cargo/registry/src", ident);
  const faults: Record<string, () => void> = {
    edited: () => edit(join(source, "alpha-1.0.0/src/lib.rs"), (text) => text.replace("alpha", "alphb")),
    gone: () => rmSync(join(source, "alpha-1.0.0/build.rs")),
    added: () => writeFileSync(join(source, "alpha-1.0.0/src/new.rs"), ""),
    mode: () => chmodSync(join(source, "alpha-1.0.0/Cargo.toml"), 0o600),
    list: () =>
      edit(join(source, "alpha-1.0.0/.cargo-checksum.json"), (text) => text.replace(/"files":\{"[^,]*,/, '"files":{')),
    "no list": () => rmSync(join(source, "alpha-1.0.0/.cargo-checksum.json")),
    all: () => rmSync(join(source, "alpha-1.0.0"), { recursive: true }),
  };
  for (const [name, spoil] of Object.entries(faults)) {
    spoil();
    const found = await hub(scene, "verify", "--json");
    expect(found.code, name).toBe(1);
    expect(JSON.stringify(documentOf(found)), name).toContain("alpha-1.0.0");
    await must(hub(scene, "verify", "--repair", "--offline"));
    expect(differences(before, treeFacts(join(scene.project, ".cargo"))), name).toEqual([]);
  }
});

test("a package that lies where a vendored one belongs and is not ours is refused, a right one adopted", async () => {
  const scene = await openVendored();
  const source = join(scene.project, ".cargo/registry/src", ident);
  mkdirSync(source, { recursive: true });
  cpSync(join(scene.root, "vendor/alpha"), join(source, "alpha-1.0.0"), { recursive: true });
  edit(join(source, "alpha-1.0.0/src/lib.rs"), (text) => `${text}// mine\n`);
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/foreign-content", where: join(source, "alpha-1.0.0/src/lib.rs") });
  cpSync(join(scene.root, "vendor/alpha"), join(source, "alpha-1.0.0"), { recursive: true });
  const filled = await must(hub(scene, "fill", "--message-format", "json"));
  expect(messagesOf(filled).filter(({ reason }) => reason === "installed")).toHaveLength(2);
});
