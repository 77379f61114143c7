import { assert, boolean, constantFrom, property, record, uniqueArray } from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultHubToml, type HubToml, parseHubToml } from "../../src/formats/index.ts";

function parse(text: string): HubToml {
  return parseHubToml(text, ".cargo/hub.toml");
}

/** A hub.toml of that many bytes. */
function padded(bytes: number): string {
  return `version = 1\n#${" ".repeat(bytes - 14)}\n`;
}

/** A hub.toml with that many lockfiles. */
function listing(count: number): string {
  return `version = 1\nlockfiles = [${Array.from({ length: count }, (_, at) => `"${at}/Cargo.lock"`).join()}]\n`;
}

test("only the version is required; without a hub.toml the same holds", () => {
  expect(parse("version = 1\n")).toEqual({
    lockfiles: ["Cargo.lock"],
    mode: "directory",
    offline: false,
    compat: false,
    commit: "none",
    with: [],
    rustVersion: undefined,
    std: false,
  });
  expect(parse("version = 1\n")).toEqual(defaultHubToml);
});

test.each<[string, Partial<HubToml>]>([
  ['lockfiles = ["a/Cargo.lock"]', { lockfiles: ["a/Cargo.lock"] }],
  ['lockfiles = ["b/Cargo.lock", "../a/Cargo.lock"]', { lockfiles: ["b/Cargo.lock", "../a/Cargo.lock"] }],
  ['lockfiles = ["~/Cargo.lock"]', { lockfiles: ["~/Cargo.lock"] }],
  ['mode = "directory"', { mode: "directory" }],
  ['mode = "cargo-home"', { mode: "cargo-home" }],
  ["offline = true", { offline: true }],
  ["offline = false", { offline: false }],
  ["compat = true", { compat: true }],
  ["compat = false", { compat: false }],
  ['commit = "crates"', { commit: "crates" }],
  ['commit = "none"', { commit: "none" }],
  ['with = ["../x-1.0.0.crate", "crates/y"]', { with: ["../x-1.0.0.crate", "crates/y"] }],
  ["with = []", { with: [] }],
  ['rust-version = "1.70"', { rustVersion: "1.70" }],
  ['rust-version = "1.70.1"', { rustVersion: "1.70.1" }],
  ["std = true", { std: true }],
  ["# offline = true", {}],
])("%s says %j", (line, said) => {
  expect(parse(`version = 1\n${line}\n`)).toEqual({ ...defaultHubToml, ...said });
});

describe("is refused:", () => {
  test.each([
    ["", "version"],
    ["offline = true", "version"],
    ['version = "1"', "version"],
    ["version = true", "version"],
    ["version = 1\nlockfile = []", "lockfile"],
    ["version = 1\nMode = 1", "Mode"],
    ["version = 1\n[targets]\nx = 1", "targets"],
    ["version = 1\nlockfiles = []", "lockfiles"],
    ['version = 1\nlockfiles = "Cargo.lock"', "lockfiles"],
    ["version = 1\nlockfiles = [1]", "lockfiles"],
    ['version = 1\nlockfiles = [""]', "lockfiles"],
    ['version = 1\nlockfiles = [["Cargo.lock"]]', "lockfiles"],
    ['version = 1\nlockfiles = ["a", "b", "a"]', "twice"],
    ['version = 1\nlockfiles = ["/etc/Cargo.lock"]', "/etc/Cargo.lock"],
    ["version = 1\nlockfiles = ['\\\\server\\Cargo.lock']", "relative"],
    ["version = 1\nlockfiles = ['C:\\Cargo.lock']", "relative"],
    ['version = 1\nlockfiles = ["c:Cargo.lock"]', "relative"],
    ['version = 1\nmode = "local-registry"', "local-registry"],
    ['version = 1\nmode = "Directory"', "Directory"],
    ["version = 1\nmode = 1", "mode"],
    ['version = 1\noffline = "true"', "offline"],
    ["version = 1\noffline = 1", "offline"],
    ["version = 1\ncompat = []", "compat"],
    ["version = 1\ncommit = true", "commit"],
    ['version = 1\ncommit = "all"', "none, crates"],
    ['version = 1\nwith = "x.crate"', "with"],
    ['version = 1\nwith = ["/x.crate"]', "/x.crate"],
    ['version = 1\nwith = ["a", "a"]', "twice"],
    ["version = 1\nrust-version = 1.70", "rust-version"],
    ['version = 1\nrust-version = "1"', "rust-version"],
    ['version = 1\nrust-version = "^1.70"', "^1.70"],
    ['version = 1\nstd = "yes"', "std"],
    ["version = 1\ncompat = 2026-01-01", "compat"],
  ])("%j, naming %s", (text, named) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: "formats/hub-toml-invalid",
        where: ".cargo/hub.toml",
        what: expect.stringContaining(named),
      }),
    );
  });

  test("an unknown key, with all that are known", () => {
    const known = ["version", "lockfiles", "mode", "offline", "compat", "commit", "with", "rust-version", "std"];
    for (const key of known) expect(() => parse("version = 1\nversions = 1\n")).toThrow(key);
  });

  test.each(["0", "2", "-1", "99999999999999999999"])("version %s", (version) => {
    expect(() => parse(`version = ${version}\nsomething-new = true\n`)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^formats\/hub-toml-version$|^toml\/syntax$/) }),
    );
  });

  test("version 2 as a version even when it has keys of its own", () => {
    expect(() => parse("version = 2\nsomething-new = true\n")).toThrow(
      expect.objectContaining({ code: "formats/hub-toml-version", what: expect.stringContaining("2") }),
    );
  });

  test("what is not TOML, with its place", () => {
    expect(() => parse("version = 1\nmode = directory\n")).toThrow(
      expect.objectContaining({ code: "toml/syntax", where: expect.stringMatching(/^\.cargo\/hub\.toml:2:/) }),
    );
  });

  test("more than a mebibyte, and more than 10,000 lockfiles", () => {
    expect(parse(padded(1024 * 1024))).toEqual(defaultHubToml);
    expect(() => parse(padded(1024 * 1024 + 1))).toThrow(expect.objectContaining({ code: "formats/hub-toml-invalid" }));
    expect(parse(listing(10_000)).lockfiles).toHaveLength(10_000);
    expect(() => parse(listing(10_001))).toThrow(expect.objectContaining({ code: "formats/hub-toml-invalid" }));
  });
});

test("every combination of what it may say is read as said", () => {
  const path = constantFrom("Cargo.lock", "a/Cargo.lock", "../Cargo.lock", "with blank/Cargo.lock", "ü/Cargo.lock");
  const said = record<HubToml>({
    lockfiles: uniqueArray(path, { minLength: 1 }),
    mode: constantFrom("directory", "cargo-home"),
    offline: boolean(),
    compat: boolean(),
    commit: constantFrom("none", "crates"),
    with: uniqueArray(path),
    rustVersion: constantFrom("1.70", "1.85.0"),
    std: boolean(),
  });
  assert(
    property(said, (hubToml) => {
      const { lockfiles, mode, offline, compat, commit, rustVersion, std } = hubToml;
      const more = `std = ${std}\nrust-version = "${rustVersion}"\nwith = ${JSON.stringify(hubToml.with)}\ncommit = "${commit}"\n`;
      const text = `${more}compat = ${compat}\noffline = ${offline}\nmode = '${mode}'\nlockfiles = ${JSON.stringify(lockfiles)}\nversion = 1\n`;
      expect(parse(text)).toEqual(hubToml);
    }),
  );
});
