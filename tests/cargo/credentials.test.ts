import { inspect } from "node:util";
import { expect, test } from "vitest";
import { CRATES_IO, type SourceId } from "../../src/cargo/index.ts";
import type { HubError } from "../../src/errors/index.ts";
import { errorOf, find, lab, load, type Setting, table } from "./credentials-setting.ts";

const token = (text: string): string => `[registries.lab]\ntoken = "${text}"\n`;

const tokens: readonly (readonly [story: string, Setting, expected: string | undefined])[] = [
  ["nobody", { config: table }, undefined],
  ["credentials.toml", { config: table, credentials: token("a") }, "a"],
  ["credentials", { config: table, legacy: token("a") }, "a"],
  ["credentials before credentials.toml", { config: table, legacy: token("a"), credentials: token("b") }, "a"],
  [
    "a file that credentials.toml includes",
    { config: table, credentials: 'include = ["more.toml"]\n', more: token("a") },
    "a",
  ],
  ["config.toml", { config: `${table}token = "a"\n` }, "a"],
  ["credentials.toml before config.toml", { config: `${table}token = "a"\n`, credentials: token("b") }, "b"],
  [
    "a variable before credentials.toml",
    { config: table, credentials: token("a"), env: { CARGO_REGISTRIES_LAB_TOKEN: "b" } },
    "b",
  ],
  ["a variable that looks like a number", { config: table, env: { CARGO_REGISTRIES_LAB_TOKEN: "12" } }, "12"],
  ["an empty variable", { config: table, credentials: token("a"), env: { CARGO_REGISTRIES_LAB_TOKEN: "" } }, ""],
  ["the public registry's", { config: table, credentials: '[registry]\ntoken = "a"\n' }, undefined],
  ["another registry's", { config: table, credentials: '[registries.other]\ntoken = "a"\n' }, undefined],
  ["a name that no table has", { credentials: token("a") }, undefined],
];

test.each(tokens)("the token of a registry comes from %s", (_story, setting, expected) => {
  expect(find(setting).token?.expose()).toBe(expected);
});

test.each<[string, Setting, string | undefined]>([
  ["[registry]", { credentials: '[registry]\ntoken = "a"\n' }, "a"],
  ["a loose token", { credentials: 'token = "a"\n' }, "a"],
  ["[registry] before a loose token", { credentials: 'token = "a"\n[registry]\ntoken = "b"\n' }, "b"],
  ["a variable", { credentials: 'token = "a"\n', env: { CARGO_REGISTRY_TOKEN: "b" } }, "b"],
  ["no [registries.crates-io]", { credentials: '[registries.crates-io]\ntoken = "a"\n' }, undefined],
])("the token of the public registry comes from %s", (_story, setting, expected) => {
  const found = find(setting, CRATES_IO);
  expect(found.token?.expose()).toBe(expected);
  expect(found).toMatchObject({ name: "crates-io", tokenVariable: "CARGO_REGISTRY_TOKEN" });
});

test.each<[string, Setting, SourceId, string | undefined]>([
  ["its table", { config: table }, lab, "lab"],
  [
    "a table without the slash at the end",
    { config: '[registries.lab]\nindex = "sparse+https://lab.example/index"\n' },
    lab,
    "lab",
  ],
  ["a variable", { env: { CARGO_REGISTRIES_MY_LAB_INDEX: "sparse+https://lab.example/index/" } }, lab, "my_lab"],
  [
    "a variable before its table",
    { config: table, env: { CARGO_REGISTRIES_X_INDEX: "sparse+https://lab.example/index/" } },
    lab,
    "x",
  ],
  [
    "a git index with .git",
    { config: '[registries.g]\nindex = "https://h.example/i"\n' },
    { kind: "registry", url: "https://h.example/i.git" },
    "g",
  ],
  ["nothing", {}, lab, undefined],
  ["the same path by git", { config: '[registries.lab]\nindex = "https://lab.example/index/"\n' }, lab, undefined],
])("a registry gets its name from %s", (...[, setting, source, expected]) => {
  expect(find(setting, source).name).toBe(expected);
});

test.each([
  "https://lab.example/index.git/",
  "https://lab.example/index//",
  "https://lab.example/INDEX/",
  "https://lab.example/%69ndex/",
  "https://lab.example/index/more/",
  "https://lab.example/",
  "http://lab.example/index/",
  "https://lab.example:8443/index/",
  "https://user@lab.example/index/",
])("the registry at %s gets nothing of the one at https://lab.example/index/", (url) => {
  const found = find(
    { config: table, credentials: token("a"), env: { CARGO_REGISTRIES_LAB_TOKEN: "b" } },
    { kind: "sparse", url },
  );
  expect(found).toMatchObject({ name: undefined, token: undefined });
});

test("two names for one index are refused", () => {
  const two = `${table}[registries.other]\nindex = "sparse+https://lab.example/index/"\n`;
  expect(errorOf(() => find({ config: two })).code).toBe("cargo/config-registry-ambiguous");
  const index = "sparse+https://lab.example/index/";
  expect(errorOf(() => find({ env: { CARGO_REGISTRIES_A_INDEX: index, CARGO_REGISTRIES_B_INDEX: index } })).code).toBe(
    "cargo/config-registry-ambiguous",
  );
});

test("old names of the credentials' file are told", () => {
  expect(load({ legacy: "" }).warnings).toMatchObject([{ kind: "legacy-name", path: "/home/credentials" }]);
  expect(load({ legacy: "a = 1", credentials: "" }).warnings).toMatchObject([{ kind: "both-names" }]);
  expect(load({ legacy: "a = 1", credentials: "a = 1" }).warnings).toEqual([]);
});

test("a key for asymmetric tokens is noticed", () => {
  expect(find({ config: table, credentials: '[registries.lab]\nsecret-key = "k3.secret.x"\n' })).toMatchObject({
    hasSecretKey: true,
    token: undefined,
  });
});

test.each([
  '[registries.lab]\ntoken = "marked-token\n',
  "[registries.lab]\ntoken = 12 marked-token\n",
  '[registries.lab]\ntoken = ["marked-token"]\n',
  'registries = "marked-token"\n',
  '[registries.lab.token]\nx = "marked-token"\n',
])("credentials that can not be read are refused without being shown: %j", (credentials) => {
  expect(everythingOf(errorOf(() => find({ config: table, credentials })))).not.toContain("marked-token");
});

test("a config.toml that can not be read is refused without being shown", () => {
  const error = errorOf(() => load({ config: '[registries.lab]\ntoken = "marked-token\n' }));
  expect(error.where).toMatch(/^\/app\/\.cargo\/config\.toml:2:\d+$/);
  expect(everythingOf(error)).not.toContain("marked-token");
});

test("a wrong --config is refused without being shown", () => {
  const error = errorOf(() => load({ cliConfigs: ['registries.lab.token="marked-token'] }));
  expect(everythingOf(error)).not.toContain("marked-token");
});

/** Whatever a log could show of an error. */
function everythingOf(error: HubError): string {
  return inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
}
