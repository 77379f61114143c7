import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { addTree, checkTree, listTrees, retireTree, type Store, treePath } from "../../src/store/index.ts";
import { digestOf } from "./sample.ts";
import { builder, filesBelow, freshStore, partialNames, smallPackage } from "./scratch.ts";

const sha = digestOf("a crate");

async function storeWithTree(): Promise<Store> {
  const store = freshStore();
  await addTree(store, sha, builder(smallPackage));
  return store;
}

function changedPaths(store: Store): readonly string[] | string {
  const check = checkTree(store, sha);
  return check.kind === "changed" ? check.paths : check.kind;
}

test("a tree that was added is intact and lists every file with size, mode and time", async () => {
  const store = freshStore();
  expect(checkTree(store, sha)).toEqual({ kind: "absent" });
  const { outcome, list } = await addTree(store, sha, builder(smallPackage));
  expect(outcome).toBe("stored");
  expect(checkTree(store, sha)).toEqual({ kind: "intact", list });
  expect(filesBelow(treePath(store, sha))).toEqual(smallPackage);
  expect(list.files.map(({ path }) => path)).toEqual(Object.keys(smallPackage).sort());
  expect(list.files[0]).toEqual({ path: "Cargo.toml", size: 21, mode: 0o100644, mtimeMs: 1_153_704_088_000 });
  expect(list.directories.map(({ path }) => path)).toEqual([".", "src", "src/deep", "tests"]);
  expect(partialNames(store)).toEqual([]);
  expect(listTrees(store)).toEqual([sha]);
});

test("trees of different umasks lie apart", async () => {
  const store = await storeWithTree();
  expect(treePath(store, sha)).toContain("/trees/1-022/");
  expect(checkTree({ ...store, umask: 0o077 }, sha)).toEqual({ kind: "absent" });
});

test("names with blanks, backslashes, newlines and letters of any script come back from the list", async () => {
  const store = freshStore();
  const files = { " a\\n b": "1", "new\nline": "2", "ünï/日本": "3", "..x": "4" };
  await addTree(store, sha, builder(files));
  const check = checkTree(store, sha);
  expect(check.kind === "intact" && check.list.files.map(({ path }) => path)).toEqual(Object.keys(files).sort());
});

test("a symbolic link and an empty directory are part of a tree", async () => {
  const store = freshStore();
  await addTree(store, sha, async (directory) => {
    mkdirSync(join(directory, "empty"));
    symlinkSync("../target", join(directory, "link"));
    return [{ path: "link", size: 9 }];
  });
  expect(checkTree(store, sha).kind).toBe("intact");
  rmSync(join(treePath(store, sha), "link"));
  writeFileSync(join(treePath(store, sha), "link"), "../target");
  expect(changedPaths(store)).toEqual(["link"]);
});

test.each<[string, (tree: string) => void, string[]]>([
  ["an edit in place", (tree) => appendFileSync(join(tree, "src/lib.rs"), "//"), ["src/lib.rs"]],
  ["an edit that keeps the size", (tree) => writeFileSync(join(tree, "src/lib.rs"), "pub fn b() {}\n"), ["src/lib.rs"]],
  ["a new mode", (tree) => chmodSync(join(tree, "Cargo.toml"), 0o755), ["Cargo.toml"]],
  ["a new mtime", (tree) => utimesSync(join(tree, "Cargo.toml"), 1, 1_153_704_089), ["Cargo.toml"]],
  ["a fraction in the mtime", (tree) => utimesSync(join(tree, "Cargo.toml"), 1, 1_153_704_088.5), ["Cargo.toml"]],
  ["a missing file", (tree) => rmSync(join(tree, "src/deep/mod.rs")), ["src/deep/mod.rs"]],
  ["an extra file", (tree) => writeFileSync(join(tree, "src/deep/extra.rs"), ""), ["src/deep/extra.rs"]],
  ["an extra directory", (tree) => mkdirSync(join(tree, "target")), ["target"]],
  ["a missing directory", (tree) => rmSync(join(tree, "tests"), { recursive: true }), ["tests/", "tests/it works.rs"]],
  [
    "a file in a directory's place",
    (tree) => {
      rmSync(join(tree, "tests"), { recursive: true });
      writeFileSync(join(tree, "tests"), "");
    },
    ["tests/", "tests/it works.rs"],
  ],
  [
    "a renamed file",
    (tree) => renameSync(join(tree, "Cargo.toml"), join(tree, "cargo.toml")),
    ["cargo.toml", "Cargo.toml"],
  ],
  ["a directory nobody may enter", (tree) => chmodSync(join(tree, "src"), 0o700), ["src/"]],
])("%s is noticed", async (_name, change, paths) => {
  const store = await storeWithTree();
  change(treePath(store, sha));
  expect(changedPaths(store)).toEqual(paths);
});

test("a tree whose directory times were lost, as by a plain copy, is still intact", async () => {
  const store = await storeWithTree();
  utimesSync(join(treePath(store, sha), "src"), 1, 1);
  expect(checkTree(store, sha).kind).toBe("intact");
});

test("any damage to the stat list is noticed", async () => {
  const store = await storeWithTree();
  const path = join(dirname(treePath(store, sha)), "list");
  const text = readFileSync(path);
  for (let at = 0; at < text.length; at += 1) {
    writeFileSync(path, Buffer.from(text.map((byte, index) => (index === at ? byte ^ 4 : byte))));
    expect(changedPaths(store), `byte ${at}`).toEqual([]);
  }
  writeFileSync(path, text.subarray(0, text.length - 1));
  expect(changedPaths(store)).toEqual([]);
  rmSync(path);
  expect(changedPaths(store)).toEqual([]);
});

test("a changed tree is moved aside and unpacked anew; the old inodes stay as they were", async () => {
  const store = await storeWithTree();
  appendFileSync(join(treePath(store, sha), "src/lib.rs"), "// edited");
  const { outcome } = await addTree(store, sha, builder(smallPackage));
  expect(outcome).toBe("stored");
  expect(filesBelow(treePath(store, sha))).toEqual(smallPackage);
  const [old = ""] = partialNames(store);
  expect(readFileSync(join(store.root, "partial", old, "files/src/lib.rs"), "utf8")).toContain("// edited");
});

test("a retired tree is absent, and retiring it again is fine", async () => {
  const store = await storeWithTree();
  expect(retireTree(store, sha)).toBe(true);
  expect(checkTree(store, sha)).toEqual({ kind: "absent" });
  expect(retireTree(store, sha)).toBe(true);
});

test("an intact tree is not built again", async () => {
  const store = await storeWithTree();
  const { outcome } = await addTree(store, sha, () => Promise.reject(new Error("built")));
  expect(outcome).toBe("already-present");
});

test("the loser of a race throws its copy away and uses the winner's", async () => {
  const store = freshStore();
  const listed = await addTree(store, sha, async (directory) => {
    const winner = await addTree(store, sha, builder(smallPackage));
    expect(winner.outcome).toBe("stored");
    return builder(smallPackage)(directory);
  });
  expect(listed.outcome).toBe("already-present");
  expect(checkTree(store, sha)).toEqual({ kind: "intact", list: listed.list });
  expect(partialNames(store)).toEqual([]);
});

test("a build that fails leaves nothing behind, and its error passes unchanged", async () => {
  const store = freshStore();
  const error = new Error("the archive is hostile");
  const failing = addTree(store, sha, async (directory) => {
    await builder(smallPackage)(directory);
    throw error;
  });
  await expect(failing).rejects.toBe(error);
  expect(checkTree(store, sha)).toEqual({ kind: "absent" });
  expect(partialNames(store)).toEqual([]);
});

test.each([
  ["a file too many", [{ path: "a", size: 1 }]],
  [
    "a file too few",
    [
      { path: "a", size: 1 },
      { path: "b", size: 1 },
      { path: "c", size: 1 },
    ],
  ],
  [
    "another size",
    [
      { path: "a", size: 1 },
      { path: "b", size: 2 },
    ],
  ],
])("a builder that reports %s is refused", async (_name, built) => {
  const store = freshStore();
  const adding = addTree(store, sha, async (directory) => {
    writeFileSync(join(directory, "a"), "1");
    writeFileSync(join(directory, "b"), "1");
    return built;
  });
  await expect(adding).rejects.toMatchObject({ code: "store/tree-invalid" });
  expect(checkTree(store, sha)).toEqual({ kind: "absent" });
});
