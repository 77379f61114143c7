import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  addTree,
  cratePath,
  type LinkMode,
  linkCrate,
  linkTree,
  putCrate,
  type Store,
  type TreeList,
  treePath,
} from "../../src/store/index.ts";
import { lacking } from "./program.ts";
import { crateOf, digestOf } from "./sample.ts";
import { builder, filesBelow, freshStore, scratch, smallPackage } from "./scratch.ts";

const sha = digestOf("a crate");
const EXT4_MAGIC = 0xef53;
const EXT4_MOST_LINKS = 65_000;

async function treeIn(parent?: string): Promise<{ store: Store; list: TreeList }> {
  const store = freshStore(parent);
  const { list } = await addTree(store, sha, async (directory) => {
    const built = await builder(smallPackage)(directory);
    chmodSync(join(directory, "Cargo.toml"), 0o755);
    chmodSync(join(directory, "src/deep"), 0o775);
    symlinkSync("lib.rs", join(directory, "src/link.rs"));
    lutimesSync(join(directory, "src/link.rs"), 1_153_704_088, 1_153_704_088);
    mkdirSync(join(directory, "empty"), { mode: 0o555 });
    return [...built, { path: "src/link.rs", size: 6 }];
  });
  return { store, list };
}

function expectCopy(source: string, target: string, list: TreeList): void {
  expect(filesBelow(target)).toEqual(filesBelow(source));
  for (const { path, mode, mtimeMs, size } of list.files)
    expect(lstatSync(join(target, path)), path).toMatchObject({ mode, mtimeMs, size });
  for (const { path, mode } of list.directories) expect(lstatSync(join(target, path)).mode & 0o7777, path).toBe(mode);
}

test.each<[LinkMode, string]>([
  ["hardlink", tmpdir()],
  ["hardlink", "/dev/shm"],
  ["copy", tmpdir()],
  ["copy", "/dev/shm"],
  ["auto", tmpdir()],
  ["auto", "/dev/shm"],
])("%s in %s makes a tree with the same bytes, modes and times", async (mode, parent) => {
  const { store, list } = await treeIn(parent);
  const target = join(scratch(parent), "a-1.0.0");
  const counts = linkTree(store, { sha, list, target, mode });
  expectCopy(treePath(store, sha), target, list);
  expect(counts.reflink + counts.hardlink + counts.copy).toBe(5);
  expect(mode === "auto" || counts[mode] === 5).toBe(true);
  const shared = statSync(join(target, "src/lib.rs")).ino === statSync(join(treePath(store, sha), "src/lib.rs")).ino;
  expect(shared).toBe(counts.hardlink === 5);
});

test("auto copies to another device, and still hard-links on its own afterwards", async () => {
  const { store, list } = await treeIn();
  const far = join(scratch("/dev/shm"), "far");
  const near = join(scratch(), "near");
  expect(statSync("/dev/shm").dev).not.toBe(statSync(store.root).dev);
  for (const target of [far, `${far}-again`]) {
    expect(linkTree(store, { sha, list, target, mode: "auto" })).toMatchObject({ hardlink: 0, copy: 5 });
    expectCopy(treePath(store, sha), target, list);
  }
  expect(linkTree(store, { sha, list, target: near, mode: "auto" }).copy).toBe(0);
});

test("a forced hard link to another device is refused, and nothing is left", async () => {
  const { store, list } = await treeIn();
  const parent = scratch("/dev/shm");
  expect(() => linkTree(store, { sha, list, target: join(parent, "far"), mode: "hardlink" })).toThrow(
    expect.objectContaining({ code: "store/link-unsupported", what: expect.stringContaining("EXDEV") }),
  );
  expect(readdirSync(parent)).toEqual([]);
});

test("a forced reflink is refused where the file system has none", async () => {
  const { store, list } = await treeIn("/dev/shm");
  const target = join(scratch("/dev/shm"), "a-1.0.0");
  expect(() => linkTree(store, { sha, list, target, mode: "reflink" })).toThrow(
    expect.objectContaining({ code: "store/link-unsupported" }),
  );
});

test("a target that exists is refused and stays as it is", async () => {
  const { store, list } = await treeIn();
  const target = scratch();
  writeFileSync(join(target, "mine"), "");
  expect(() => linkTree(store, { sha, list, target, mode: "auto" })).toThrow(
    expect.objectContaining({ code: "store/target-exists", where: target }),
  );
  expect(readdirSync(target)).toEqual(["mine"]);
});

test("a tree that loses a file while it is linked is an error, and nothing is left", async () => {
  const { store, list } = await treeIn();
  rmSync(join(treePath(store, sha), "src/lib.rs"));
  const parent = scratch();
  expect(() => linkTree(store, { sha, list, target: join(parent, "a"), mode: "auto" })).toThrow(
    expect.objectContaining({ code: "store/tree-vanished" }),
  );
  expect(readdirSync(parent)).toEqual([]);
});

test("a copy is not reached by an edit of the tree, a hard link is", async () => {
  const { store, list } = await treeIn();
  const parent = scratch();
  linkTree(store, { sha, list, target: join(parent, "linked"), mode: "hardlink" });
  linkTree(store, { sha, list, target: join(parent, "copied"), mode: "copy" });
  appendFileSync(join(parent, "linked/src/lib.rs"), "// edit");
  expect(readFileSync(join(treePath(store, sha), "src/lib.rs"), "utf8")).toContain("// edit");
  expect(readFileSync(join(parent, "copied/src/lib.rs"), "utf8")).not.toContain("// edit");
  expect(readlinkSync(join(parent, "copied/src/link.rs"))).toBe("lib.rs");
});

test("a file that has as many links as ext4 allows is copied, its neighbours are linked", async (context) => {
  const parent = [tmpdir(), process.cwd(), homedir()].find((path) => statfsSync(path).type === EXT4_MAGIC);
  if (parent === undefined)
    return lacking(context, "it needs a directory on ext4: the temporary one, this one or home");
  const { store, list } = await treeIn(parent);
  const source = join(treePath(store, sha), "Cargo.toml");
  const links = scratch(parent);
  for (let number = 1; number < EXT4_MOST_LINKS; number += 1) linkSync(source, join(links, String(number)));
  const target = join(scratch(parent), "a-1.0.0");
  expect(linkTree(store, { sha, list, target, mode: "auto" })).toEqual({ reflink: 0, hardlink: 4, copy: 1 });
  expectCopy(treePath(store, sha), target, list);
  expect(() => linkTree(store, { sha, list, target: `${target}-2`, mode: "hardlink" })).toThrow(
    expect.objectContaining({ code: "store/link-unsupported", what: expect.stringContaining("EMLINK") }),
  );
});

test("a crate is re-hashed before it is linked, unless the caller just did", () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(1);
  const parent = scratch();
  const job = { sha, mode: "auto", checked: false } as const;
  expect(linkCrate(store, { ...job, target: join(parent, "a") })).toEqual({ kind: "absent" });
  expect(linkCrate(store, { ...job, target: join(parent, "a"), checked: true })).toEqual({ kind: "absent" });
  putCrate(store, sha, bytes);
  expect(linkCrate(store, { ...job, target: join(parent, "a") }).kind).toBe("linked");
  expect(linkCrate(store, { ...job, target: join(parent, "b"), checked: true, mode: "copy" })).toEqual({
    kind: "linked",
    how: "copy",
  });
  expect(readFileSync(join(parent, "b"))).toEqual(bytes);
  expect(lstatSync(join(parent, "b")).mtimeMs).toBeCloseTo(lstatSync(cratePath(store, sha)).mtimeMs, 0);
  expect(() => linkCrate(store, { ...job, target: join(parent, "a") })).toThrow(
    expect.objectContaining({ code: "store/target-exists" }),
  );
  writeFileSync(cratePath(store, sha), "edited");
  expect(linkCrate(store, { ...job, target: join(parent, "c") })).toEqual({
    kind: "damaged",
    actual: digestOf("edited"),
  });
  expect(readdirSync(parent)).toEqual(["a", "b"]);
});

test("a crate is copied to another device", () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(1);
  putCrate(store, sha, bytes);
  const target = join(scratch("/dev/shm"), "a.crate");
  expect(linkCrate(store, { sha, target, mode: "auto", checked: true })).toEqual({ kind: "linked", how: "copy" });
  expect(readFileSync(target)).toEqual(bytes);
});
