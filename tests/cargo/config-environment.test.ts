import { afterAll, expect, test } from "vitest";
import { plainConfigValue } from "../../src/cargo/index.ts";
import { cargo, type Layout, ours, stage, unstage } from "./config-layout.ts";

afterAll(unstage);

const get = ["-Zunstable-options", "config", "get", "--format"];

const flags = { "app/.cargo/config.toml": '[build]\nrustflags = ["file"]\njobs = 2\n[net]\nretry = 1\n' };

const overridden: readonly (readonly [key: string, layout: Layout])[] = [
  ["net.retry", { files: flags, env: { CARGO_NET_RETRY: "7" } }],
  ["net.offline", { env: { CARGO_NET_OFFLINE: "true" } }],
  ["net.git-fetch-with-cli", { env: { CARGO_NET_GIT_FETCH_WITH_CLI: "false" } }],
  ["http.proxy", { env: { CARGO_HTTP_PROXY: "127.0.0.1:9" } }],
  ["build.jobs", { files: flags, env: { CARGO_BUILD_JOBS: "default" } }],
  ["build.jobs", { files: flags, env: { CARGO_BUILD_JOBS: "+3" } }],
  ["build.jobs", { files: flags, env: { CARGO_BUILD_JOBS: " 3" } }],
  ["build.rustflags", { files: flags, env: { CARGO_BUILD_RUSTFLAGS: " -C  opt\t-v " } }],
  ["build.rustflags", { files: flags, env: { CARGO_BUILD_RUSTFLAGS: "env" }, configs: ["build.rustflags=['cli']"] }],
  ["net.retry", { files: flags, env: { CARGO_NET_RETRY: "7" }, configs: ["net.retry=8"] }],
  ["registries.my-reg.index", { env: { CARGO_REGISTRIES_MY_REG_INDEX: "sparse+http://127.0.0.1:1/" } }],
  ["registries.my-reg.index", { env: { "CARGO_REGISTRIES_my-reg_INDEX": "x", CARGO_REGISTRIES_MY_REG_INDEX: "y" } }],
  ["cache.auto-clean-frequency", { env: { CARGO_CACHE_AUTO_CLEAN_FREQUENCY: "never" } }],
  [
    "doc.browser",
    { files: { "app/.cargo/config.toml": '[doc]\nbrowser = ["a", "b"]\n' }, env: { CARGO_DOC_BROWSER: "c d" } },
  ],
  [
    "doc.browser",
    {
      files: { "app/.cargo/config.toml": '[doc]\nbrowser = ["a", "b"]\n' },
      env: { CARGO_DOC_BROWSER: "c d" },
      configs: ["doc.browser=['cli']"],
    },
  ],
];

test.each(overridden)("a variable changes %s as it does in cargo", (key, layout) => {
  const staged = stage(layout);
  const run = cargo(staged, ...get, "json-value", key);
  expect(run.status, run.stderr).toBe(0);
  const value = ours(staged).get(key.split("."));
  expect(value === undefined ? undefined : plainConfigValue(value)).toEqual(JSON.parse(run.stdout));
});

test("a value below something that is no table is refused by both", () => {
  const staged = stage({ files: { "app/.cargo/config.toml": "net = 1\n" } });
  expect(cargo(staged, ...get, "json", "net.retry").status).toBe(101);
  expect(() => ours(staged).get(["net", "retry"])).toThrow(expect.objectContaining({ code: "cargo/config-value" }));
});
