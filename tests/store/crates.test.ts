import { linkSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assert, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { adoptCrate, checkCrate, cratePath, hasCrate, listCrates, putCrate, readCrate } from "../../src/store/index.ts";
import { crateOf, digestOf } from "./sample.ts";
import { freshStore, partialNames, scratch } from "./scratch.ts";

test("readCrate gives back what putCrate stored, whatever the bytes", () => {
  const store = freshStore("/dev/shm");
  assert(
    property(uint8Array({ maxLength: 5000 }), (bytes) => {
      const sha = digestOf(bytes);
      putCrate(store, sha, bytes);
      expect(readCrate(store, sha)).toEqual({ kind: "intact", bytes: Buffer.from(bytes) });
    }),
  );
  expect(partialNames(store)).toEqual([]);
});

test("a second put of one crate keeps the first file", () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(1);
  expect(hasCrate(store, sha)).toBe(false);
  expect(putCrate(store, sha, bytes)).toBe("stored");
  const { ino } = statSync(cratePath(store, sha));
  expect(putCrate(store, sha, bytes)).toBe("already-present");
  expect(statSync(cratePath(store, sha)).ino).toBe(ino);
  expect(hasCrate(store, sha)).toBe(true);
  expect(listCrates(store)).toEqual([sha]);
});

test("bytes that are not the promised ones are refused with both digests", () => {
  const store = freshStore();
  const { sha } = crateOf(1);
  const other = crateOf(2);
  expect(() => putCrate(store, sha, other.bytes)).toThrow(
    expect.objectContaining({
      code: "store/checksum-mismatch",
      what: expect.stringMatching(new RegExp(`${other.sha}.*${sha}`)),
    }),
  );
  expect(readCrate(store, sha)).toEqual({ kind: "absent" });
  expect(partialNames(store)).toEqual([]);
});

test.each([
  ["with a flipped bit", (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 7 ? byte ^ 1 : byte)))],
  ["truncated", (bytes: Buffer) => bytes.subarray(0, 10)],
  ["empty", () => Buffer.alloc(0)],
  ["longer", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")])],
])("a crate file %s is reported, moved aside, and healed by the next put", (_name, damage) => {
  const store = freshStore();
  const { sha, bytes } = crateOf(3);
  const bad = damage(bytes);
  const path = cratePath(store, sha);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bad);
  expect(checkCrate(store, sha)).toEqual({ kind: "damaged", actual: digestOf(bad) });
  expect(readCrate(store, sha)).toEqual({ kind: "damaged", actual: digestOf(bad) });
  expect(readCrate(store, sha)).toEqual({ kind: "absent" });
  expect(putCrate(store, sha, bytes)).toBe("stored");
  expect(checkCrate(store, sha)).toEqual({ kind: "intact", sizeBytes: bytes.length });
  expect(partialNames(store)).toHaveLength(1);
});

test("a put over a damaged file stores the right bytes and leaves the damaged inode alone", () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(4);
  const path = cratePath(store, sha);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "edited through a hub");
  const hub = join(scratch(), "a.crate");
  linkSync(path, hub);
  expect(putCrate(store, sha, bytes)).toBe("stored");
  expect(readFileSync(hub, "utf8")).toBe("edited through a hub");
  expect(readCrate(store, sha).kind).toBe("intact");
});

test("a crate file that lies elsewhere is adopted by link, and stays where it is", () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(5);
  const file = join(scratch(), "a-1.0.0.crate");
  writeFileSync(file, bytes);
  expect(adoptCrate(store, sha, file)).toBe("stored");
  expect(lstatSync(cratePath(store, sha)).ino).toBe(lstatSync(file).ino);
  expect(adoptCrate(store, sha, file)).toBe("already-present");
  expect(readFileSync(file)).toEqual(bytes);
});

test("a crate file on another device is adopted by copy", () => {
  const store = freshStore();
  const { sha, bytes } = crateOf(5);
  const file = join(scratch("/dev/shm"), "a-1.0.0.crate");
  writeFileSync(file, bytes);
  expect(statSync(file).dev).not.toBe(statSync(store.root).dev);
  expect(adoptCrate(store, sha, file)).toBe("stored");
  expect(readCrate(store, sha)).toEqual({ kind: "intact", bytes });
});

test("a file with other content is not adopted", () => {
  const store = freshStore();
  const file = join(scratch(), "a-1.0.0.crate");
  writeFileSync(file, "something else");
  expect(() => adoptCrate(store, crateOf(5).sha, file)).toThrow(
    expect.objectContaining({ code: "store/checksum-mismatch", where: file }),
  );
  expect(readFileSync(file, "utf8")).toBe("something else");
  expect(partialNames(store)).toEqual([]);
  expect(hasCrate(store, crateOf(5).sha)).toBe(false);
});
