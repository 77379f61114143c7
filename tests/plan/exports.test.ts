import { expect, test } from "vitest";
import { emptyHubLock, exportShapes } from "../../src/formats/index.ts";
import {
  type ExportedSource,
  type ExportPlan,
  exportedConfigPath,
  exportedRepositoryPlaces,
  exportedSources,
  exportPlaces,
  exportTexts,
  parseBaseUrl,
} from "../../src/plan/index.ts";

const ident = "registry.example-0123456789abcdef";
const other = "[::1]-fedcba9876543210";
const crate = { ident, name: "Serde", version: "1.0.0+x" };
const one: ExportedSource = { name: "cargo-hub-export", ident, directory: undefined, hooks: [{ name: "crates-io" }] };
const two: ExportedSource = {
  name: `cargo-hub-export-${other}`,
  ident: other,
  directory: undefined,
  hooks: [{ name: "sparse+http://[::1]/", location: { key: "registry", value: "sparse+http://[::1]/" } }],
};

function plan(shape: ExportPlan["shape"], several = false): ExportPlan {
  return { shape, several, baseUrl: shape === "sparse" ? "https://crates.example/hub" : undefined };
}

const placesOf = {
  "cargo-home": {
    crate: `registry/cache/${ident}/Serde-1.0.0+x.crate`,
    source: `registry/src/${ident}/Serde-1.0.0+x`,
    quarantine: undefined,
    index: { path: `registry/index/${ident}/.cache/se/rd/serde`, form: "cache" },
  },
  directory: {
    crate: `.cargo-hub/registry/cache/${ident}/Serde-1.0.0+x.crate`,
    source: "Serde-1.0.0+x",
    quarantine: ".quarantine/Serde-1.0.0+x",
    index: { path: `.cargo-hub/registry/index/${ident}/se/rd/serde`, form: "raw" },
  },
  "local-registry": {
    crate: "Serde-1.0.0+x.crate",
    source: undefined,
    quarantine: undefined,
    index: { path: "index/se/rd/serde", form: "raw" },
  },
  sparse: {
    crate: "crates/Serde-1.0.0+x.crate",
    source: undefined,
    quarantine: undefined,
    index: { path: "index/se/rd/serde", form: "raw" },
  },
} as const;

test.each(exportShapes)("the parts of a crate in an export as %s lie at their places", (shape) => {
  expect(exportPlaces(plan(shape), crate)).toEqual(placesOf[shape]);
});

test.each(exportShapes)(
  "with several registries an export as %s puts each into a directory named after it",
  (shape) => {
    const { crate: file, source, index } = exportPlaces(plan(shape, true), crate);
    for (const path of [file, source ?? file, index.path]) expect(path).toContain(`${ident}/`);
    expect(exportPlaces(plan(shape, true), { ...crate, ident: other })).not.toMatchObject({
      crate: file,
      source,
      index,
    });
  },
);

test.each(exportShapes)(
  "upstream's config.json in an export as %s lies where a hub has it, seen from its own root",
  (shape) => {
    const root = shape === "cargo-home" ? "" : ".cargo-hub/";
    expect(exportedConfigPath(plan(shape), ident)).toBe(`${root}registry/index/${ident}/config.json`);
  },
);

test("the config of each shape leads every source to its part of the export", () => {
  const texts = Object.fromEntries(
    exportShapes.map((shape) => [shape, new Map(exportTexts(plan(shape, true), [one, two]))]),
  );
  const tables = (shape: string): string => {
    const text = texts[shape]?.get(".cargo-hub/config.toml") ?? "";
    return text.slice(text.indexOf("\n[source."));
  };
  const expected = (key: string, first: string, second: string): string => `
[source.crates-io]
replace-with = "cargo-hub-export"

[source.cargo-hub-export]
${key} = "${first}"

[source."sparse+http://[::1]/"]
registry = "sparse+http://[::1]/"
replace-with = "cargo-hub-export-${other}"

[source."cargo-hub-export-${other}"]
${key} = "${second}"
`;
  expect(tables("directory")).toBe(expected("directory", ident, other));
  expect(tables("local-registry")).toBe(expected("local-registry", ident, other));
  const base = "sparse+https://crates.example/hub";
  expect(tables("sparse")).toBe(
    expected("registry", `${base}/${ident}/index/`, `${base}/%5B%3A%3A1%5D-fedcba9876543210/index/`),
  );
  expect([...(texts["sparse"] ?? [])].slice(1)).toEqual([
    [`${ident}/index/config.json`, `{"dl":"https://crates.example/hub/${ident}/crates/{crate}-{version}.crate"}\n`],
    [
      `${other}/index/config.json`,
      '{"dl":"https://crates.example/hub/%5B%3A%3A1%5D-fedcba9876543210/crates/{crate}-{version}.crate"}\n',
    ],
  ]);
  expect([...(texts["cargo-home"]?.keys() ?? [])]).toEqual(["config.toml", "registry/CACHEDIR.TAG"]);
});

test.each(["cargo-home", "local-registry"] as const)(
  "the config of an export as %s keeps cargo from cleaning",
  (shape) => {
    const [[, text] = ["", ""]] = exportTexts(plan(shape), [one]);
    expect(text).toContain('\n[cache]\nauto-clean-frequency = "never" #');
  },
);

test("the sources of a hub.lock are hooked once each, repositories by commit", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const packages = ["branch=main", "tag=v1"].map((reference, at) => ({
    source: `git+https://git.example/some/Repo?${reference}#${commit}`,
    name: `package-${at}`,
    version: "1.0.0",
    path: "",
    size: 1,
    files: "0".repeat(64),
    runs: [],
    license: "",
  }));
  const sources = exportedSources({ ...emptyHubLock, packages });
  expect(sources).toMatchObject([
    {
      name: "cargo-hub-export-git-Repo-7f73f351eb0921eb-0123456789ab",
      ident: undefined,
      directory: "git/Repo-7f73f351eb0921eb/0123456789ab",
      hooks: [
        { name: "git+https://git.example/some/Repo?branch=main" },
        { name: "git+https://git.example/some/Repo?tag=v1" },
      ],
    },
  ]);
  const text = new Map(exportTexts(plan("sparse"), sources)).get(".cargo-hub/config.toml");
  expect(text).toContain('tag = "v1"\nreplace-with = "cargo-hub-export-git-Repo-7f73f351eb0921eb-0123456789ab"\n');
  expect(text).toContain('directory = "git/Repo-7f73f351eb0921eb/0123456789ab"\n');
  expect(exportedRepositoryPlaces(plan("sparse"), { url: "https://git.example/some/Repo", commit })).toEqual({
    pack: `.cargo-hub/registry/cache/Repo-7f73f351eb0921eb/${commit}.pack`,
    form: { sources: "git/Repo-7f73f351eb0921eb/0123456789ab" },
  });
  expect(exportedRepositoryPlaces(plan("cargo-home"), { url: "https://git.example/some/Repo", commit })).toEqual({
    pack: `registry/cache/Repo-7f73f351eb0921eb/${commit}.pack`,
    form: { database: "git/db/Repo-7f73f351eb0921eb" },
  });
});

test.each([
  ["https://crates.example", "https://crates.example"],
  ["https://Crates.Example:443/a/b//", "https://crates.example/a/b"],
  ["http://127.0.0.1:8080/", "http://127.0.0.1:8080"],
  ["http://h.example/{x}/", "http://h.example/%7Bx%7D"],
])("--base-url %s is %s", (text, expected) => {
  expect(parseBaseUrl(text)).toBe(expected);
});

test.each([
  "",
  "crates.example",
  "/srv/site",
  "file:///srv/site",
  "https://h.example/?a=1",
  "https://h.example/#a",
  "https://user:secret@h.example/",
])("%j is no base URL", (text) => {
  expect(() => parseBaseUrl(text)).toThrow(expect.objectContaining({ code: "plan/bad-base-url" }));
  expect(() => parseBaseUrl(text)).toThrow(expect.not.objectContaining({ what: expect.stringContaining("secret") }));
});
