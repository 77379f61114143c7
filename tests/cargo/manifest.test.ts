import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type ManifestDependency, ManifestError, type ManifestFacts, parseManifest } from "../../src/cargo/index.ts";
import { cargoWorld } from "./cargo-world.ts";
import { factsFromCargo, factsFromUs, filesFor } from "./manifest-oracle.ts";

const fixtures = new URL("../fixtures/manifests/", import.meta.url);

function fixture(name: string): string {
  return readFileSync(new URL(name, fixtures), "utf8");
}

function faultOf(text: string): unknown {
  try {
    parseManifest(text, "app/Cargo.toml");
  } catch (error) {
    return error;
  }
  return undefined;
}

const head = '[package]\nname = "a"\nversion = "0.1.0"\n';

function only(text: string): ManifestDependency | undefined {
  return parseManifest(head + text, "Cargo.toml").dependencies[0];
}

test.each(readdirSync(fixtures).filter((name) => name.endsWith(".toml")))(
  "%s means to us what it means to cargo",
  async (name) => {
    const text = fixture(name);
    const facts = parseManifest(text, name);
    const world = cargoWorld({ "app/Cargo.toml": text, ...filesFor(facts) });
    const run = await world.cargo("app", "metadata", "--no-deps", "--offline", "--format-version", "1");
    expect(run.stderr).not.toContain("error");
    expect(factsFromUs(facts)).toEqual(factsFromCargo(run.stdout, world.root));
    world.remove();
  },
);

test("dependencies stand in the order in which cargo resolves them", () => {
  const { dependencies } = parseManifest(fixture("plain.toml"), "plain.toml");
  expect(dependencies.map(({ name, kind, target }) => `${target ?? "all"} ${kind} ${name}`)).toEqual([
    "all normal Upper",
    "all normal fetched",
    "all normal head",
    "all normal local",
    "all normal needed",
    "all normal optional",
    "all normal pinned",
    "all normal renamed_to",
    "all normal tagged",
    "all dev alpha",
    "all dev zeta",
    "all build maker",
    "aarch64-apple-darwin normal on-one",
    "cfg(unix) normal on-unix",
    "cfg(unix) build unix-build",
    "cfg(unix) dev unix-dev",
    "cfg(windows) normal on-windows",
  ]);
});

test.each([
  ['d = "1"', { kind: "crates-io" }],
  ['d = { version = "1", registry = "corp" }', { kind: "registry", name: "corp" }],
  ['d = { version = "1", registry-index = "https://i.example" }', { kind: "registry-index", url: "https://i.example" }],
  ['d = { path = "../d", version = "1" }', { kind: "path", path: "../d" }],
  ['d = { git = "https://g.example" }', { kind: "git", url: "https://g.example", revision: undefined }],
  [
    'd = { git = "https://g.example", tag = "v1" }',
    { kind: "git", url: "https://g.example", revision: { kind: "tag", value: "v1" } },
  ],
  ["d = { workspace = true, features = [] }", { kind: "workspace" }],
])("a dependency written as %s comes from there", (text, source) => {
  expect(only(`[dependencies]\n${text}\n`)?.source).toEqual(source);
});

test("patches and replacements are dependencies of the sources they patch", () => {
  const { patches } = parseManifest(
    `${head}[patch.crates-io]\nfoo = { path = "foo" }\nbar2 = { package = "bar", git = "https://g.example" }\n[patch."https://r.example"]\nx = "1"\n`,
    "Cargo.toml",
  );
  expect(patches.map(({ source, dependency }) => [source, dependency.name, dependency.packageName])).toEqual([
    ["crates-io", "bar2", "bar"],
    ["crates-io", "foo", "foo"],
    ["https://r.example", "x", "x"],
  ]);
  const { replacements } = parseManifest(`${head}[replace]\n"foo:1.0.0" = { path = "foo" }\n`, "Cargo.toml");
  expect(replacements).toMatchObject([{ spec: "foo:1.0.0", dependency: { name: "foo" } }]);
});

test("a virtual manifest has a workspace and nothing else", () => {
  const facts = parseManifest('[workspace]\nmembers = ["a", "b/*"]\nresolver = "3"\n', "Cargo.toml");
  expect([facts.isVirtual, facts.name, facts.resolver, facts.workspace?.members, facts.workspace?.exclude]).toEqual([
    true,
    undefined,
    "3",
    ["a", "b/*"],
    [],
  ]);
});

const rootText = `[workspace]
members = ["members/*"]

[workspace.package]
version = "3.2.1"
edition = "2021"
rust-version = "1.80"
license = "MIT"
license-file = "legal/LICENSE"
readme = true
keywords = ["shared"]
description = "from the root"

[workspace.dependencies]
plain = "1"
lean = { version = "2", default-features = false, features = ["x"] }
near = { path = "near", version = "0.1" }
other = { package = "really-other", version = "1" }
`;

const memberText = `[package]
name = "member"
version.workspace = true
edition = { workspace = true }
rust-version.workspace = true
license.workspace = true
license-file.workspace = true
readme.workspace = true
keywords.workspace = true
categories = ["own"]
description.workspace = true

[features]
with-plain = ["plain"]

[dependencies]
plain = { workspace = true, optional = true, default-features = false }
lean = { workspace = true, default-features = true, features = ["y"] }
near.workspace = true

[build-dependencies]
other.workspace = true
`;

test("a member takes from its workspace what cargo lets it take", async () => {
  const root = parseManifest(rootText, "Cargo.toml");
  if (root.workspace === undefined) throw new Error("the root is no workspace");
  const facts = parseManifest(memberText, "members/one/Cargo.toml", {
    workspace: root.workspace,
    rootFromPackage: "../..",
  });
  expect(facts.unresolved).toEqual([]);
  expect(facts.dependencies.map(({ source }) => source)).toContainEqual({ kind: "path", path: "../../near" });
  const near = '[package]\nname = "near"\nversion = "0.1.0"\n';
  const world = cargoWorld({
    "Cargo.toml": rootText,
    "README.md": "",
    "legal/LICENSE": "",
    "near/Cargo.toml": near,
    "near/src/lib.rs": "",
    "members/one/Cargo.toml": memberText,
    "members/one/src/lib.rs": "",
  });
  const run = await world.cargo("members/one", "metadata", "--no-deps", "--offline", "--format-version", "1");
  expect(run.stderr).not.toContain("error");
  expect(factsFromUs(facts)).toEqual(factsFromCargo(run.stdout, world.root));
  world.remove();
});

test("without its workspace a member says which fields it does not know", () => {
  const facts: ManifestFacts = parseManifest(memberText, "Cargo.toml");
  expect(facts.unresolved).toEqual([
    "version",
    "edition",
    "rust-version",
    "license",
    "license-file",
    "description",
    "readme",
    "keywords",
  ]);
  expect([facts.version, facts.keywords, facts.categories]).toEqual([undefined, [], ["own"]]);
  expect(new Set(facts.dependencies.map(({ source }) => source.kind))).toEqual(new Set(["workspace"]));
});

const faults: readonly (readonly [string, string, number | undefined])[] = [
  ["no package and no workspace", "[profile.dev]\nlto = true\n", undefined],
  ["a package without name", '[package]\nversion = "1.0.0"\n', 1],
  ["a name with a blank", '[package]\nname = "a b"\n', 2],
  ["a number as name", "[package]\nname = 1\n", 2],
  ["a short version", '[package]\nname = "a"\nversion = "1.0"\n', 3],
  ["a rust-version that is a range", `${head}rust-version = ">=1.5"\n`, 4],
  ["a table that does not inherit", `${head}license = { file = "x" }\n`, 4],
  ["a text as keywords", `${head}keywords = "x"\n`, 4],
  ["a number as build script", `${head}build = 1\n`, 4],
  ["[project] in a new edition", '[project]\nname = "a"\nedition = "2024"\n', 1],
  ["an old spelling in a new edition", `${head}edition = "2024"\n[dev_dependencies]\n`, 5],
  ["a bad requirement", `${head}[dependencies]\n\n# here\nfoo = "1.x.2"\n`, 7],
  ["a bad requirement in its own table", `${head}[dependencies.foo]\nversion = "nope"\n`, 4],
  ["a dependency without a source", `${head}[dependencies]\nfoo = {}\n`, 5],
  ["true as a dependency", `${head}[dependencies]\nfoo = true\n`, 5],
  ["git and path", `${head}[dependencies]\nfoo = { git = "https://g.example", path = "x" }\n`, 5],
  ["branch and tag", `${head}[dependencies.foo]\ngit = "https://g.example"\nbranch = "a"\ntag = "b"\n`, 7],
  ["a branch without git", `${head}[dependencies]\nfoo = { version = "1", branch = "a" }\n`, 5],
  ["workspace = false", `${head}[dependencies]\nfoo = { workspace = false }\n`, 5],
  ["a feature with a slash", `${head}[dependencies]\nfoo = { version = "1", features = ["a/b"] }\n`, 5],
  ["an optional dev-dependency", `${head}[dev-dependencies]\nfoo = { version = "1", optional = true }\n`, 5],
  ["a target that is none", `${head}[target."cfg(unix".dependencies]\nfoo = "1"\n`, 4],
  ["a feature that names nothing", `${head}[features]\na = ["b"]\n`, 4],
  ["features that are not lists", `${head}[features]\na = "b"\n`, 5],
  ["package.workspace in a root", `${head}workspace = "."\n[workspace]\n`, 4],
  ["two resolvers", `${head}resolver = "1"\n[workspace]\nresolver = "2"\n`, 4],
  ["dependencies of a virtual manifest", "[workspace]\n[dependencies]\n", 2],
  ["an optional workspace dependency", '[workspace.dependencies]\nfoo = { version = "1", optional = true }\n', 2],
  ["a workspace dependency that is not there", `${head}[workspace]\n[dependencies]\nfoo.workspace = true\n`, 6],
  ["a workspace field that is not there", '[package]\nname = "a"\nversion.workspace = true\n[workspace]\n', 3],
  ["patch and replace", `${head}[patch.crates-io]\n[replace]\n`, 5],
  ["a replacement with a version", `${head}[replace]\n"foo:1.0.0" = "1"\n`, 5],
];

test.each(faults)("a manifest with %s is refused, and its line named", (_, text, line) => {
  const fault = faultOf(text);
  expect(fault).toBeInstanceOf(ManifestError);
  const where = line === undefined ? "app/Cargo.toml" : `app/Cargo.toml:${line}`;
  expect(fault).toMatchObject({ code: "cargo/manifest-invalid", where });
});

test("cargo refuses each of these manifests, too", async () => {
  const world = cargoWorld();
  const accepted: string[] = [];
  for (const [index, [name, text]] of faults.entries()) {
    world.write(`${index}/Cargo.toml`, text);
    world.write(`${index}/src/lib.rs`, "");
    const run = await world.cargo(`${index}`, "metadata", "--no-deps", "--offline", "--format-version", "1");
    if (run.ok) accepted.push(name);
  }
  world.remove();
  expect(accepted).toEqual([]);
});
