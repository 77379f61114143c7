import { createHash } from "node:crypto";
import { existsSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compactLines, measureLines, putLines, readLines, type Store, type StoredLine } from "../../src/store/index.ts";
import { digestOf } from "./sample.ts";
import { freshStore, partialNames } from "./scratch.ts";

const logOf = (store: Store): string => join(store.root, "lines", "log");
const indexOf = (store: Store): string => join(store.root, "lines", "index");

/** Lines of about 20 KB each: 300 of them are more than a log may have without an index. */
function longLines(count: number, from = 0): StoredLine[] {
  return Array.from({ length: count }, (_, index) => {
    const text = `{"number":${from + index},"padding":"${"xü".repeat(7_000)}"}`;
    return { digest: digestOf(text), text };
  });
}

function found(store: Store, lines: readonly StoredLine[]): boolean[] {
  const texts = readLines(
    store,
    lines.map(({ digest }) => digest),
  );
  return lines.map(({ digest, text }) => texts.get(digest) === text);
}

test("a compacted log holds the needed lines and nothing else, and measuring told its size before", () => {
  const store = freshStore();
  const lines = longLines(400);
  putLines(store, lines);
  const torn = `\n${digestOf("torn")} {"number":`;
  writeFileSync(logOf(store), `${readFileSync(logOf(store), "utf8")}${torn}`);
  putLines(store, longLines(1, 1000));
  const needed = new Set(lines.filter((_line, index) => index % 3 === 0).map(({ digest }) => digest as string));
  const before = measureLines(store, (digest) => needed.has(digest));
  expect(before).toMatchObject({ logBytes: statSync(logOf(store)).size, lines: 401, neededLines: 134 });
  compactLines(store, (digest) => needed.has(digest));
  expect(statSync(logOf(store)).size).toBe(before.neededBytes);
  expect(found(store, lines)).toEqual(lines.map(({ digest }) => needed.has(digest)));
  const after = measureLines(store, (digest) => needed.has(digest));
  expect(after).toEqual({ ...before, logBytes: before.neededBytes, lines: 134 });
  expect(partialNames(store)).toEqual([]);
  putLines(store, lines);
  expect(found(store, lines)).not.toContain(false);
});

test("an index over a long log is made anew, and none stays over one that is short now", () => {
  const store = freshStore();
  const lines = longLines(600);
  putLines(store, lines);
  expect(existsSync(indexOf(store))).toBe(true);
  const half = new Set(lines.slice(300).map(({ digest }) => digest as string));
  compactLines(store, (digest) => half.has(digest));
  expect(existsSync(indexOf(store))).toBe(true);
  expect(found(store, lines)).toEqual(lines.map((_line, index) => index >= 300));
  compactLines(store, (digest) => digest === lines[599]?.digest);
  expect(existsSync(indexOf(store))).toBe(false);
  expect(found(store, lines.slice(598))).toEqual([false, true]);
});

test("an old index beside a new log would hide lines, so it is removed first", () => {
  const store = freshStore();
  putLines(store, longLines(300));
  const behind = longLines(100, 300);
  putLines(store, behind);
  const old = readFileSync(indexOf(store));
  const needed = new Set([...longLines(50, 250), ...behind].map(({ digest }) => digest as string));
  compactLines(store, (digest) => needed.has(digest));
  expect(found(store, behind)).not.toContain(false);
  expect(existsSync(indexOf(store))).toBe(false);
  // As a gc would leave it that is killed before it makes a new one, if it did not remove the old one.
  const covered = statSync(logOf(store)).size - 10;
  old.writeBigUInt64LE(BigInt(covered), 24);
  const digest = createHash("sha256").update(old.subarray(0, 36)).update(old.subarray(68)).digest();
  digest.copy(old, 36);
  writeFileSync(indexOf(store), old);
  expect(found(store, behind.slice(0, 1))).toEqual([false]);
});

test("whoever has the old log open goes on reading it", () => {
  const store = freshStore();
  const lines = longLines(10);
  putLines(store, lines);
  const before = readFileSync(logOf(store), "utf8");
  const open = openSync(logOf(store), "r");
  compactLines(store, () => false);
  expect(readFileSync(open, "utf8")).toBe(before);
  expect(statSync(logOf(store)).size).toBe(0);
  expect(found(store, lines)).not.toContain(true);
});

test("there is nothing to compact where there is no log", () => {
  const store = freshStore();
  compactLines(store, () => true);
  expect(measureLines(store, () => true)).toEqual({ logBytes: 0, lines: 0, neededLines: 0, neededBytes: 0 });
  expect(existsSync(logOf(store))).toBe(false);
});
