import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { defaultHubToml } from "../../src/formats/index.ts";
import { type HubSource, hubConfigText, sourceTomlText, withCompatBlock } from "../../src/plan/index.ts";
import { sha256 } from "./sample.ts";

const ident = "registry.example-0123456789abcdef";
const include = 'include = ["hub.config.toml"]\n';
const inHub = `.cargo/registry/src/${ident}/alpha-1.0.0`;

/** A project that needs alpha 1.0, alpha in a hub, and these files beside. */
function project(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "cargo-hub-plan-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const all = {
    "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nalpha = "1"\n',
    "src/lib.rs": "",
    [`${inHub}/Cargo.toml`]: '[package]\nname = "alpha"\nversion = "1.0.0"\n',
    [`${inHub}/src/lib.rs`]: "",
    [`${inHub}/.cargo-checksum.json`]: JSON.stringify({ files: {}, package: sha256("alpha") }),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function cargo(root: string, ...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  // rustup's stand-in finds its toolchains by HOME; cargo itself must see only what the project says.
  const env = { ...process.env, CARGO_HOME: join(root, "empty-home"), CARGO_HTTP_PROXY: "http://127.0.0.1:9" };
  return spawnSync("cargo", args, { cwd: root, env, encoding: "utf8" });
}

/** Where cargo takes alpha from. */
function manifestOfAlpha(root: string): unknown {
  const done = cargo(root, "metadata", "--offline", "--format-version", "1");
  if (done.status !== 0) throw new Error(done.stderr);
  return /"manifest_path":"([^"]*alpha-1\.0\.0[^"]*)"/.exec(done.stdout)?.[1];
}

function hooked(...hooks: HubSource["hooks"]): HubSource[] {
  return [{ name: "cargo-hub-dir", directory: `registry/src/${ident}`, hooks }];
}

const mirror = "sparse+https://corp.example/index/";

test.each<[string, string, HubSource[]]>([
  ["crates.io itself", include, hooked({ name: "crates-io" })],
  [
    "a mirror of the user",
    `${include}[source.crates-io]\nreplace-with = "corp"\n[source.corp]\nregistry = "${mirror}"\n`,
    hooked({ name: "corp" }),
  ],
  [
    "a mirror with an odd name",
    `${include}[source.crates-io]\nreplace-with = 'a "b" ü.c'\n[source.'a "b" ü.c']\nregistry = "${mirror}"\n`,
    hooked({ name: 'a "b" ü.c' }),
  ],
  [
    "a mirror that is only a registry",
    `${include}[source.crates-io]\nreplace-with = "corp"\n[registries.corp]\nindex = "${mirror}"\n`,
    hooked({ name: "corp", location: { key: "registry", value: mirror } }),
  ],
])("cargo takes crates from the hub where source.toml hooks %s", (_story, config, sources) => {
  const root = project({
    ".cargo/config.toml": config,
    ".cargo/hub.config.toml": hubConfigText(defaultHubToml),
    ".cargo/registry/source.toml": sourceTomlText(sources),
  });
  expect(manifestOfAlpha(root)).toBe(join(root, inHub, "Cargo.toml"));
});

test("cargo takes crates from the hub where config.toml holds the block for older cargos", () => {
  const root = project({
    ".cargo/config.toml": withCompatBlock(`${include}[build]\njobs = 2`, hooked({ name: "crates-io" })),
    ".cargo/hub.config.toml": hubConfigText({ ...defaultHubToml, compat: true }),
  });
  expect(manifestOfAlpha(root)).toBe(join(root, inHub, "Cargo.toml"));
});

test("without source.toml cargo does not know of the hub and says nothing about it", () => {
  const root = project({ ".cargo/config.toml": include, ".cargo/hub.config.toml": hubConfigText(defaultHubToml) });
  const done = cargo(root, "generate-lockfile", "--offline");
  expect(done.status).toBe(101);
  expect(done.stderr).toContain("no matching package named `alpha` found");
  expect(done.stderr).not.toMatch(/warning|cargo-hub-dir/);
});

test("offline = true keeps cargo from the network without a flag", () => {
  const files = { ".cargo/config.toml": include };
  const hubConfig = hubConfigText({ ...defaultHubToml, offline: true });
  const done = cargo(project({ ...files, ".cargo/hub.config.toml": hubConfig }), "generate-lockfile");
  expect(done.status).toBe(101);
  expect(done.stderr).toContain("offline mode");
});
