import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  integer,
  nat,
  property,
  string,
  tuple,
  uint8Array,
} from "fast-check";
import { expect, test } from "vitest";
import { blobPieces, findEntry, GitError, listFiles, openPack, readBlob } from "../../src/git/index.ts";
import { packIndex } from "../../src/git/pack-index.ts";
import { type FileSpec, runTestGit } from "../support/git-repository.ts";
import { opened, pack, packOf, repository, scratch } from "./scene.ts";

const manyKinds: Readonly<Record<string, FileSpec>> = {
  "Cargo.toml": "[package]\n",
  empty: "",
  "large.bin": Buffer.alloc(200_000, "0123456789abcdef"),
  "exact.bin": Buffer.alloc(65_535, 7),
  "src/lib.rs": "pub fn a() {}\n",
  "src/deep/er/mod.rs": "pub fn a() {}\n",
  "src-2/ünï.rs": "x",
  "tool.sh": { executable: "#!/bin/sh\n" },
  link: { link: "src/lib.rs" },
  sub: { submodule: "0123456789012345678901234567890123456789", url: "https://host.example/sub" },
};

test("a pack holds the files of its commit, with kind, size and content", async () => {
  const from = repository();
  from.commit({ other: "gone" });
  from.commit(manyKinds);
  const opened = await packOf(from);
  const files = [...listFiles(opened)].map(({ path, kind, sizeBytes }) => `${kind} ${sizeBytes} ${path}`);
  expect(files).toEqual([
    "file 62 .gitmodules",
    "file 10 Cargo.toml",
    "file 0 empty",
    "file 65535 exact.bin",
    "file 200000 large.bin",
    "link 10 link",
    "file 1 src-2/ünï.rs",
    "file 14 src/deep/er/mod.rs",
    "file 14 src/lib.rs",
    "submodule 0 sub",
    "executable 10 tool.sh",
  ]);
  expect([...listFiles(opened, "src")].map(({ path }) => path)).toEqual(["src/deep/er/mod.rs", "src/lib.rs"]);
  expect([...listFiles(opened, "nowhere")]).toEqual([]);
  expect([...listFiles(opened, "empty")]).toEqual([]);
  const large = findEntry(opened, "large.bin");
  expect(readBlob(opened, large?.id ?? "")).toEqual(manyKinds["large.bin"]);
  const pieces = Array.from(blobPieces(opened, large?.id ?? ""), (piece) => Buffer.from(piece));
  expect(Buffer.concat(pieces)).toEqual(manyKinds["large.bin"]);
  expect(findEntry(opened, "src/deep")).toMatchObject({ kind: "tree", path: "src/deep" });
  expect(findEntry(opened, "src/lib.rs/x")).toBeUndefined();
  expect(findEntry(opened, "")).toMatchObject({ kind: "tree", id: from.git("rev-parse", "HEAD^{tree}") });
  expect(opened.tree).toBe(from.git("rev-parse", "HEAD^{tree}"));
});

test("git takes our pack as strictly as it can, and makes the same index of it", async () => {
  const from = repository();
  from.commit(manyKinds);
  const opened = await packOf(from);
  const into = repository();
  into.git("index-pack", "--strict", "-o", join(into.path, "made.idx"), opened.bytes.where);
  expect(packIndex(opened)).toEqual(readFileSync(join(into.path, "made.idx")));
});

test("the bytes of a pack are a function of the commit: from loose objects, from deltas, from a clone", async () => {
  const from = repository();
  from.commit({ "a.txt": "line\n".repeat(5000), "b/c": "x" });
  const commit = from.commit({ "a.txt": `${"line\n".repeat(5000)}more\n`, "b/c": "x", "b/d": "y" });
  const loose = await pack({ url: from.url, commit });
  from.git("repack", "-adfq", "--depth=50", "--window=50");
  from.git("config", "core.compression", "9");
  const deltas = await pack({ url: from.url, commit });
  const clone = join(scratch(), "clone");
  runTestGit(scratch(), ["clone", "-q", "--bare", from.url, clone]);
  const cloned = await pack({ url: "https://host.invalid/x", commit, places: [clone] });
  expect(cloned.from).toBe(clone);
  expect(deltas.sha256).toBe(loose.sha256);
  expect(cloned.sha256).toBe(loose.sha256);
  expect(readFileSync(cloned.path)).toEqual(readFileSync(loose.path));
});

const name = string({ unit: constantFrom("a", "B", ".", "-", "é", " ", "0"), minLength: 1, maxLength: 4 }).filter(
  (text) => !/^\.+$/.test(text),
);
const path = array(name, { minLength: 1, maxLength: 3 }).map((steps) => steps.join("/"));

test("whatever files a commit has, the pack gives them back", async () => {
  const from = repository();
  await assert(
    asyncProperty(dictionary(path, uint8Array({ maxLength: 300 }), { maxKeys: 8 }), async (wished) => {
      // A name can not be a file and a directory.
      const files = Object.entries(wished).filter(
        ([key]) => !Object.keys(wished).some((other) => other.startsWith(`${key}/`)),
      );
      const index = files.map(
        ([key, content]) => `100644 ${runTestGit(from.path, ["hash-object", "-w", "--stdin"], content)}\t${key}`,
      );
      from.git("read-tree", "--empty");
      runTestGit(from.path, ["update-index", "-z", "--index-info"], index.map((line) => `${line}\0`).join(""));
      const commit = from.git("commit-tree", "-m", "x", from.git("write-tree"));
      const packed = await pack({ url: "https://host.invalid/x", commit, places: [join(from.path, ".git")] });
      const reader = opened(packed.path, commit);
      const found = Object.fromEntries([...listFiles(reader)].map((file) => [file.path, readBlob(reader, file.id)]));
      expect(found).toEqual(Object.fromEntries(files.map(([key, content]) => [key, Buffer.from(content)])));
    }),
    { numRuns: 25 },
  );
});

test("every flipped bit of a pack is found", async () => {
  const from = repository();
  const commit = from.commit({
    "Cargo.toml": "[package]\n",
    empty: "",
    "src/lib.rs": "pub fn a() {}\n",
    link: { link: "empty" },
  });
  const { path } = await pack({ url: from.url, commit });
  const bytes = readFileSync(path);
  expect(openPack(bytes, commit).commit).toBe(commit);
  for (let at = 0; at < bytes.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      expect(
        codeOf(() => openPack(flipped, commit)),
        `bit ${bit} of byte ${at}`,
      ).toMatch(/^git\/(?:pack-damaged|too-large)$/);
    }
  }
});

test("a pack that is cut, longer, or of another commit is refused", async () => {
  const from = repository();
  const commit = from.commit({ a: "x" });
  const bytes = readFileSync((await pack({ url: from.url, commit })).path);
  for (let length = 0; length < bytes.length; length += 1)
    expect(codeOf(() => openPack(bytes.subarray(0, length), commit))).toBe("git/pack-damaged");
  expect(codeOf(() => openPack(Buffer.concat([bytes, Buffer.from("x")]), commit))).toBe("git/pack-damaged");
  expect(codeOf(() => openPack(bytes, "0".repeat(40)))).toBe("git/pack-damaged");
  expect(codeOf(() => openPack({ path: join(scratch(), "nowhere") }, commit))).toBe("git/pack-damaged");
});

test("random damage is an error with a code, never a crash", async () => {
  const from = repository();
  const commit = from.commit(manyKinds);
  const bytes = readFileSync((await pack({ url: from.url, commit })).path);
  const changes = array(tuple(nat(bytes.length - 1), integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 5 });
  assert(
    property(changes, (list) => {
      const damaged = Buffer.from(bytes);
      for (const [at, mask] of list) damaged[at] = (damaged[at] ?? 0) ^ mask;
      expect(codeOf(() => openPack(damaged, commit))).toMatch(damaged.equals(bytes) ? /^none$/ : /^git\//);
    }),
    { numRuns: 300 },
  );
});

function codeOf(act: () => unknown): string {
  try {
    act();
    return "none";
  } catch (error) {
    if (error instanceof GitError) return error.code;
    throw error;
  }
}
