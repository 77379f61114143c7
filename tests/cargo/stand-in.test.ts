import { expect, test } from "vitest";
import { CRATES_IO, parseIndexEntry, parseManifest, type SourceId, standInFiles } from "../../src/cargo/index.ts";

const line = JSON.stringify({
  name: "odd",
  vers: "1.0.0+build.1",
  deps: [
    { name: "plain", req: "^1", features: [], optional: false, default_features: true, target: null, kind: "normal" },
    {
      name: "new-name",
      req: ">=1, <3",
      features: ["a", "b"],
      optional: true,
      default_features: false,
      target: "cfg(windows)",
      kind: "normal",
      package: "real",
    },
    {
      name: "cc",
      req: "1",
      features: [],
      optional: false,
      default_features: true,
      target: null,
      kind: "build",
      registry: "sparse+https://other.example/",
    },
    { name: "tester", req: "1", features: [], optional: false, default_features: true, target: null, kind: "dev" },
  ],
  cksum: "0".repeat(64),
  features: { default: ["x"], x: [] },
  features2: { more: ["dep:new-name", "new-name?/y", "x"] },
  yanked: false,
  links: "z",
  v: 2,
});

function manifestOf(source: SourceId, rustVersion?: string): string {
  const files = standInFiles({ entry: parseIndexEntry(line, "odd"), source, message: "no", rustVersion });
  return files.find(({ path }) => path === "Cargo.toml")?.text ?? "";
}

test("a stand-in says of dependencies and features what the index line says", () => {
  const facts = parseManifest(manifestOf(CRATES_IO), "Cargo.toml");
  expect({ name: facts.name, version: facts.version, links: facts.links, build: facts.buildScript }).toEqual({
    name: "odd",
    version: "1.0.0+build.1",
    links: "z",
    build: "build.rs",
  });
  expect(
    facts.dependencies.map(
      ({ name, packageName, kind, target, requirementText, optional, defaultFeatures, features, source }) => [
        name,
        packageName,
        kind,
        target,
        requirementText,
        optional,
        defaultFeatures,
        features.join(),
        source.kind,
      ],
    ),
  ).toEqual([
    ["plain", "plain", "normal", undefined, "^1", false, true, "", "crates-io"],
    ["cc", "cc", "build", undefined, "1", false, true, "", "registry-index"],
    ["new-name", "real", "normal", "cfg(windows)", ">=1, <3", true, false, "a,b", "crates-io"],
  ]);
  expect(facts.features.get("more")).toEqual(["dep:new-name", "new-name?/y", "x"]);
});

test("an old cargo gets only the features that it has words for", () => {
  expect(parseManifest(manifestOf(CRATES_IO, "1.59"), "Cargo.toml").features.get("more")).toEqual(["x"]);
  expect(parseManifest(manifestOf(CRATES_IO, "1.60.0"), "Cargo.toml").features.get("more")).toHaveLength(3);
});

test("dependencies of another registry's package name that registry", () => {
  const text = manifestOf({ kind: "sparse", url: "https://registry.example/index/" });
  expect(text).toContain(
    '[dependencies.plain]\nversion = "^1"\nregistry-index = "sparse+https://registry.example/index/"\n',
  );
  expect(text).toContain('[build-dependencies.cc]\nversion = "1"\nregistry-index = "sparse+https://other.example/"\n');
});

test("the message can hold anything and stays a string", () => {
  const message = 'it says "no" \\ and\nmore';
  const files = standInFiles({
    entry: parseIndexEntry(line, "odd"),
    source: CRATES_IO,
    message,
    rustVersion: undefined,
  });
  expect(files.find(({ path }) => path === "src/lib.rs")?.text).toBe(
    'compile_error!("it says \\"no\\" \\\\ and more");\n',
  );
});
