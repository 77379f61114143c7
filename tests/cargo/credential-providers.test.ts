import { expect, test } from "vitest";
import { providerLabel } from "../../src/cargo/index.ts";
import { errorOf, find, type Setting, table } from "./credentials-setting.ts";

const global = (text: string): string => `${table}[registry]\nglobal-credential-providers = ${text}\n`;
const own = (text: string): string => `${table}credential-provider = ${text}\n`;

const providers: readonly (readonly [story: string, Setting, labels: readonly string[], isExplicit: boolean])[] = [
  ["nobody", { config: table }, ["cargo:token"], false],
  ["an empty list", { config: global("[]") }, ["cargo:token"], false],
  [
    "a list, from its end",
    { config: global('["cargo:token", "cargo:libsecret", "one two"]') },
    ["one", "cargo:libsecret", "cargo:token"],
    true,
  ],
  [
    "lists joined, the nearest asked first",
    { config: global('["near"]'), credentials: '[registry]\nglobal-credential-providers = ["home"]\n' },
    ["home", "near"],
    true,
  ],
  [
    "a variable's words",
    { config: table, env: { CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS: "one two" } },
    ["two", "one"],
    true,
  ],
  [
    "a variable's words behind a list",
    { config: global('["one"]'), env: { CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS: "two" } },
    ["two", "one"],
    true,
  ],
  [
    "an empty variable",
    { config: table, env: { CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS: "" } },
    ["cargo:token"],
    false,
  ],
  [
    "its own, and nobody else",
    { config: `${own('"one"')}[registry]\nglobal-credential-providers = ["two"]\n` },
    ["one"],
    true,
  ],
  [
    "its own in credentials.toml",
    { config: table, credentials: '[registries.lab]\ncredential-provider = "cargo:token"\n' },
    ["cargo:token"],
    true,
  ],
  [
    "a variable",
    { config: own('["one", "x"]'), env: { CARGO_REGISTRIES_LAB_CREDENTIAL_PROVIDER: "two y" } },
    ["two"],
    true,
  ],
  [
    "the public registry's own",
    { config: `${table}[registry]\ncredential-provider = "one"\n` },
    ["cargo:token"],
    false,
  ],
];

test.each(providers)("the providers of a registry are those of %s", (...[, setting, labels, isExplicit]) => {
  const found = find(setting);
  expect(found.providers.map(providerLabel)).toEqual(labels);
  expect(found.isExplicit).toBe(isExplicit);
});

test.each<[text: string, extra: string, expected: unknown]>([
  ['"cargo:token"', "", { kind: "token" }],
  ['["cargo:token-from-stdout", "prog", "a b"]', "", { kind: "token-from-stdout", command: ["prog", "a b"] }],
  ['"cargo:token-from-stdout"', "", { kind: "token-from-stdout", command: [] }],
  ['"cargo:wincred"', "", { kind: "inside-cargo", name: "cargo:wincred" }],
  ['"cargo:paseto"', "", { kind: "inside-cargo", name: "cargo:paseto" }],
  ['"cargo:nonsense"', "", { kind: "plugin", program: "cargo:nonsense", args: [] }],
  ['" plug  x\\ty "', "", { kind: "plugin", program: "plug", args: ["x", "y"] }],
  ['["plug", "x y", ""]', "", { kind: "plugin", program: "plug", args: ["x y", ""] }],
  ['"bin/plug"', "", { kind: "plugin", program: "/app/bin/plug", args: [] }],
  ['"/opt/plug"', "", { kind: "plugin", program: "/opt/plug", args: [] }],
  [
    '"mine"',
    '[credential-alias]\nmine = ["bin/plug", "q"]\n',
    { kind: "plugin", program: "/app/bin/plug", args: ["q"] },
  ],
  [
    '"mine"',
    '[credential-alias]\nmine = "cargo:token-from-stdout prog"\n',
    { kind: "token-from-stdout", command: ["prog"] },
  ],
  ['"mine x"', '[credential-alias]\nmine = "plug"\n', { kind: "plugin", program: "mine", args: ["x"] }],
  ['"one"', '[credential-alias]\none = "two"\ntwo = "plug"\n', { kind: "plugin", program: "two", args: [] }],
])("the provider %s means what cargo takes it for", (text, extra, expected) => {
  expect(find({ config: own(text) + extra }).providers).toEqual([expected]);
});

test("an alias may come from a variable", () => {
  const found = find({ config: own('"mine"'), env: { CARGO_CREDENTIAL_ALIAS_MINE: "/opt/plug k" } });
  expect(found.providers).toEqual([{ kind: "plugin", program: "/opt/plug", args: ["k"] }]);
});

test.each(["1", "[]", '""', '["cargo:token", 1]', "{ a = 1 }"])("the provider %s is refused", (text) => {
  expect(errorOf(() => find({ config: own(text) })).code).toBe("cargo/config-value");
});

test.each(['"cargo:token"', "[1]", "true"])("the list of providers %s is refused", (text) => {
  expect(errorOf(() => find({ config: global(text) })).code).toBe("cargo/config-value");
});

test.each<[string, Setting, RegExp]>([
  ["its own provider", { config: own('"plug"'), credentials: '[registries.lab]\ntoken = "a-secret"\n' }, /`plug`/],
  ["the list", { config: global('["plug"]'), credentials: '[registries.lab]\ntoken = "a-secret"\n' }, /not listed/],
  [
    "an alias named like cargo's",
    { config: `${own('"cargo:token"')}[credential-alias]\n"cargo:token" = "x"\n` },
    /shadow/,
  ],
])("what %s makes useless is told", (_story, setting, text) => {
  const { warnings } = find(setting);
  expect(warnings).toEqual([expect.stringMatching(text)]);
  expect(warnings.join()).not.toContain("a-secret");
});
