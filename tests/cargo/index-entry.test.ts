import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { IndexEntryError, parseIndexEntry, readIndexEntry } from "../../src/cargo/index.ts";
import { formatRequirement, formatVersion } from "../../src/semver/index.ts";
import { cargoWorld } from "./cargo-world.ts";
import { checksum, indexLines } from "./index-line-cases.ts";

const plain = `{"name":"Foo","vers":"1.2.3+x","deps":[],"cksum":"${checksum}","features":{},"yanked":false}`;

function reasonFor(line: string): string {
  const read = readIndexEntry(line);
  return read.kind === "invalid" ? read.reason : read.kind;
}

test("parseIndexEntry reads every field of a line", () => {
  const line = JSON.stringify({
    name: "Foo",
    vers: "1.2.3-rc.1+build",
    deps: [
      { name: "plain", req: "^1", features: [], optional: false, default_features: true, target: null, kind: "normal" },
      {
        name: "renamed",
        req: ">=1, <2",
        features: ["a", "", "b"],
        optional: true,
        default_features: false,
        target: 'cfg(target_os = "linux")',
        kind: "build",
        registry: "https://registry.example/index",
        package: "real-name",
      },
      { name: "checks", req: "*", kind: "dev" },
    ],
    cksum: checksum,
    features: { default: ["std"], std: [] },
    features2: { std: ["dep:renamed"], extra: ["renamed?/a"] },
    yanked: true,
    links: "foo",
    rust_version: "1.56",
    pubtime: "2024-02-29T23:59:59Z",
    v: 2,
    unknown: { vers: "9.9.9" },
  });
  const { version, dependencies, features, ...rest } = parseIndexEntry(line, "foo:1");
  expect(formatVersion(version)).toBe("1.2.3-rc.1+build");
  expect(rest).toEqual({
    name: "Foo",
    versionText: "1.2.3-rc.1+build",
    checksum,
    yanked: true,
    links: "foo",
    rustVersion: "1.56",
    pubtime: "2024-02-29T23:59:59Z",
    schema: 2,
  });
  expect(Object.fromEntries(features)).toEqual({
    default: ["std"],
    std: ["dep:renamed"],
    extra: ["renamed?/a"],
  });
  expect(dependencies.map(({ requirement, ...dependency }) => [formatRequirement(requirement), dependency])).toEqual([
    [
      "^1",
      {
        name: "plain",
        packageName: "plain",
        requirementText: "^1",
        features: [],
        optional: false,
        defaultFeatures: true,
        target: undefined,
        kind: "normal",
        registry: undefined,
      },
    ],
    [
      ">=1, <2",
      {
        name: "renamed",
        packageName: "real-name",
        requirementText: ">=1, <2",
        features: ["a", "b"],
        optional: true,
        defaultFeatures: false,
        target: 'cfg(target_os = "linux")',
        kind: "build",
        registry: "https://registry.example/index",
      },
    ],
    [
      "*",
      {
        name: "checks",
        packageName: "checks",
        requirementText: "*",
        features: [],
        optional: false,
        defaultFeatures: true,
        target: undefined,
        kind: "dev",
        registry: undefined,
      },
    ],
  ]);
});

test("an old line without the younger fields has their defaults", () => {
  const entry = parseIndexEntry(plain, "foo:1");
  expect([entry.schema, entry.yanked, entry.links, entry.rustVersion, entry.pubtime]).toEqual([
    1,
    false,
    undefined,
    undefined,
    undefined,
  ]);
});

test("features2 adds to a list that features begins", () => {
  const line = plain.replace(
    '"features":{}',
    '"features":{"a":["b"],"b":[]},"features2":{"a":["b"],"__proto__":["a"]}',
  );
  const { features } = parseIndexEntry(line, "foo:1");
  expect([...features]).toEqual([
    ["a", ["b", "b"]],
    ["b", []],
    ["__proto__", ["a"]],
  ]);
});

test.each([
  ["not JSON", "{", "it is not JSON"],
  ["an array", "[]", "it is not a JSON object"],
  ["no name", plain.replace('"name":"Foo",', ""), 'its "name" is not a name'],
  ["no deps", plain.replace('"deps":[],', ""), 'its "deps" is not an array'],
  [
    "a checksum in upper case",
    plain.replace(checksum, checksum.toUpperCase()),
    'its "cksum" is not a SHA-256 in lower-case hexadecimal',
  ],
  ["a bad version", plain.replace("1.2.3+x", "1.2"), /^its "vers": "1.2" is not a version/],
])("readIndexEntry tells what is wrong with %s", (_, line, reason) => {
  expect(reasonFor(line)).toMatch(reason);
});

test("a newer schema is told apart from damage, whatever else the line holds", () => {
  const newer = plain.replace(/\}$/, ',"v":3}');
  expect(readIndexEntry(newer)).toEqual({ kind: "unsupported-schema", v: 3 });
  expect(readIndexEntry(newer.replace('"deps":[]', '"deps":"moved elsewhere"')).kind).toBe("unsupported-schema");
  expect(readIndexEntry('{"v":3}').kind).toBe("invalid");
});

test.each([
  [plain.replace('"deps":[],', ""), "cargo/index-entry-invalid"],
  [plain.replace(/\}$/, ',"v":3}'), "cargo/index-schema-unknown"],
])("parseIndexEntry throws an error that names the line", (line, code) => {
  let thrown: unknown;
  try {
    parseIndexEntry(line, "foo:7");
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(IndexEntryError);
  expect(thrown).toMatchObject({ code, where: "foo:7" });
});

test("the lines we call entries are the ones cargo offers to its resolver", async () => {
  const names = Object.keys(indexLines);
  const world = cargoWorld({
    "app/src/lib.rs": "",
    "app/Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${names
      .map((_, index) => `case${index} = "1"\n`)
      .join("")}`,
    "app/.cargo/config.toml":
      '[source.crates-io]\nreplace-with = "local"\n\n[source.local]\nlocal-registry = "registry"\n',
    "app/registry/index/he/lp/helper": `{"name":"helper","vers":"1.0.0","deps":[],"cksum":"${checksum}","features":{"f":[]}}\n`,
  });
  const candidates: Record<string, boolean> = {};
  for (const [index, name] of names.entries()) {
    const head = `{"name":"case${index}","vers":`;
    const lines = [
      `${head}"1.0.0","deps":[],"cksum":"${checksum}","features":{},"yanked":false}`,
      `${head}"1.1.0",${indexLines[name]}}`,
    ];
    candidates[name] = readIndexEntry(lines[1] ?? "").kind === "entry";
    world.write(`app/registry/index/ca/se/case${index}`, `${lines.join("\n")}\n`);
  }
  const run = await world.cargo("app", "generate-lockfile", "--offline");
  expect(run.stderr).not.toContain("error");
  const lock = readFileSync(`${world.root}/app/Cargo.lock`, "utf8");
  const cargoOffers = Object.fromEntries(
    names.map((name, index) => [name, lock.includes(`name = "case${index}"\nversion = "1.1.0"`)]),
  );
  world.remove();
  expect(new Set(Object.values(cargoOffers)).size).toBe(2);
  expect(candidates).toEqual(cargoOffers);
});
