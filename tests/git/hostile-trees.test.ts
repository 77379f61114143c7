import { array, assert, constantFrom, dictionary, property, record, string, tuple, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { GIT_LIMITS, GitError, listFiles, listSubmodules, openPack } from "../../src/git/index.ts";
import { type EntryKind, formatTree, parseTree } from "../../src/git/tree.ts";
import { runTestGit } from "../support/git-repository.ts";
import { HandMade } from "./hand-made.ts";
import { errorOf, repository } from "./scene.ts";

test.each([
  ["", "is empty"],
  [".", "leaves"],
  ["..", "leaves"],
  ["a/b", "slash"],
  ["/etc", "slash"],
  [".git", "for .git"],
  [".GIT", "for .git"],
  [".Git ", "for .git"],
  [".git. .", "for .git"],
  ["git~1", "for .git"],
  ["GIT~1", "for .git"],
  [".git::$INDEX_ALLOCATION", "for .git"],
  [".git:x", "for .git"],
  [".g\u200cit", "for .git"],
  ["\ufeff.git", "for .git"],
  ["..\\x", "on Windows"],
  ["a\\..\\b", "on Windows"],
  ["a\\.git\\config", "on Windows"],
])("a tree with the name %j is refused: it %s", (name, reason) => {
  const made = new HandMade();
  const tree = made.tree([["100644", name, made.add("blob", "x")]]);
  const commit = made.commit(tree);
  const error = errorOf(() => openPack(made.pack(), commit));
  expect(error).toMatchObject({ code: "git/tree-refused", object: tree });
  expect(error.what).toContain(reason);
});

test.each([".gitignore", ".github", "git", "x.git", "git~2", "...", "a\\b", "a:b", "ünï", " ", "-rf", "con", "~"])(
  "a file may be named %j",
  (name) => {
    const made = new HandMade();
    const commit = made.commit(made.tree([["100644", name, made.add("blob", "x")]]));
    expect([...listFiles(openPack(made.pack(), commit))].map(({ path }) => path)).toEqual([name]);
  },
);

/** The kinds in a tree, or the code of its refusal. */
function kindsOf(content: Buffer, id: string): EntryKind[] | string {
  try {
    return parseTree(content, id).map(({ kind }) => kind);
  } catch (error) {
    if (error instanceof GitError) return error.code;
    throw error;
  }
}

test.each([
  ["100664", "file"],
  ["0100644", undefined],
  ["100755", "executable"],
  ["100775", "executable"],
  ["120000", "link"],
  ["160000", "submodule"],
  ["644", undefined],
  ["060000", undefined],
  ["140000", undefined],
  ["10064x", undefined],
])("mode %s means %s", (mode, kind) => {
  const made = new HandMade();
  const blob = made.add("blob", "x");
  const tree = made.tree([[mode, "a", mode === "160000" ? "ab".repeat(20) : blob]]);
  const content = Buffer.concat([Buffer.from(`${mode} a\0`), Buffer.from(blob, "hex")]);
  expect(kindsOf(content, tree)).toEqual(kind === undefined ? "git/tree-refused" : [kind]);
});

test.each<[string, (blob: string, tree: string) => readonly (readonly [string, string, string])[]]>([
  [
    "twice the same name",
    (blob) => [
      ["100644", "a", blob],
      ["100644", "a", blob],
    ],
  ],
  [
    "a file and a directory of one name",
    (blob, tree) => [
      ["100644", "a", blob],
      ["100644", "a.b", blob],
      ["40000", "a", tree],
    ],
  ],
  [
    "names out of order",
    (blob) => [
      ["100644", "b", blob],
      ["100644", "a", blob],
    ],
  ],
  [
    "a directory sorted like a file",
    (blob, tree) => [
      ["40000", "a", tree],
      ["100644", "a.b", blob],
    ],
  ],
])("a tree with %s is refused", (_what, entries) => {
  const made = new HandMade();
  const blob = made.add("blob", "x");
  const commit = made.commit(made.tree(entries(blob, made.tree([["100644", "x", blob]]))));
  expect(errorOf(() => openPack(made.pack(), commit)).code).toBe("git/tree-refused");
});

test.each([
  ["cut in an id", `100644 a\0${"x".repeat(3)}`],
  ["without a name's end", "100644 a"],
  ["without a mode", " a\0".padEnd(30, "x")],
  ["of something else", "hello"],
])("a tree %s is refused", (_what, content) => {
  const made = new HandMade();
  const commit = made.commit(made.add("tree", content));
  expect(errorOf(() => openPack(made.pack(), commit)).code).toBe("git/tree-refused");
});

test("names that are not UTF-8 are kept, and left out where files are listed", () => {
  const made = new HandMade();
  const blob = made.add("blob", "x");
  const odd = made.tree([["100644", Buffer.from([0x66, 0xff]), blob]]);
  const commit = made.commit(
    made.tree([
      ["100644", "Cargo.toml", blob],
      ["40000", "odd", odd],
      ["40000", "src", made.tree([["100644", "lib.rs", blob]])],
    ]),
  );
  const pack = openPack(made.pack(), commit);
  expect([...listFiles(pack, "src")].map(({ path }) => path)).toEqual(["src/lib.rs"]);
  expect(listSubmodules(pack, "https://host.example/a")).toEqual([]);
  const unnamed: string[] = [];
  const all = [...listFiles(pack, "", (directory) => unnamed.push(directory))].map(({ path }) => path);
  expect([all, unnamed]).toEqual([["Cargo.toml", "src/lib.rs"], ["odd"]]);
});

test("trees that name one another many times over are refused in no time", () => {
  const made = new HandMade();
  let tree = made.tree([["100644", "f", made.add("blob", "x")]]);
  for (let level = 0; level < 30; level += 1)
    tree = made.tree(Array.from({ length: 10 }, (_value, index) => ["40000", `d${index}`, tree] as const));
  const commit = made.commit(tree);
  const started = performance.now();
  expect(errorOf(() => openPack(made.pack(), commit)).code).toBe("git/too-large");
  expect(performance.now() - started).toBeLessThan(1000);
});

test("directories that are nested too deep are refused", () => {
  const made = new HandMade();
  let tree = made.tree([["100644", "f", made.add("blob", "x")]]);
  for (let level = 0; level < 5000; level += 1) tree = made.tree([["40000", "d", tree]]);
  const commit = made.commit(tree);
  expect(errorOf(() => openPack(made.pack(), commit)).code).toBe("git/too-large");
});

test.each([
  ["packBytes", 100],
  ["objects", 4],
  ["blobBytes", 99],
  ["treeBytes", 30],
  ["commitBytes", 20],
  ["entries", 3],
  ["fileBytes", 199],
  ["pathBytes", 8],
  ["totalPathBytes", 18],
] as const)("past the limit of %s a commit is refused", (limit, value) => {
  const made = new HandMade();
  const large = made.add("blob", "x".repeat(100));
  // Two directories, two files; paths a, a/name, b, b/longname: 1 + 6 + 1 + 10 = 18 bytes, as files 200.
  const a = made.tree([["100644", "name", large]]);
  const b = made.tree([["100644", "longname", large]]);
  const commit = made.commit(
    made.tree([
      ["40000", "a", a],
      ["40000", "b", b],
    ]),
  );
  const exact: Readonly<Record<string, number>> = {
    entries: 4,
    fileBytes: 200,
    pathBytes: 10,
    totalPathBytes: 18,
    blobBytes: 100,
    objects: 5,
  };
  const pack = made.pack();
  expect(openPack(pack, commit, { ...GIT_LIMITS, ...exact, packBytes: pack.length }).commit).toBe(commit);
  const tight = limit === "totalPathBytes" ? value - 1 : value;
  expect(errorOf(() => openPack(pack, commit, { ...GIT_LIMITS, [limit]: tight })).code).toBe("git/too-large");
});

test.each<[string, (made: HandMade) => [string, Buffer]]>([
  ["without its commit", () => ["0".repeat(40), new HandMade().pack()]],
  ["with a second commit", (made) => [made.commit(made.tree([])), (made.commit("0".repeat(40)), made.pack())]],
  ["that lacks a tree", (made) => [made.commit("12".repeat(20)), made.pack()]],
  ["that lacks a blob", (made) => [made.commit(made.tree([["100644", "a", "12".repeat(20)]])), made.pack()]],
  ["with a blob nobody names", (made) => [made.commit(made.tree([])), (made.add("blob", "stranger"), made.pack())]],
  [
    "with a blob in place of a tree",
    (made) => [made.commit(made.tree([["40000", "a", made.add("blob", "x")]])), made.pack()],
  ],
  ["with a tree in place of a file", (made) => [made.commit(made.tree([["100644", "a", made.tree([])]])), made.pack()]],
  [
    "in another order",
    (made) => [
      made.commit(made.tree([["100644", "a", made.add("blob", "x")]])),
      made.pack((list) => list.toReversed()),
    ],
  ],
])("a pack %s is damaged", (_what, make) => {
  const [commit, pack] = make(new HandMade());
  expect(errorOf(() => openPack(pack, commit)).code).toBe("git/pack-damaged");
});

test("a commit that does not read as one is refused", () => {
  const made = new HandMade();
  const tree = made.tree([]);
  const commit = made.add("commit", `parent ${tree}\ntree ${tree}\n`);
  expect(errorOf(() => openPack(made.pack(), commit)).code).toBe("git/object-damaged");
});

const names = string({ unit: constantFrom("a", "b", ".", "-", "0", "é"), minLength: 1, maxLength: 3 }).filter(
  (name) => !/^\.+$/.test(name),
);
const kinds = constantFrom("file", "executable", "link", "tree", "submodule");

test("our trees are those of `git mktree`, and are read as they were written", () => {
  const { path } = repository();
  const id = "12".repeat(20);
  assert(
    property(dictionary(names, kinds, { maxKeys: 8 }), (wished) => {
      const entries = Object.entries(wished).map(([name, kind]) => ({ name: Buffer.from(name), kind, id }));
      const ours = formatTree(entries);
      const modes = {
        file: "100644 blob",
        executable: "100755 blob",
        link: "120000 blob",
        tree: "040000 tree",
        submodule: "160000 commit",
      };
      const lines = entries.map(({ name, kind }) => `${modes[kind]} ${id}\t${name.toString()}\0`);
      const theirs = runTestGit(path, ["mktree", "--missing", "-z"], lines.join(""));
      const made = new HandMade();
      expect(made.add("tree", ours)).toBe(theirs);
      expect(new Set(parseTree(ours, theirs).map((entry) => `${entry.name.toString()} ${entry.kind}`))).toEqual(
        new Set(entries.map((entry) => `${entry.name.toString()} ${entry.kind}`)),
      );
    }),
    { numRuns: 40 },
  );
});

test("any bytes as a tree are read or refused", () => {
  const piece = constantFrom("100644 a\0", "40000 b\0", "100644 .git\0", "x", "\0", " ").map((text) =>
    Buffer.from(text),
  );
  const id = uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes));
  assert(
    property(
      array(tuple(piece, id), { maxLength: 4 }),
      record({ tail: uint8Array({ maxLength: 3 }) }),
      (list, { tail }) => {
        const content = Buffer.concat([...list.flat(), tail]);
        const kinds = kindsOf(content, "tree");
        expect(Array.isArray(kinds) || kinds === "git/tree-refused").toBe(true);
      },
    ),
  );
});
