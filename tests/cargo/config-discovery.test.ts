import { afterAll, expect, test } from "vitest";
import { type ConfigValue, configCandidates, configPath, formatOrigin, loadConfig } from "../../src/cargo/index.ts";
import { cargo, type Layout, ours, stage, unstage } from "./config-layout.ts";

afterAll(unstage);

test.each([
  [
    "/a/b",
    "/h",
    [
      ["/a/b/.cargo/config", "/a/b/.cargo/config.toml"],
      ["/a/.cargo/config", "/a/.cargo/config.toml"],
      ["/.cargo/config", "/.cargo/config.toml"],
      ["/h/config", "/h/config.toml"],
    ],
  ],
  ["/", "/.cargo", [["/.cargo/config", "/.cargo/config.toml"]]],
  [
    "/a",
    "/a/x/../.cargo/",
    [
      ["/a/.cargo/config", "/a/.cargo/config.toml"],
      ["/.cargo/config", "/.cargo/config.toml"],
    ],
  ],
  [
    "C:\\a",
    "C:\\Users\\u\\.cargo",
    [
      ["C:\\a\\.cargo\\config", "C:\\a\\.cargo\\config.toml"],
      ["C:\\.cargo\\config", "C:\\.cargo\\config.toml"],
      ["C:\\Users\\u\\.cargo\\config", "C:\\Users\\u\\.cargo\\config.toml"],
    ],
  ],
  [
    "C:\\Users\\U",
    "c:/users/u/.cargo",
    [
      ["C:\\Users\\U\\.cargo\\config", "C:\\Users\\U\\.cargo\\config.toml"],
      ["C:\\Users\\.cargo\\config", "C:\\Users\\.cargo\\config.toml"],
      ["C:\\.cargo\\config", "C:\\.cargo\\config.toml"],
    ],
  ],
  [
    "\\\\server\\share\\a",
    "D:\\home",
    [
      ["\\\\server\\share\\a\\.cargo\\config", "\\\\server\\share\\a\\.cargo\\config.toml"],
      ["\\\\server\\share\\.cargo\\config", "\\\\server\\share\\.cargo\\config.toml"],
      ["D:\\home\\config", "D:\\home\\config.toml"],
    ],
  ],
])("from %s with the home %s, these files are looked for", (cwd, home, candidates) => {
  expect(configCandidates(cwd, home)).toEqual(candidates);
});

test("every candidate is asked for once, nearest first, and no other file", () => {
  const asked: string[] = [];
  const texts: Record<string, string> = {
    "/a/.cargo/config.toml": 'include = ["x.toml", { path = "/no.toml", optional = true }]\n',
    "/a/.cargo/x.toml": "net.retry = 1\n",
  };
  const config = loadConfig({ cwd: "/a/b", cargoHome: "/h", env: {} }, (path) => {
    asked.push(path);
    return texts[path];
  });
  expect(config.files).toEqual(["/a/.cargo/config.toml", "/a/.cargo/x.toml"]);
  expect(asked.length).toBe(new Set(asked).size);
  const candidates = configCandidates("/a/b", "/h").flat();
  expect(new Set(asked)).toEqual(new Set([...candidates, "/a/.cargo/x.toml", "/no.toml"]));
});

const named: readonly (readonly [story: string, kinds: string[], layout: Layout])[] = [
  ["only the legacy name", ["legacy-name"], { files: { "app/.cargo/config": "" } }],
  ["both names", ["both-names"], { files: { "app/.cargo/config": "", "app/.cargo/config.toml": "" } }],
  [
    "both names in the project, one in the home",
    ["both-names", "legacy-name"],
    { files: { "app/.cargo/config": "", "app/.cargo/config.toml": "", "home/config": "" } },
  ],
  [
    "a link from one to the other",
    [],
    { files: { "app/.cargo/config.toml": "" }, links: { "app/.cargo/config": "config.toml" } },
  ],
  ["only the new name", [], { files: { "app/.cargo/config.toml": "" } }],
];

test.each(named)("cargo warns of %s, and we in its words", (_story, kinds, layout) => {
  const staged = stage(layout);
  const { stderr } = cargo(staged, "-Zunstable-options", "config", "get");
  const { warnings } = ours(staged);
  expect(warnings.map(({ kind }) => kind)).toEqual(kinds);
  for (const { text } of warnings) expect(stderr).toContain(`warning: ${text}`);
  expect(stderr.match(/^warning: /gm)?.length ?? 0).toBe(warnings.length);
});

test("every scalar comes from where cargo says it does", () => {
  const staged = stage({
    cwd: "a/b",
    files: {
      "home/config.toml": "net.retry = 1\nterm.verbose = true\n",
      "a/.cargo/config.toml": 'include = ["inc/one.toml"]\nbuild.jobs = 2\n',
      "a/.cargo/inc/one.toml": 'build.jobs = 3\nbuild.target = "x"\n',
      "a/b/.cargo/config": 'net.retry = 5\nbuild.rustflags = ["b"]\n',
      "extra.toml": "http.timeout = 5\n",
    },
    configs: ["ROOT/extra.toml", "http.debug=true"],
  });
  const run = cargo(staged, "-Zunstable-options", "config", "get", "--show-origin");
  const origins = new Map<string, string>();
  for (const [, key = "", origin = ""] of run.stdout.matchAll(/^([a-z.-]+) = .* # (.*)$/gm)) origins.set(key, origin);
  expect(origins.size).toBe(6);
  const config = ours(staged);
  for (const [key, origin] of origins) {
    const value: ConfigValue | undefined = config.get(key.split("."));
    expect(value === undefined ? key : formatOrigin(value.origin)).toBe(origin);
  }
});

test("the elements of a joined array keep their origins", () => {
  const staged = stage({
    files: {
      "home/config.toml": 'build.rustflags = ["h"]\n',
      "app/.cargo/config.toml": 'build.rustflags = ["p"]\n',
    },
    env: { CARGO_BUILD_RUSTFLAGS: "e" },
  });
  const value = ours(staged).get(["build", "rustflags"]);
  const elements = value?.kind === "array" ? value.value : [];
  expect(elements.map((element) => formatOrigin(element.origin))).toEqual([
    `${staged.home}/config.toml`,
    `${staged.cwd}/.cargo/config.toml`,
    "environment variable `CARGO_BUILD_RUSTFLAGS`",
  ]);
});

test.each([
  [{ kind: "file", path: "/p/.cargo/config.toml" }, "v", "/p/v"],
  [{ kind: "file", path: "/p/.cargo/registry/source.toml" }, "./v//w", "/p/.cargo/v/w"],
  [{ kind: "file", path: "/p/.cargo/config.toml" }, "../v", "/p/../v"],
  [{ kind: "file", path: "/p/.cargo/config.toml" }, "/abs", "/abs"],
  [{ kind: "cli", path: "/x/y/extra.toml" }, "v", "/x/v"],
  [{ kind: "cli" }, "v", "/cwd/v"],
  [{ kind: "environment", name: "X" }, "v", "/cwd/v"],
  [{ kind: "default" }, "v", "/cwd/v"],
] as const)("a path from %j starts in the right directory: %s", (origin, value, path) => {
  expect(configPath(value, origin, "/cwd")).toBe(path);
});

test.each([
  ["v\\w", "C:\\p\\v\\w"],
  ["v/w", "C:\\p\\v\\w"],
  ["./v", "C:\\p\\v"],
  ["..\\v", "C:\\p\\..\\v"],
  ["D:\\v", "D:\\v"],
  ["D:/v", "D:\\v"],
  ["/v", "C:\\v"],
  ["\\\\server\\share\\v", "\\\\server\\share\\v"],
])("on Windows, %s below C:\\p is %s", (value, path) => {
  expect(configPath(value, { kind: "file", path: "C:\\p\\.cargo\\config.toml" }, "C:\\cwd")).toBe(path);
});
