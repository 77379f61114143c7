import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SourceId, SourceKind } from "../../src/cargo/index.ts";
import { CRATES_IO, cratesIoSparseRoot, fileUrl, gitIdent, registryIdent, stableHash } from "../../src/cargo/index.ts";
import { cargoWorld } from "./cargo-world.ts";

interface Vectors {
  readonly hashes: readonly { readonly bytes: string; readonly hex: string }[];
  readonly registries: readonly { readonly kind: SourceKind; readonly url: string; readonly ident: string }[];
  readonly gits: readonly { readonly url: string; readonly ident: string }[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../fixtures/ident/ident-vectors.json", import.meta.url), "utf8"),
);

test.each(vectors.hashes)("the hash of $bytes is $hex", ({ bytes, hex }) => {
  expect(stableHash(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))).toBe(hex);
});

test.each(vectors.registries)("the directory of $kind $url is $ident", ({ kind, url, ident }) => {
  const source: SourceId = { kind, url };
  expect(registryIdent(source)).toBe(ident);
});

test.each(vectors.gits)("the git directory of $url is $ident", ({ url, ident }) => {
  expect(gitIdent(url)).toBe(ident);
});

test("the public registry's directory is that of its sparse index, however it is named", () => {
  const ident = `${new URL(cratesIoSparseRoot()).hostname}-1949cf8c6b5b557f`;
  expect(registryIdent(CRATES_IO)).toBe(ident);
  expect(registryIdent({ kind: "sparse", url: cratesIoSparseRoot() })).toBe(ident);
});

test("the public registry's directory over its git index is another one", () => {
  expect(registryIdent(CRATES_IO, "git")).toBe("github.com-25cdd57fae9f0462");
});

test("each reference of a git source has its own hash", () => {
  const url = "https://git.example.com/a/b";
  const references = [undefined, "branch", "tag", "rev"] as const;
  const idents = references.map((kind) =>
    registryIdent({ kind: "git", url, reference: kind === undefined ? undefined : { kind, value: "v1" } }),
  );
  expect(new Set(idents).size).toBe(references.length);
});

test.each([
  ["local-registry", "/tmp/ws/crate", "-58d73c154f81d09f"],
  ["path", "/tmp/ws/crate", "-64bace89c92b101f"],
  ["directory", "/tmp/ws/crate", "-505191d1f3920955"],
  ["local-registry", "C:\\\\tmp\\ws\\crate", "-946fb2239f274c55"],
  ["path", "C:\\\\tmp\\ws\\crate", "-01e1e6c391813fb6"],
  ["directory", "C:\\\\tmp\\ws\\crate", "-6c8ad69db585a790"],
] as const)("a %s at %s has cargo's own number", (kind, path, ident) => {
  expect(registryIdent({ kind, url: fileUrl(path) })).toBe(ident);
});

test.each([
  ["/a b/c", "file:///a%20b/c"],
  ["/p/q/../lr", "file:///p/q/../lr"],
  ["/a//./b/", "file:///a/b"],
  ["/", "file:///"],
  ["C:\\", "file:///C:/"],
  ["c:\\Users\\J\u00f6rg", "file:///c:/Users/J%C3%B6rg"],
  ["C:/a/../b", "file:///C:/a/../b"],
  ["\\\\?\\C:\\a b", "file:///C:/a%20b"],
  ["\\\\Server\\Share\\A", "file://server/Share/A"],
  ["\\\\?\\UNC\\server\\share\\a", "file://server/share/a"],
])("the URL of %s is %s", (path, url) => {
  expect(fileUrl(path)).toBe(url);
});

test("file URLs are written as cargo writes them", async () => {
  const odd = [
    "a b",
    "a#b",
    "a?b",
    "a{b}",
    "a`b",
    'a"b',
    "a<b>",
    "a%b",
    "a^b",
    "a|b",
    "a[b]",
    "a'b",
    "a\\b",
    "a&b=c+d,e;f@g:h",
    "\u00e9",
    "a~b$c!d(e)*f",
  ];
  const world = cargoWorld(
    Object.fromEntries(
      odd.flatMap((name) => [
        [`${name}/Cargo.toml`, '[package]\nname = "p"\nversion = "0.1.0"\nedition = "2021"\n'],
        [`${name}/src/lib.rs`, ""],
      ]),
    ),
  );
  for (const name of odd) {
    const run = await world.cargo(name, "metadata", "--offline", "--no-deps", "--format-version", "1");
    const { packages }: { packages: { id: string }[] } = JSON.parse(run.stdout);
    expect(packages[0]?.id).toBe(`path+${fileUrl(`${world.root}/${name}`)}#p@0.1.0`);
  }
  world.remove();
});
