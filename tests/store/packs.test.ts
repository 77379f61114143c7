import { existsSync, linkSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  hasPack,
  linkPack,
  listPacks,
  makePrivateDirectory,
  type PackCheck,
  packPath,
  putPack,
  readPack,
  sweepPartial,
} from "../../src/store/index.ts";
import { freshStore, partialNames, scratch } from "./scratch.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

/** Here a pack is any file that says the commit. */
const check: PackCheck<number> = (path) => {
  const text = readFileSync(path, "utf8");
  return text === `pack of ${commit}` ? text.length : undefined;
};

function failing(): never {
  throw new RangeError("too large");
}

function file(text = `pack of ${commit}`): string {
  const path = join(scratch(), "some.pack");
  writeFileSync(path, text);
  return path;
}

test("a pack that was put is found, looked into and linked", () => {
  const store = freshStore();
  const path = file();
  expect(readPack(store, commit, check)).toEqual({ kind: "absent" });
  expect(hasPack(store, commit)).toBe(false);
  expect(putPack(store, commit, { path, check })).toBe("stored");
  expect(putPack(store, commit, { path, check })).toBe("already-present");
  expect(hasPack(store, commit)).toBe(true);
  expect(listPacks(store)).toEqual([commit]);
  expect(readPack(store, commit, check)).toEqual({ kind: "intact", path: packPath(store, commit), found: 48 });
  const target = join(scratch(), "linked.pack");
  expect(linkPack(store, commit, { target, mode: "hardlink" })).toBe("hardlink");
  expect(statSync(target).ino).toBe(statSync(packPath(store, commit)).ino);
  expect(readFileSync(path, "utf8")).toBe(`pack of ${commit}`);
  expect(partialNames(store)).toEqual([]);
});

test("a pack on another device is copied in", () => {
  const store = freshStore("/dev/shm");
  const path = file();
  expect(statSync(path).dev).not.toBe(statSync(store.root).dev);
  expect(putPack(store, commit, { path, check })).toBe("stored");
  expect(readPack(store, commit, check).kind).toBe("intact");
});

test("a file that is not the pack is refused and leaves nothing behind", () => {
  const store = freshStore();
  const path = file("something else");
  expect(() => putPack(store, commit, { path, check })).toThrow(
    expect.objectContaining({ code: "store/pack-damaged", where: path }),
  );
  expect(hasPack(store, commit)).toBe(false);
  expect(partialNames(store)).toEqual([]);
  expect(() => putPack(store, commit, { path: join(scratch(), "nowhere"), check })).toThrow(
    expect.objectContaining({ code: "store/io-error" }),
  );
});

test("what the check throws reaches the caller, and nothing is stored", () => {
  const store = freshStore();
  const path = file();
  expect(() => putPack(store, commit, { path, check: failing })).toThrow(RangeError);
  expect(hasPack(store, commit)).toBe(false);
  expect(partialNames(store)).toEqual([]);
});

test("a damaged pack is moved aside, counts as absent, and is healed by the next put", () => {
  const store = freshStore();
  const path = packPath(store, commit);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "edited through a hub");
  const hub = join(scratch(), "hub.pack");
  linkSync(path, hub);
  expect(readPack(store, commit, check)).toEqual({ kind: "damaged" });
  expect(existsSync(path)).toBe(false);
  expect(readPack(store, commit, check)).toEqual({ kind: "absent" });
  expect(linkPack(store, commit, { target: join(scratch(), "x"), mode: "auto" })).toBeUndefined();
  writeFileSync(path, "edited again");
  expect(putPack(store, commit, { path: file(), check })).toBe("stored");
  expect(readPack(store, commit, check).kind).toBe("intact");
  expect(readFileSync(hub, "utf8")).toBe("edited through a hub");
  expect(partialNames(store)).toHaveLength(2);
});

test("a pack that another process put in place of a damaged one meanwhile is kept", () => {
  const store = freshStore();
  const path = packPath(store, commit);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "damaged");
  let looks = 0;
  const read = readPack(store, commit, (at) => {
    looks += 1;
    if (looks > 1) return check(at);
    writeFileSync(path, `pack of ${commit}`);
    return undefined;
  });
  expect(read.kind).toBe("intact");
  expect(partialNames(store)).toEqual([]);
});

test.each(["", "..", "0123", commit.toUpperCase(), `${commit}/..`])("%j is no commit and names no file", (name) => {
  expect(() => packPath(freshStore(), name)).toThrow(TypeError);
});

test("a private directory belongs to this process and is not swept while it lives", () => {
  const store = freshStore();
  const directory = makePrivateDirectory(store);
  writeFileSync(join(directory, "x"), "");
  expect(sweepPartial(store, Date.now())).toBe(0);
  expect(makePrivateDirectory(store)).not.toBe(directory);
  expect(existsSync(directory)).toBe(true);
});
