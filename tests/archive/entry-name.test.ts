import { expect, test } from "vitest";
import { judgeName, symlinkFault } from "../../src/archive/entry-name.ts";
import { ArchiveError, DEFAULT_LIMITS } from "../../src/archive/index.ts";
import { type CrateSink, readCrate } from "../../src/archive/read-crate.ts";
import { crate, file, type Member } from "../support/archive-builder.ts";
import { MANIFEST, TOP } from "./scene.ts";

test.each([
  [`${TOP}/a`, "a"],
  [`${TOP}/a/b`, "a/b"],
  [`${TOP}//a///b`, "a/b"],
  [`${TOP}/./a/./b`, "a/b"],
  [`${TOP}/.a`, ".a"],
  [`${TOP}/a..b`, "a..b"],
  [`${TOP}/..a`, "..a"],
  [`${TOP}/a/`, "a"],
  [`${TOP}/a//`, "a"],
  [`${TOP}/a/.`, "a"],
  [`${TOP}/`, ""],
  [`${TOP}//`, ""],
  [`${TOP}/.`, ""],
  [TOP, ""],
  [`${TOP}/test.A—B가`, "test.A—B가"],
])("the name %s is the path «%s»", (name, path) => {
  expect(judgeName(name, TOP)).toMatchObject({ kind: "good", path, unportable: undefined });
});

test.each([
  "aux.rs",
  "AUX",
  "con",
  "nul.tar.gz",
  "prn ",
  "com1",
  "LPT9.txt",
  "com\u00b9",
  "CONIN$",
  "conout$.x",
  "com1 .txt",
  "a:b",
  ":w",
  "a*",
  "what?",
  'quo"te',
  "<",
  ">",
  "pi|pe",
  "dot.",
  "blank ",
])("the name «%s» is good, but not on Windows", (name) => {
  const verdict = judgeName(`${TOP}/src/${name}/x`, TOP);
  expect(verdict).toMatchObject({ kind: "good", path: `src/${name}/x`, unportable: expect.any(String) });
});

test.each(["auxiliary", "console.rs", "com", "com10", "lpt", "null", "nul_", "prnt.x", "a.b", ".com1"])(
  "the name «%s» is good everywhere",
  (name) => {
    expect(judgeName(`${TOP}/${name}`, TOP)).toMatchObject({ kind: "good", unportable: undefined });
  },
);

test.each([
  ["l", "x", true],
  ["l", "a/b/c", true],
  ["l", "./x", true],
  ["l", ".", true],
  ["l", "..", false],
  ["l", "../x", false],
  ["a/l", "..", true],
  ["a/l", "../x", true],
  ["a/l", "../../x", false],
  ["a/b/l", "../../x", true],
  ["a/b/l", ".././../x", true],
  ["a/b/l", "../../../x", false],
  ["a/l", "b/../x", false],
  ["a/l", "b/..", false],
  ["a/l", "/a/x", false],
  ["a/l", "x\u0000y", false],
  ["a/l", "..\\x", false],
  ["a/l", ".. /x", false],
])("a symlink at %s to «%s»: good is %s", (path, target, isGood) => {
  expect(symlinkFault(path, target) === undefined).toBe(isGood);
});

const silent: CrateSink = {
  directory: () => undefined,
  directoryMode: () => undefined,
  file: () => undefined,
  content: () => undefined,
  fileEnd: () => undefined,
  symlink: () => undefined,
  hardLink: () => undefined,
};

test.each<[string, Member, string]>([
  ["a device name", file(`${TOP}/src/aux.rs`), "archive/bad-name"],
  ["a stream name", file(`${TOP}/src/lib.rs:evil`), "archive/bad-name"],
  ["a name that ends in a dot", file(`${TOP}/.cargo-ok.`), "archive/bad-name"],
  ["a symlink to a device", { name: `${TOP}/l`, type: "2", linkName: "nul" }, "archive/bad-link"],
  ["a symlink to a stream", { name: `${TOP}/l`, type: "2", linkName: "Cargo.toml:x" }, "archive/bad-link"],
])("on Windows %s is refused", async (_what, member, code) => {
  const job = { crate: crate([MANIFEST, member]), topDirectory: TOP, umask: 0, limits: DEFAULT_LIMITS };
  await expect(readCrate({ ...job, system: "windows" }, silent)).rejects.toMatchObject({ code });
  await expect(readCrate({ ...job, system: "linux" }, silent)).resolves.toBeDefined();
});

test("a message quotes hostile names without their control characters", async () => {
  const job = {
    crate: crate([file(`${TOP}/\u001b[31m\u202e\u0007x`)]),
    topDirectory: TOP,
    umask: 0,
    limits: DEFAULT_LIMITS,
  };
  const error = await readCrate(job, silent).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ArchiveError);
  expect(String(error)).toMatch(/^[\x20-\x7e]*$/);
});
