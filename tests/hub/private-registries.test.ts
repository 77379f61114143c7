import { expect, test } from "vitest";
import type { LoopbackRegistry, RegistryOptions } from "../support/loopback-registry.ts";
import {
  bothSides,
  expectAlike,
  type PrivateSetting,
  plugin,
  privateRegistry,
  TOKEN,
  tokenAnswer,
} from "./private-world.ts";

/** A setting that needs to know the registries' addresses. LAB is the index of the private one. */
interface Row extends Partial<Omit<PrivateSetting, "locked">> {
  readonly registry?: Partial<RegistryOptions>;
  readonly prepare?: (lab: LoopbackRegistry) => void;
  /** Both succeed, or both fail. */
  readonly ok: boolean;
  /** How often the providers are called. */
  readonly calls?: number;
}

const named = '[registries.lab]\nindex = "LAB"\n';
const own = (provider: string): string => `${named}credential-provider = ${provider}\n`;
const global = (list: string): string => `${named}[registry]\nglobal-credential-providers = ${list}\n`;
const stored = `[registries.lab]\ntoken = "${TOKEN}"\n`;
const stdout = (script: string): string =>
  `#!/bin/sh\necho "$# $* $CARGO_REGISTRY_NAME_OPT" >> ROOT/calls\n${script}\n`;

const rows: Readonly<Record<string, Row>> = {
  "a token in credentials.toml": { config: own('"cargo:token"'), credentials: stored, ok: true },
  "a token in a variable": { config: own('"cargo:token"'), env: { CARGO_REGISTRIES_LAB_TOKEN: TOKEN }, ok: true },
  "a variable before credentials.toml": {
    config: own('"cargo:token"'),
    credentials: stored.replace(TOKEN, "old"),
    env: { CARGO_REGISTRIES_LAB_TOKEN: TOKEN },
    ok: true,
  },
  "a wrong variable before credentials.toml": {
    config: own('"cargo:token"'),
    credentials: stored,
    env: { CARGO_REGISTRIES_LAB_TOKEN: "wrong" },
    ok: false,
  },
  "a token in config.toml": { config: `${own('"cargo:token"')}token = "${TOKEN}"\n`, ok: true },
  "a provider for all registries": { config: global('["cargo:token"]'), credentials: stored, ok: true },
  "a provider in credentials.toml": {
    config: named,
    credentials: `${stored}credential-provider = "cargo:token"\n`,
    ok: true,
  },
  "no provider although there is a token": { config: named, credentials: stored, ok: false },
  "an empty list of providers": { config: global("[]"), credentials: stored, ok: false },
  "no token": { config: own('"cargo:token"'), ok: false },
  "a wrong token": { config: own('"cargo:token"'), credentials: stored.replace(TOKEN, "wrong"), ok: false },
  "the public registry's token": {
    config: global('["cargo:token"]'),
    credentials: `[registry]\ntoken = "${TOKEN}"\n`,
    ok: false,
  },
  "a program that prints the token": {
    config: own('["cargo:token-from-stdout", "ROOT/print", "a b", "{index_url}"]'),
    programs: { print: stdout(`echo ${TOKEN}`) },
    ok: true,
    calls: 1,
  },
  "a program that prints the token without a line's end": {
    config: own('"cargo:token-from-stdout ROOT/print"'),
    programs: { print: stdout(`printf ${TOKEN}`) },
    ok: true,
    calls: 1,
  },
  "a program that prints two lines": {
    config: own('"cargo:token-from-stdout ROOT/print"'),
    programs: { print: stdout(`echo ${TOKEN}; echo`) },
    ok: false,
    calls: 1,
  },
  "a program that prints the token and fails": {
    config: own('"cargo:token-from-stdout ROOT/print"'),
    programs: { print: stdout(`echo ${TOKEN}; exit 3`) },
    ok: false,
    calls: 1,
  },
  "a plugin": { config: own('["ROOT/plug", "a b"]'), programs: { plug: plugin(tokenAnswer()) }, ok: true, calls: 2 },
  "a plugin whose path starts from the project": {
    config: own('"../plug"'),
    programs: { plug: plugin(tokenAnswer()) },
    ok: true,
    calls: 2,
  },
  "a plugin behind an alias": {
    config: `${own('"mine"')}[credential-alias]\nmine = ["ROOT/plug", "x"]\n`,
    programs: { plug: plugin(tokenAnswer()) },
    ok: true,
    calls: 2,
  },
  "a plugin whose token is never kept": {
    config: own('"ROOT/plug"'),
    programs: { plug: plugin(tokenAnswer('"cache":"never"')) },
    ok: true,
    calls: 10,
  },
  "a plugin whose token has expired": {
    config: own('"ROOT/plug"'),
    programs: { plug: plugin(tokenAnswer('"cache":"expires","expiration":1')) },
    ok: true,
    calls: 10,
  },
  "a plugin whose token expires later": {
    config: own('"ROOT/plug"'),
    programs: { plug: plugin(tokenAnswer('"cache":"expires","expiration":4102444800')) },
    ok: true,
    calls: 2,
  },
  "a plugin that fails": {
    config: own('"ROOT/plug"'),
    programs: { plug: plugin('{"Err":{"kind":"other","message":"boom"}}') },
    ok: false,
    calls: 2,
  },
  "a plugin that fails after its answer": {
    config: own('"ROOT/plug"'),
    programs: { plug: plugin(tokenAnswer(), '{"v":[1]}', "exit 4") },
    ok: false,
    calls: 2,
  },
  "a plugin of another version": {
    config: own('"ROOT/plug"'),
    programs: { plug: plugin(tokenAnswer(), '{"v":[2]}') },
    ok: false,
  },
  "a plugin that is not there": { config: own('"ROOT/plug"'), ok: false, calls: 0 },
  "the last provider of the list first": {
    config: global('["ROOT/bin/wrong", "ROOT/bin/good"]'),
    programs: { "bin/wrong": plugin(tokenAnswer(undefined, "wrong")), "bin/good": plugin(tokenAnswer()) },
    ok: true,
    calls: 2,
  },
  "providers that have nothing, then one that has": {
    config: global('["cargo:token", "ROOT/bin/none", "ROOT/bin/other", "cargo:wincred"]'),
    credentials: stored,
    programs: {
      "bin/none": plugin('{"Err":{"kind":"not-found"}}'),
      "bin/other": plugin('{"Err":{"kind":"url-not-supported"}}'),
    },
    ok: true,
    calls: 4,
  },
  "a provider that fails before one that has the token": {
    config: global('["cargo:token", "ROOT/plug"]'),
    credentials: stored,
    programs: { plug: plugin('{"Err":{"kind":"operation-not-supported"}}') },
    ok: false,
    calls: 2,
  },
  "a registry's own provider without a way to the list": {
    config: `${own('"ROOT/plug"')}[registry]\nglobal-credential-providers = ["cargo:token"]\n`,
    credentials: stored,
    programs: { plug: plugin('{"Err":{"kind":"not-found"}}') },
    ok: false,
    calls: 2,
  },
  "a registry that only a variable names": {
    config: named,
    env: {
      CARGO_REGISTRIES_OTHER_INDEX: "LAB",
      CARGO_REGISTRIES_OTHER_TOKEN: TOKEN,
      CARGO_REGISTRIES_OTHER_CREDENTIAL_PROVIDER: "cargo:token",
    },
    ok: true,
  },
  "two names for one registry": {
    config: `${own('"cargo:token"')}[registries.other]\nindex = "LAB"\n`,
    credentials: stored,
    ok: false,
  },
  "a registry that asks for a token and does not say so": {
    config: own('"cargo:token"'),
    credentials: stored,
    registry: { config: {} },
    ok: false,
  },
  "a registry that says auth-required and asks for nothing": {
    config: own('"cargo:token"'),
    credentials: stored,
    registry: { token: undefined },
    ok: true,
  },
  "a registry with two names that needs no token": {
    config: `${named}[registries.other]\nindex = "LAB"\n`,
    registry: { token: undefined, config: {} },
    ok: true,
  },
  "an index file that redirects within the registry": {
    config: own('"cargo:token"'),
    credentials: stored,
    prepare: (lab) => lab.setFault(/iv\/priv2$/, { kind: "redirect", to: "/index/pr/iv/priv2?again" }),
    ok: true,
  },
  "an index file that redirects to a login page": {
    config: own('"cargo:token"'),
    credentials: stored,
    registry: { faults: { "iv/priv2": { kind: "html" } } },
    ok: false,
  },
};

test.each(Object.entries(rows))("cargo and cargo-hub do the same with %s", async (_story, row) => {
  const lab = await privateRegistry(row.registry);
  row.prepare?.(lab);
  const both = await bothSides(settingOf(row, lab), [lab]);
  expectAlike(both, row.ok);
  expect(both.ours.calls).toHaveLength(row.calls ?? both.cargo.calls.length);
});

function settingOf({ config = named, env = {}, ...row }: Row, lab: LoopbackRegistry): PrivateSetting {
  const filled = (text: string): string => text.replaceAll("LAB", `sparse+${lab.url}`);
  const dependency = 'registry = "lab"';
  return {
    ...row,
    config: filled(config),
    env: Object.fromEntries(Object.entries(env).map(([name, text]) => [name, text === "LAB" ? filled(text) : text])),
    locked: [
      { registry: lab, name: "priv", version: "1.0.0", dependency },
      { registry: lab, name: "priv2", version: "1.2.0", dependency },
    ],
  };
}
