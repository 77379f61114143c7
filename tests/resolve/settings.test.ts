import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { configPatches, loadConfig, manifestLoader, parseManifest, stringAt } from "../../src/cargo/index.ts";
import { ResolveError, resolverOf, workspaceRequest } from "../../src/resolve/index.ts";
import type { DiskWorld } from "../support/resolve-driver.ts";
import { compareNew, type Scene, type SceneOptions, scene } from "./scene.ts";

let built: Scene | undefined;

afterEach(() => {
  built?.remove();
  built = undefined;
});

const local = (name: string, version: string): string => `[package]\nname = "${name}"\nversion = "${version}"\n`;

/** Compares with cargo in a scene that has more in its configuration. */
async function compareConfigured(options: SceneOptions, config: string): Promise<string | undefined> {
  built = scene(options);
  built.write("app/.cargo/config.toml", config);
  const place = { cwd: join(built.root, "app"), cargoHome: built.home, env: {} };
  const loaded = loadConfig(place, (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined));
  const wanted = stringAt(loaded, ["resolver", "incompatible-rust-versions"])?.value;
  const world: DiskWorld = {
    ...built.world,
    patches: configPatches(loaded),
    ...(wanted === "allow" || wanted === "fallback" ? { incompatibleRustVersions: wanted } : {}),
  };
  const { lock } = await compareNew({ ...built, world });
  return lock;
}

const crates = [
  { name: "a", version: "1.0.0" },
  { name: "b", version: "1.0.0", deps: { a: "1" } },
];
const directories = {
  "app/near/Cargo.toml": local("a", "1.0.7"),
  "far/Cargo.toml": local("a", "1.0.8"),
  "x1/Cargo.toml": local("x1", "1.0.0"),
  "x2/Cargo.toml": local("x2", "1.0.0"),
  "x3/Cargo.toml": local("x3", "1.0.0"),
};

test("a patch of the configuration, its path seen from where the file is", async () => {
  const lock = await compareConfigured(
    { crates, files: directories, manifest: '[dependencies]\nb = "1"\n' },
    '[patch.crates-io]\na = { path = "near" }\n',
  );
  expect(lock).toContain("1.0.7");
});

test("patches of the configuration come before those of the manifest, name by name", async () => {
  const unused = ["x1", "x2", "x3"].map((name) => `${name} = { path = "../${name}" }\n`).join("");
  const lock = await compareConfigured(
    {
      crates,
      files: directories,
      manifest: `[dependencies]\nb = "1"\n[patch.crates-io]\na = { path = "../far" }\n${unused}`,
    },
    '[patch.crates-io]\na = { path = "near" }\n',
  );
  expect(lock).toContain("1.0.7");
  expect(lock?.match(/name = "x\d"/g)).toHaveLength(3);
});

test("a patch of one source under two names: the last table counts", async () => {
  const lock = await compareConfigured(
    {
      crates,
      files: directories,
      manifest:
        '[dependencies]\nb = "1"\n[patch.crates-io]\na = { path = "../far" }\n' +
        '[patch."https://github.com/rust-lang/crates.io-index"]\na = { path = "near" }\n',
    },
    "",
  );
  expect(lock).toContain("1.0.7");
});

test.each([
  ["fallback", "2", "1.0.0"],
  ["allow", "3", "1.1.0"],
])("incompatible-rust-versions = %s overrules resolver %s", async (value, resolver, version) => {
  const lock = await compareConfigured(
    {
      crates: [
        { name: "a", version: "1.0.0", rustVersion: "1.60" },
        { name: "a", version: "1.1.0", rustVersion: "1.80" },
      ],
      manifest: `rust-version = "1.70"\nresolver = "${resolver}"\n[dependencies]\na = "1"\n`,
    },
    `[resolver]\nincompatible-rust-versions = "${value}"\n`,
  );
  expect(lock).toContain(`version = "${version}"`);
});

test.each([
  ['edition = "2018"', "1"],
  ["", "1"],
  ['edition = "2021"', "2"],
  ['edition = "2024"', "3"],
  ['edition = "2024"\nresolver = "1"', "1"],
])("a package with %s has resolver %s", (fields, resolver) => {
  const manifest = parseManifest(`[package]\nname = "app"\n${fields}\n`, "Cargo.toml");
  expect(resolverOf(manifest, "Cargo.toml")).toBe(resolver);
});

test.each([
  ["an unknown resolver", 'resolver = "4"\n', "1.95.0", "resolve/resolver-unknown"],
  ["resolver 3 without any Rust version", 'resolver = "3"\n', undefined, "resolve/rust-version-unknown"],
  ["a Rust version that is none", 'resolver = "3"\n', "newest", "resolve/rust-version-unknown"],
  ["a replacement without a version", '[replace]\n"a:1" = { path = "a" }\n', undefined, "resolve/replacement-invalid"],
  [
    "an unknown registry",
    '[dependencies]\na = { version = "1", registry = "no" }\n',
    undefined,
    "cargo/registry-unknown",
  ],
  ["an unknown patched source", '[patch.no]\na = { path = "a" }\n', undefined, "cargo/registry-unknown"],
  ["a dependency of no workspace", "[dependencies]\na.workspace = true\n", undefined, "cargo/dependency-not-inherited"],
])("%s is refused", (...[_what, more, rustVersion, code]) => {
  const text = `[package]\nname = "app"\nversion = "0.1.0"\n${more}`;
  const loader = manifestLoader((path) => (path === "/app/Cargo.toml" ? text : undefined));
  const root = loader.root("/app/Cargo.toml");
  const workspace = { root, members: [{ manifestPath: "/app/Cargo.toml", manifest: root.manifest }] };
  expect(() => workspaceRequest(workspace, { registryIndex: () => undefined, rustVersion })).toThrow(
    expect.objectContaining({ code }),
  );
});

test("a Rust version that nothing asks for does not matter", () => {
  const loader = manifestLoader(() => '[package]\nname = "app"\n');
  const root = loader.root("/app/Cargo.toml");
  const workspace = { root, members: [{ manifestPath: "/app/Cargo.toml", manifest: root.manifest }] };
  expect(workspaceRequest(workspace, { registryIndex: () => undefined }).rustVersions).toEqual([]);
  expect(() =>
    workspaceRequest(workspace, { registryIndex: () => undefined, incompatibleRustVersions: "fallback" }),
  ).toThrow(ResolveError);
});
