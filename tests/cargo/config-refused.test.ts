import { afterAll, expect, test } from "vitest";
import { HubError } from "../../src/errors/index.ts";
import { cargo, type Layout, ours, stage, unstage } from "./config-layout.ts";

afterAll(unstage);

const get = ["-Zunstable-options", "config", "get", "--format"];

const refused: Record<string, readonly [code: string, layout: Layout]> = {
  "an include that is a string": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": 'include = "a.toml"\n', "app/.cargo/a.toml": "" } },
  ],
  "an include that is a table": ["cargo/config-include", { files: { "app/.cargo/config.toml": "[include]\n" } }],
  "an include of a number": ["cargo/config-include", { files: { "app/.cargo/config.toml": "include = [1]\n" } }],
  "an include without a path": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": "include = [{ optional = true }]\n" } },
  ],
  "an include whose path is a number": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": "include = [{ path = 1 }]\n" } },
  ],
  "an include whose optional is a string": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": 'include = [{ path = "a.toml", optional = "yes" }]\n' } },
  ],
  "an include that does not end in .toml": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": 'include = ["a.conf"]\n', "app/.cargo/a.conf": "" } },
  ],
  "an include that is only an ending": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": 'include = [".toml"]\n', "app/.cargo/.toml": "" } },
  ],
  "an include with a glob": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": 'include = [{ path = "*.toml", optional = true }]\n' } },
  ],
  "an include with braces": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": 'include = [{ path = "{a}.toml", optional = true }]\n' } },
  ],
  "an include that is missing": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": 'include = ["no.toml"]\n' } },
  ],
  "an include of an include that is missing": [
    "cargo/config-include",
    { files: { "app/.cargo/config.toml": 'include = ["a.toml"]\n', "app/.cargo/a.toml": 'include = ["no.toml"]\n' } },
  ],
  "a file that includes itself": [
    "cargo/config-include-cycle",
    { files: { "app/.cargo/config.toml": 'include = ["config.toml"]\n' } },
  ],
  "two files that include each other": [
    "cargo/config-include-cycle",
    {
      files: { "app/.cargo/config.toml": 'include = ["a.toml"]\n', "app/.cargo/a.toml": 'include = ["config.toml"]\n' },
    },
  ],
  "a file that is included by two of its neighbours": [
    "cargo/config-include-cycle",
    {
      files: {
        "app/.cargo/config.toml": 'include = ["a.toml", "b.toml"]\n',
        "app/.cargo/a.toml": 'include = ["c.toml"]\n',
        "app/.cargo/b.toml": 'include = ["c.toml"]\n',
        "app/.cargo/c.toml": "",
      },
    },
  ],
  "a table against a string": [
    "cargo/config-merge",
    { files: { "home/config.toml": 'net = "x"\n', "app/.cargo/config.toml": "[net]\nretry = 1\n" } },
  ],
  "an array against a string": [
    "cargo/config-merge",
    {
      files: {
        "home/config.toml": 'build.rustflags = "-v"\n',
        "app/.cargo/config.toml": 'build.rustflags = ["-v"]\n',
      },
    },
  ],
  "a fraction": ["cargo/config-value", { files: { "app/.cargo/config.toml": "[net]\nretry = 1.5\n" } }],
  "a date": ["cargo/config-value", { files: { "app/.cargo/config.toml": "x = [2020-01-01]\n" } }],
  "text that is not TOML": ["toml/syntax", { files: { "app/.cargo/config.toml": "[net\n" } }],
  "an option with an inline table": ["cargo/config-argument", { configs: ["net={retry=1}"] }],
  "an option with two keys": ["cargo/config-argument", { configs: ["net.retry=1\nnet.offline=true"] }],
  "an option with a table header": ["cargo/config-argument", { configs: ["[net]\nretry=1"] }],
  "an option with a comment": ["cargo/config-argument", { configs: ["net.retry=1 # one"] }],
  "an option with a comment before it": ["cargo/config-argument", { configs: ["# one\nnet.retry=1"] }],
  "an option that is a missing file": ["cargo/config-argument", { configs: ["no/such.toml"] }],
  "an empty option": ["cargo/config-argument", { configs: [""] }],
  "an option with a token": ["cargo/config-argument", { configs: ["registry.token='t'"] }],
  "an option with a registry's secret key": ["cargo/config-argument", { configs: ["registries.a.secret-key='t'"] }],
};

test.each(Object.entries(refused))("cargo refuses, and we do too: %s", (_story, [code, layout]) => {
  const staged = stage(layout);
  expect(cargo(staged, ...get, "json").status).toBe(101);
  const error = failureOf(() => ours(staged));
  expect(error.code).toBe(code);
  expect(error.where).not.toBe(undefined);
  expect(JSON.stringify(error)).not.toContain("'t'");
});

function failureOf(work: () => unknown): HubError {
  try {
    work();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
