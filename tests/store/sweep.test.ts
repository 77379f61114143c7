import { existsSync, linkSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  addTree,
  checkTree,
  cratePath,
  type EntryKind,
  linkTree,
  listEntries,
  measureEntry,
  putCrate,
  readIndexFile,
  removeAside,
  type Store,
  type StoreEntry,
  type StoreNeeds,
  sweepEntries,
  treePath,
  unusedEntries,
  writeIndexFile,
} from "../../src/store/index.ts";
import { crateOf, digestOf } from "./sample.ts";
import { builder, freshStore, partialNames, scratch, smallPackage } from "./scratch.ts";

const OLD = 1000;
const SINCE = 2000;
const YOUNG = 3000;
const nothing: StoreNeeds = {
  crates: new Set(),
  lines: new Set(),
  indexFiles: new Set(),
  registries: new Set(),
  packs: new Set(),
  hubLocks: new Set(),
};

function entryOf(kind: EntryKind, key: string, more: Partial<StoreEntry> = {}): StoreEntry {
  return { kind, key, path: `/s/${kind}/${key}`, lastUsedMs: OLD, outdated: false, ...more };
}

const needKeys: Readonly<Record<EntryKind, keyof StoreNeeds>> = {
  tree: "crates",
  crate: "crates",
  pack: "packs",
  "index-file": "indexFiles",
  "git-index": "registries",
  "hub-lock": "hubLocks",
};

test.each(["tree", "crate", "pack", "index-file", "git-index", "hub-lock"] as const)(
  "of kind %s goes what is old and not needed, and nothing else",
  (kind) => {
    const needs = { ...nothing, [needKeys[kind]]: new Set(["needed", "needed and young"]) };
    const entries = ["needed", "needed and young", "young", "garbage"].map((key) =>
      entryOf(kind, key, { lastUsedMs: key.includes("young") ? YOUNG : OLD }),
    );
    expect(unusedEntries(entries, needs, SINCE).map(({ key }) => key)).toEqual(["garbage"]);
    // What was used exactly then is old.
    expect(unusedEntries(entries, needs, YOUNG).map(({ key }) => key)).toEqual(["garbage", "young"]);
    // Another kind's need is not this one's.
    const others = { ...nothing, lines: new Set(["garbage"]), packs: new Set(kind === "pack" ? [] : ["garbage"]) };
    expect(unusedEntries(entries, others, SINCE).map(({ key }) => key)).toContain("garbage");
  },
);

test.each([
  ["all are old", [OLD, OLD, OLD], ["tree", "tree", "crate"]],
  ["the crate file is young", [YOUNG, OLD, OLD], []],
  ["one of its trees is young", [OLD, OLD, YOUNG], []],
])("a crate and its trees go together: %s", (_case, times, expected) => {
  const [crate = 0, tree = 0, other = 0] = times;
  const entries = [
    entryOf("crate", "a", { lastUsedMs: crate }),
    entryOf("tree", "a", { lastUsedMs: tree, path: "/s/trees/1-022/a" }),
    entryOf("tree", "a", { lastUsedMs: other, path: "/s/trees/1-077/a" }),
  ];
  expect(unusedEntries(entries, nothing, SINCE).map(({ kind }) => kind)).toEqual(expected);
});

test("a tree of other unpacking rules goes by its own age, whoever needs the crate", () => {
  const needs = { ...nothing, crates: new Set(["a", "b"]) };
  const entries = [
    entryOf("tree", "a", { outdated: true }),
    entryOf("crate", "a", { lastUsedMs: YOUNG }),
    entryOf("tree", "b", { outdated: true, lastUsedMs: YOUNG }),
  ];
  expect(unusedEntries(entries, needs, SINCE)).toEqual([entries[0]]);
});

/** A store with one entry of each kind, and names that no store has. */
async function fullStore(): Promise<{ store: Store; kinds: readonly EntryKind[] }> {
  const store = freshStore();
  const { sha, bytes } = crateOf(1);
  putCrate(store, sha, bytes);
  await addTree(store, sha, builder(smallPackage));
  await addTree({ ...store, umask: 0o077 }, sha, builder(smallPackage));
  writeIndexFile(store, { ident: "reg-0123", name: "serde" }, { body: "{}\n", fetchedAtMs: 1 });
  const write = (path: string): void => {
    mkdirSync(dirname(join(store.root, path)), { recursive: true });
    writeFileSync(join(store.root, path), "x");
  };
  write(`packs/ab/ab${"0".repeat(38)}`);
  write("git-index/reg-0123/HEAD");
  write(`hub-locks/${digestOf("a")}`);
  for (const name of ["README", "ff", `00/${sha}`, `${sha.slice(0, 2)}/${sha}.bak`]) write(`crates/${name}`);
  for (const name of ["notes/x", "1-022/README", "1-022/fe", "1-999/aa/x"]) write(`trees/${name}`);
  for (const name of [
    "packs/ab/0123",
    `packs/ab/ab${"0".repeat(62)}`,
    "hub-locks/none",
    "index/README",
    "git-index/reg.lock",
  ])
    write(name);
  return { store, kinds: ["tree", "tree", "crate", "pack", "index-file", "git-index", "hub-lock"] };
}

test("the entries of a store are listed, names that no store has are not", async () => {
  const { store, kinds } = await fullStore();
  const entries = listEntries(store);
  expect(entries.map(({ kind }) => kind)).toEqual(kinds);
  for (const { path, lastUsedMs, outdated } of entries) {
    expect(existsSync(path)).toBe(true);
    expect(Math.abs(lastUsedMs - Date.now())).toBeLessThan(10_000);
    expect(outdated).toBe(false);
  }
  expect(entries.find(({ kind }) => kind === "index-file")?.key).toBe("reg-0123/se/rd/serde");
});

test("what is swept is gone from its place at once, and no private file stays", async () => {
  const { store, kinds } = await fullStore();
  const { gone, aside } = sweepEntries(store, listEntries(store));
  expect(gone.map(({ kind }) => kind)).toEqual(kinds);
  expect(listEntries(store)).toEqual([]);
  expect(readdirSync(join(store.root, "index"))).toEqual(["README"]);
  expect(aside).toHaveLength(kinds.length);
  let calls = 0;
  removeAside(aside, () => {
    calls += 1;
  });
  expect(calls).toBe(kinds.length);
  expect(partialNames(store)).toEqual([]);
});

test("an entry that was used since it was listed stays, and so does the crate file of a tree that was", async () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(1);
  putCrate(store, sha, bytes);
  await addTree(store, sha, builder(smallPackage));
  const old = listEntries(store).map((entry) => ({ ...entry, lastUsedMs: OLD }));
  const [tree, crate] = listEntries(store);
  if (tree?.kind !== "tree" || crate?.kind !== "crate") throw new Error("there is no tree or crate");
  expect(sweepEntries(store, old).gone).toEqual([]);
  expect(sweepEntries(store, [{ ...tree, lastUsedMs: OLD }, crate]).gone).toEqual([]);
  expect(listEntries(store)).toHaveLength(2);
  expect(sweepEntries(store, [tree, crate]).gone).toEqual([tree, crate]);
});

test("the repository of a git index is as old as what git last wrote into it", () => {
  const store = freshStore();
  const repository = join(store.root, "git-index/reg");
  mkdirSync(repository, { recursive: true });
  const fetched = join(repository, "FETCH_HEAD");
  writeFileSync(fetched, "");
  const later = (Date.now() + 5_000_000) / 1000;
  utimesSync(fetched, later, later);
  expect(listEntries(store)).toMatchObject([{ kind: "git-index", key: "reg" }]);
  expect(listEntries(store)[0]?.lastUsedMs).toBeCloseTo(later * 1000, -1);
});

test("use makes a tree and an index file young again, once a day", async () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(1);
  putCrate(store, sha, bytes);
  const { list } = await addTree(store, sha, builder(smallPackage));
  writeIndexFile(store, { ident: "reg", name: "serde" }, { body: "", fetchedAtMs: 1 });
  const timeOf = (kind: EntryKind): number => listEntries(store).find((entry) => entry.kind === kind)?.lastUsedMs ?? 0;
  const use = (): void => {
    linkTree(store, { sha, list, target: join(scratch(), "target"), mode: "copy" });
    readIndexFile(store, "reg", "serde");
  };
  const before = [timeOf("tree"), timeOf("index-file")];
  use();
  expect([timeOf("tree"), timeOf("index-file")]).toEqual(before);
  expect(checkTree(store, sha).kind).toBe("intact");
  // ctime can not be set back, so the clock of a day later is what makes them old.
  const later = Date.now() + 25 * 60 * 60 * 1000;
  const clock = Date.now;
  Date.now = () => later;
  try {
    use();
  } finally {
    Date.now = clock;
  }
  expect(timeOf("tree")).toBeCloseTo(later, -1);
  expect(timeOf("index-file")).toBeCloseTo(later, -1);
  expect(checkTree(store, sha).kind).toBe("intact");
  expect(readIndexFile(store, "reg", "serde")?.body).toBe("");
});

test("an entry's size tells what the disk gets back, and what hubs share", async () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(1, 10_000);
  putCrate(store, sha, bytes);
  const crate = cratePath(store, sha);
  const alone = measureEntry(crate);
  expect(alone).toMatchObject({ files: 1, bytes: 10_000, sharedBytes: 0 });
  expect(alone.diskBytes).toBeGreaterThanOrEqual(10_000);
  expect(alone.freeableBytes).toBe(alone.diskBytes);
  const hub = scratch();
  for (const name of ["one", "two"]) linkSync(crate, join(hub, name));
  expect(measureEntry(crate)).toEqual({ ...alone, freeableBytes: 0, sharedBytes: 20_000 });
  await addTree(store, sha, builder(smallPackage));
  const tree = dirname(treePath(store, sha));
  const total = Object.values(smallPackage).reduce((sum, text) => sum + text.length, 0);
  const size = measureEntry(tree);
  expect(size.files).toBe(Object.keys(smallPackage).length + 1);
  expect(size.bytes).toBeGreaterThan(total);
  expect(size.freeableBytes).toBe(size.diskBytes);
  expect(measureEntry(join(store.root, "nothing"))).toEqual({
    files: 0,
    bytes: 0,
    diskBytes: 0,
    freeableBytes: 0,
    sharedBytes: 0,
  });
});
