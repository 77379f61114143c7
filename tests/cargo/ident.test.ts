import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SourceId, SourceKind } from "../../src/cargo/index.ts";
import { CRATES_IO, cratesIoSparseRoot, gitIdent, registryIdent, stableHash } from "../../src/cargo/index.ts";

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
