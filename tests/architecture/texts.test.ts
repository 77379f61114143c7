import { expect, test } from "vitest";
import { repositoryFiles } from "./repository-files.ts";
import { hostViolations, lengthViolations, lockViolations, manifestViolations, placeViolations } from "./text-rules.ts";

const files = repositoryFiles();

function textOf(path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} is not in the repository`);
  return file.text;
}

test("no file names a package registry's host", () => {
  expect(hostViolations(files)).toEqual([]);
});

// In two pieces, because this file, too, must not name a host.
test.each([
  ["index", "crates.io"],
  ["STATIC", "Crates.io"],
  ["registry", "npmjs.org"],
  ["proxy", "golang.org"],
  ["files.python", "hosted.org"],
  ["deb", "debian.org"],
])("the host made of %s and %s is found, with its line", (first, second) => {
  const host = first.endsWith("python") ? first + second : `${first}.${second}`;
  const found = hostViolations([{ path: "docs/a.md", text: `one\nhttps://${host}/x` }]);
  expect(found).toEqual([expect.stringMatching(/^docs\/a\.md:2: /)]);
});

test("crates.io by itself is only a name", () => {
  const text = "crates.io, registry+https://github.com/rust-lang/crates.io-index";
  expect(hostViolations([{ path: "README.md", text }])).toEqual([]);
});

test("no file speaks of the place where it was written", () => {
  expect(placeViolations(files)).toEqual([]);
});

test.each([
  ["..", "/shared/a"],
  ["see /wo", "rk/main"],
  ["see /.lib", "rary/x"],
  ["Farm", "-Bench"],
])("a place like «%s…%s» is found", (start, end) => {
  expect(placeViolations([{ path: "README.md", text: start + end }])).toHaveLength(1);
  expect(placeViolations([{ path: ".ci/run", text: start + end }])).toEqual([]);
});

test("no code file has more than 300 lines", () => {
  expect(lengthViolations(files)).toEqual([]);
});

test("a file of 301 lines is found, one of 300 is not, and fixtures do not count", () => {
  const long = "x\n".repeat(301);
  expect(lengthViolations([{ path: "src/cli/a.ts", text: long }])).toHaveLength(1);
  expect(lengthViolations([{ path: "bench/a.mjs", text: long }])).toHaveLength(1);
  expect(lengthViolations([{ path: "src/cli/a.ts", text: "x\n".repeat(300) }])).toEqual([]);
  expect(lengthViolations([{ path: "tests/fixtures/a.ts", text: long }])).toEqual([]);
});

test("the package needs no other package", () => {
  expect(manifestViolations(JSON.parse(textOf("package.json")))).toEqual([]);
});

test("a dependency is found", () => {
  expect(manifestViolations({ name: "a", dependencies: {} })).toHaveLength(1);
  expect(manifestViolations({ name: "a", peerDependencies: { b: "1" } })).toHaveLength(1);
});

test("the lockfile records no download addresses", () => {
  expect(lockViolations(textOf("package-lock.json"))).toEqual([]);
});

test("a recorded download address is found", () => {
  expect(lockViolations('{ "packages": { "a": { "resolved": "https://example.com/a.tgz" } } }')).toHaveLength(1);
});
