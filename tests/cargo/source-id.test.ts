import { assert, constantFrom, property, string } from "fast-check";
import { expect, test } from "vitest";
import {
  CRATES_IO,
  compareSourceIds,
  cratesIoSparseRoot,
  formatSourceId,
  isCratesIo,
  parseSourceId,
  type SourceId,
  sameSource,
} from "../../src/cargo/index.ts";

const COMMIT = "ff2e6781cc23b89589e8fe95795d5381e06c1344";
const parse = (text: string) => parseSourceId(text, "Cargo.lock:1");

test.each<[string, SourceId]>([
  ["registry+https://github.com/rust-lang/crates.io-index", CRATES_IO],
  ["sparse+http://127.0.0.1:8080/index/", { kind: "sparse", url: "http://127.0.0.1:8080/index/" }],
  [`git+https://h.example/a.git#${COMMIT}`, { kind: "git", url: "https://h.example/a.git", precise: COMMIT }],
  [
    "git+https://h.example/a?tag=v1",
    { kind: "git", url: "https://h.example/a", reference: { kind: "tag", value: "v1" } },
  ],
  [
    "git+ssh://git@h.example/a?rev=1234",
    { kind: "git", url: "ssh://git@h.example/a", reference: { kind: "rev", value: "1234" } },
  ],
  [
    `git+https://h.example/a?branch=feat%2Fx%2B1%232+b#${COMMIT}`,
    { kind: "git", url: "https://h.example/a", reference: { kind: "branch", value: "feat/x+1#2 b" }, precise: COMMIT },
  ],
  [`git+https://h.example/a/?x=1#${COMMIT}`, { kind: "git", url: "https://h.example/a/?x=1", precise: COMMIT }],
  ["path+file:///srv/app", { kind: "path", url: "file:///srv/app" }],
  ["directory+file:///srv/vendor", { kind: "directory", url: "file:///srv/vendor" }],
  ["local-registry+file:///srv/a/../lr", { kind: "local-registry", url: "file:///srv/a/../lr" }],
])("%s is read", (text, id) => {
  expect(parse(text)).toEqual(id);
});

test.each([
  `git+https://h.example/a?branch=feat/x+1#2#${COMMIT}`,
  "git+https://h.example/a?branch=feat/x+1#2",
  `git+https://h.example/a?tag=r&d=1#${COMMIT}`,
  `git+https://h.example/a?branch=per%20cent#${COMMIT}`,
])("before version 4 the value of %s stands raw", (text) => {
  const id = parseSourceId(text, "Cargo.lock:1", 3);
  expect(id.reference?.value).toMatch(/^(feat\/x\+1#2|r&d=1|per%20cent)$/);
  expect(formatSourceId(id, 3)).toBe(text);
});

test("a git reference comes back from every version's text", () => {
  assert(
    property(string({ unit: "grapheme-ascii", minLength: 1 }), constantFrom("branch", "tag", "rev"), (value, kind) => {
      const id: SourceId = { kind: "git", url: "https://h.example/a", reference: { kind, value }, precise: COMMIT };
      expect(parse(formatSourceId(id))).toEqual(id);
    }),
  );
});

test.each([
  "",
  "https://h.example/a",
  "spurse+https://h.example/",
  "registry+",
  "registry+h.example",
  "registry+https://h.example/a b",
  "registry+https://h.example/a\tb",
  "git+https://h.example/a#main",
  "git+https://h.example/a#ff2e678",
  `git+https://h.example/a#${COMMIT.toUpperCase()}`,
  "git+--upload-pack=x",
])("%j names no source", (text) => {
  expect(() => parse(text)).toThrowError(
    expect.objectContaining({ code: "cargo/source-id-invalid", where: "Cargo.lock:1" }),
  );
});

test("an error about a source tells no password", () => {
  expect(() => parse("git+https://user:secret@h.example/a#main")).not.toThrowError(/secret/);
  expect(() => parse("git+https://user:secret@h.example/a#main")).toThrowError(/h\.example/);
});

test.each([
  ["git+https://h.example/a", "git+https://h.example/a.git", true],
  ["git+https://h.example/a/", `git+https://h.example/a#${COMMIT}`, true],
  ["git+https://github.com/Foo/Bar", "git+https://github.com/foo/bar.git", true],
  ["git+https://h.example/A", "git+https://h.example/a", false],
  ["git+https://h.example/a?branch=b", "git+https://h.example/a", false],
  ["git+https://h.example/a?branch=v1", "git+https://h.example/a?tag=v1", false],
  ["registry+https://h.example/a", "sparse+https://h.example/a/", false],
])("%s and %s are one source: %s", (a, b, same) => {
  expect(sameSource(parse(a), parse(b))).toBe(same);
});

test("sources are ordered by kind, then git ones by reference, then by URL", () => {
  const ordered = [
    "path+file:///z",
    "registry+https://z.example/a",
    "sparse+https://a.example/a/",
    "sparse+https://a.example/b/",
    "local-registry+file:///a",
    "directory+file:///a",
    "git+https://z.example/a?tag=v1",
    "git+https://z.example/a?tag=v2",
    "git+https://z.example/a?branch=a",
    "git+https://z.example/a?branch=%EE%80%80",
    "git+https://z.example/a?branch=%F0%90%80%80",
    "git+https://z.example/a?rev=a",
    "git+https://a.example/a",
    "git+https://z.example/a",
  ].map(parse);
  expect(ordered.toReversed().sort(compareSourceIds)).toEqual(ordered);
});

test("the public registry is known by its git index and by its sparse root", () => {
  expect(isCratesIo(CRATES_IO)).toBe(true);
  expect(isCratesIo({ kind: "sparse", url: cratesIoSparseRoot() })).toBe(true);
  expect(isCratesIo({ kind: "sparse", url: "https://h.example/" })).toBe(false);
  expect(isCratesIo({ kind: "git", url: CRATES_IO.url })).toBe(false);
});
