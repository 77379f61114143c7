import { afterAll, expect, test } from "vitest";
import { effectiveSource, formatOrigin, parseSourceId } from "../../src/cargo/index.ts";
import { type Layout, ours, stage, unstage } from "./config-layout.ts";
import { corp, directory, failure, lockedVersion, mirror, project, two } from "./config-project.ts";

afterAll(unstage);

/** Layouts whose chain ends in a directory; `end` is its path below the root, `version` what cargo finds there. */
const chains: Record<string, { layout: Layout; chain: string[]; end: string; definedIn: string; version: string }> = {
  "one step": {
    layout: {
      files: {
        ...two,
        "app/.cargo/config.toml": '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "one"\n',
      },
    },
    chain: ["crates-io", "v"],
    end: "app/one",
    definedIn: "app/.cargo/config.toml",
    version: "1.0.1",
  },
  "three steps over three files": {
    layout: {
      cwd: "app",
      files: {
        ...two,
        "home/config.toml": `[source.c]\ndirectory = "${"../".repeat(9)}no"\n`,
        ".cargo/config.toml": `[source.b]\nregistry = "${mirror}"\nreplace-with = "c"\n[source.c]\ndirectory = "app/two"\n`,
        "app/.cargo/config.toml": `[source.crates-io]\nreplace-with = "a"\n[source.a]\nregistry = "${corp}"\nreplace-with = "b"\n`,
      },
    },
    chain: ["crates-io", "a", "b", "c"],
    end: "app/two",
    definedIn: ".cargo/config.toml",
    version: "1.0.2",
  },
  "a chain that comes back through another source": {
    layout: {
      files: {
        ...two,
        "app/.cargo/config.toml": `[source.crates-io]\nregistry = "${mirror}"\nreplace-with = "v"\n[source.v]\ndirectory = "one"\n`,
      },
    },
    chain: ["crates-io", "v"],
    end: "app/one",
    definedIn: "app/.cargo/config.toml",
    version: "1.0.1",
  },
  "a location and a replacement from different files": {
    layout: {
      files: {
        ...two,
        ".cargo/config.toml": '[source.v]\ndirectory = "app/two"\n[source.crates-io]\nreplace-with = "nothing"\n',
        "app/.cargo/config.toml": '[source.crates-io]\nreplace-with = "v"\n',
      },
    },
    chain: ["crates-io", "v"],
    end: "app/two",
    definedIn: ".cargo/config.toml",
    version: "1.0.2",
  },
  "a directory in an included file, relative to that file": {
    layout: {
      files: {
        ...directory("app/.cargo/registry/src", "1.0.4"),
        ...two,
        "app/.cargo/config.toml": 'include = ["hub.config.toml"]\n',
        "app/.cargo/hub.config.toml": 'include = [{ path = "registry/source.toml", optional = true }]\n',
        "app/.cargo/registry/source.toml":
          '[source.crates-io]\nreplace-with = "h"\n[source.h]\ndirectory = "registry/src"\n',
      },
    },
    chain: ["crates-io", "h"],
    end: "app/.cargo/registry/src",
    definedIn: "app/.cargo/registry/source.toml",
    version: "1.0.4",
  },
  "a directory in the home, relative to what holds it": {
    layout: {
      home: "deep/home",
      files: {
        ...directory("deep/vendor", "1.0.5"),
        "deep/home/config.toml": '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "./vendor"\n',
      },
    },
    chain: ["crates-io", "v"],
    end: "deep/vendor",
    definedIn: "deep/home/config.toml",
    version: "1.0.5",
  },
  "an option, relative to the current directory": {
    layout: {
      cwd: "app/src",
      files: {
        ...two,
        "app/.cargo/config.toml": '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "one"\n',
      },
      configs: ["source.v.directory='../two'"],
    },
    chain: ["crates-io", "v"],
    end: "app/src/../two",
    definedIn: "--config cli option",
    version: "1.0.2",
  },
  "a variable in capitals, which cargo does not hear": {
    layout: {
      files: {
        ...two,
        "app/.cargo/config.toml":
          '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "one"\n[source.w]\ndirectory = "two"\n',
      },
      env: {
        CARGO_SOURCE_CRATES_IO_REPLACE_WITH: "w",
        CARGO_SOURCE_V_DIRECTORY: "two",
        CARGO_SOURCE_X_DIRECTORY: "two",
      },
    },
    chain: ["crates-io", "v"],
    end: "app/one",
    definedIn: "app/.cargo/config.toml",
    version: "1.0.1",
  },
  "a variable with the name as written, which cargo does hear": {
    layout: {
      files: {
        ...two,
        "app/.cargo/config.toml":
          '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "one"\n[source.w]\ndirectory = "two"\n',
      },
      env: { "CARGO_SOURCE_crates-io_REPLACE_WITH": "w" },
    },
    chain: ["crates-io", "w"],
    end: "app/two",
    definedIn: "app/.cargo/config.toml",
    version: "1.0.2",
  },
  "a directory from a variable, relative to the current directory": {
    layout: {
      cwd: "app/src",
      files: {
        ...two,
        "app/.cargo/config.toml": '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "one"\n',
      },
      env: { CARGO_SOURCE_v_DIRECTORY: "../two" },
    },
    chain: ["crates-io", "v"],
    end: "app/src/../two",
    definedIn: "environment variable `CARGO_SOURCE_v_DIRECTORY`",
    version: "1.0.2",
  },
};

test.each(Object.entries(chains))("the end that we compute is the one that cargo uses: %s", (_story, expected) => {
  const staged = stage({ ...expected.layout, files: { ...project(), ...expected.layout.files } });
  const { chain, end } = effectiveSource(ours(staged), "crates-io");
  expect(chain).toEqual(expected.chain);
  expect(end).toMatchObject({ kind: "directory", location: `${staged.root}/${expected.end}`, source: undefined });
  expect(formatOrigin(end.definedIn).replace(`${staged.root}/`, "")).toBe(expected.definedIn);
  expect(lockedVersion(staged)).toBe(expected.version);
});

const broken: Record<string, { code: string; config: string; says: RegExp }> = {
  "an unknown name": {
    code: "cargo/config-source-unknown",
    config: '[source.crates-io]\nreplace-with = "x"\n',
    says: /could not find a configured source with the\s+name `x`/,
  },
  "a registry whose index is no URL": {
    code: "cargo/config-source-unknown",
    config: '[source.crates-io]\nreplace-with = "x"\n[registries.x]\nindex = "../x"\n',
    says: /could not find a configured source with the\s+name `x`/,
  },
  "a circle": {
    code: "cargo/config-source-cycle",
    config: `[source.crates-io]\nreplace-with = "a"\n[source.a]\nregistry = "${corp}"\nreplace-with = "crates-io"\n`,
    says: /detected a cycle of `replace-with` sources/,
  },
  "no location": {
    code: "cargo/config-source-location",
    config: '[source.a]\nreplace-with = "b"\n[source.b]\ndirectory = "x"\n',
    says: /no source location specified for `source.a`/,
  },
  "two locations": {
    code: "cargo/config-source-location",
    config: `[source.a]\ndirectory = "x"\nregistry = "${corp}"\n`,
    says: /more than one source location specified for `source.a`/,
  },
  "a branch without git": {
    code: "cargo/config-source-location",
    config: '[source.a]\ndirectory = "x"\nbranch = "main"\n',
    says: /requires a `git` key/,
  },
  "a registry that is no URL": {
    code: "cargo/config-source-location",
    config: '[source.a]\nregistry = "x"\n',
    says: /invalid\s+URL/,
  },
  "one directory under two names": {
    code: "cargo/config-source-duplicate",
    config: '[source.a]\ndirectory = "x"\n[source.b]\ndirectory = "./x"\n',
    says: /but that source is already defined by/,
  },
  "one registry under two names": {
    code: "cargo/config-source-duplicate",
    config: '[source.a]\nregistry = "https://h.example/i"\n[source.b]\nregistry = "https://h.example/i/"\n',
    says: /but that source is already defined by/,
  },
  "crates.io under another name": {
    code: "cargo/config-source-duplicate",
    config: '[source.a]\nregistry = "https://github.com/rust-lang/crates.io-index"\n',
    says: /but that source is already defined by `crates-io`/,
  },
  "a source that is no table": { code: "cargo/config-value", config: 'source.a = "x"\n', says: /source\.a/ },
  "a replacement that is a number": {
    code: "cargo/config-value",
    config: "[source.crates-io]\nreplace-with = 1\n",
    says: /replace-with/,
  },
  "a protocol that nobody speaks": {
    code: "cargo/config-registry",
    config: '[registries.crates-io]\nprotocol = "pigeon"\n',
    says: /unsupported registry protocol/,
  },
};

test.each(Object.entries(broken))("cargo refuses, and we do too: %s", (_story, { code, config, says }) => {
  const staged = stage({ files: { ...project(), "app/.cargo/config.toml": config } });
  expect(failure(staged)).toMatch(says);
  expect(() => effectiveSource(ours(staged), "crates-io")).toThrow(
    expect.objectContaining({ code, where: expect.stringMatching(/./) }),
  );
});

test("a circle that the start is no part of is refused, although cargo 1.95 never ends in it", () => {
  const staged = stage({
    files: {
      "app/.cargo/config.toml": `[source.crates-io]\nreplace-with = "a"\n[source.a]\nregistry = "${corp}"\nreplace-with = "b"\n[source.b]\nregistry = "${mirror}"\nreplace-with = "a"\n`,
    },
  });
  expect(() => effectiveSource(ours(staged), "crates-io")).toThrow(
    expect.objectContaining({ code: "cargo/config-source-cycle" }),
  );
});

test("without configuration the end is the public registry's own index", () => {
  const { chain, end } = effectiveSource(ours(stage({})), "crates-io");
  expect(chain).toEqual(["crates-io"]);
  expect(end).toMatchObject({ kind: "default", definedIn: { kind: "default" } });
  expect(end.location).toMatch(/^https:.*\/$/);
});

test("the git protocol ends at the index's repository", () => {
  const staged = stage({ env: { CARGO_REGISTRIES_CRATES_IO_PROTOCOL: "git" } });
  expect(effectiveSource(ours(staged), "crates-io").end).toMatchObject({
    kind: "registry",
    definedIn: { kind: "environment" },
  });
});

test.each([
  ["a registry", "registry+https://h.example/Idx.git", "registry", "https://h.example/idx"],
  ["a sparse registry", mirror, "sparse", "http://127.0.0.1:1/mirror/"],
  [
    "a repository",
    "git+https://h.example/r?branch=a%2Fb#0123456789012345678901234567890123456789",
    "git",
    "https://h.example/r",
  ],
])("a lockfile's source that nobody names is its own end: %s", (_story, text, kind) => {
  const source = parseSourceId(text, "Cargo.lock");
  const { chain, end } = effectiveSource(ours(stage({})), source);
  expect(chain).toEqual([]);
  expect(end).toMatchObject({ kind, location: source.url, definedIn: { kind: "default" } });
});

test("a lockfile's source is found by its place, whatever its name", () => {
  const config = `[source.any]\nregistry = "https://h.example/idx.git"\nreplace-with = "v"\n[source.v]\ndirectory = "v"\n`;
  const staged = stage({ files: { "app/.cargo/config.toml": config } });
  const source = parseSourceId("registry+https://h.example/idx", "Cargo.lock");
  expect(effectiveSource(ours(staged), source).chain).toEqual(["any", "v"]);
});

test("a git source with its branch is another source than the same repository without", () => {
  const config = `[source."r"]\ngit = "https://h.example/r"\nbranch = "b+1"\nreplace-with = "v"\n[source.v]\ndirectory = "v"\n`;
  const staged = stage({ files: { "app/.cargo/config.toml": config } });
  const commit = "0123456789012345678901234567890123456789";
  const chain = (text: string): readonly string[] => effectiveSource(ours(staged), parseSourceId(text, "x")).chain;
  expect(chain(`git+https://h.example/r?branch=b%2B1#${commit}`)).toEqual(["r", "v"]);
  expect(chain(`git+https://h.example/r#${commit}`)).toEqual([]);
});
