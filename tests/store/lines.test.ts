import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { array, assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { putLines, readLines, type Store, type StoredLine } from "../../src/store/index.ts";
import { digestOf, lineOf } from "./sample.ts";
import { freshStore } from "./scratch.ts";

function linesOf(count: number, from = 0): StoredLine[] {
  return Array.from({ length: count }, (_, index) => lineOf(from + index));
}

function readAll(store: Store, lines: readonly StoredLine[]): (string | undefined)[] {
  const found = readLines(
    store,
    lines.map(({ digest }) => digest),
  );
  return lines.map(({ digest }) => found.get(digest));
}

const texts = (lines: readonly StoredLine[]): string[] => lines.map(({ text }) => text);
const logOf = (store: Store): string => join(store.root, "lines", "log");
const indexOf = (store: Store): string => join(store.root, "lines", "index");

/** Lines of 20 KB each: 300 of them are more than a log may have without an index. */
function longLines(count: number, from = 0): StoredLine[] {
  return Array.from({ length: count }, (_, index) => {
    const text = `{"number":${from + index},"padding":"${"x".repeat(20_000)}"}`;
    return { digest: digestOf(text), text };
  });
}

test("readLines gives back what putLines stored, whatever the text", () => {
  const store = freshStore("/dev/shm");
  const anyLine = string({ unit: "grapheme", maxLength: 200 }).filter((text) => !text.includes("\n"));
  assert(
    property(array(anyLine, { maxLength: 20 }), (all) => {
      const lines = all.map((text) => ({ digest: digestOf(text), text }));
      putLines(store, lines);
      expect(readAll(store, lines)).toEqual(all);
    }),
  );
});

test("what was never stored is not found", () => {
  const store = freshStore();
  expect(readLines(store, [lineOf(1).digest])).toEqual(new Map());
  putLines(store, []);
  expect(existsSync(logOf(store))).toBe(false);
  putLines(store, linesOf(3));
  expect(readLines(store, [lineOf(7).digest, lineOf(2).digest])).toEqual(new Map([[lineOf(2).digest, lineOf(2).text]]));
});

test("lines that are there are not written again", () => {
  const store = freshStore();
  putLines(store, [...linesOf(50), ...linesOf(50)]);
  const { size } = statSync(logOf(store));
  putLines(store, linesOf(50));
  expect(statSync(logOf(store)).size).toBe(size);
});

test.each([
  ["under another digest", { digest: lineOf(2).digest, text: lineOf(1).text }, "store/checksum-mismatch"],
  ["with a newline", { digest: digestOf("a\nb"), text: "a\nb" }, "store/line-invalid"],
  [
    "above a mebibyte",
    { digest: digestOf("a".repeat(1024 * 1024 + 1)), text: "a".repeat(1024 * 1024 + 1) },
    "store/line-invalid",
  ],
])("a line %s is refused and nothing is written", (_name, line, code) => {
  const store = freshStore();
  expect(() => putLines(store, [lineOf(1), line])).toThrow(expect.objectContaining({ code }));
  expect(existsSync(logOf(store))).toBe(false);
});

test("a line of a whole mebibyte is kept", () => {
  const store = freshStore();
  const text = "é".repeat(512 * 1024);
  putLines(store, [{ digest: digestOf(text), text }]);
  expect(readLines(store, [digestOf(text)]).get(digestOf(text))).toBe(text);
});

test("a log that is cut anywhere loses only lines behind the cut, and takes new ones", () => {
  const store = freshStore("/dev/shm");
  const before = linesOf(3);
  putLines(store, before);
  const kept = statSync(logOf(store)).size;
  putLines(store, linesOf(2, 3));
  const whole = readFileSync(logOf(store));
  for (let size = kept; size < whole.length; size += 1) {
    writeFileSync(logOf(store), whole);
    truncateSync(logOf(store), size);
    putLines(store, linesOf(1, 9));
    expect(readAll(store, [...before, ...linesOf(1, 9)])).toEqual(texts([...before, ...linesOf(1, 9)]));
    putLines(store, linesOf(2, 3));
    expect(readAll(store, linesOf(2, 3))).toEqual(texts(linesOf(2, 3)));
  }
});

test("no damaged byte of the log gives a wrong line, and a second put heals", () => {
  const store = freshStore("/dev/shm");
  const lines = linesOf(3);
  putLines(store, lines);
  const whole = readFileSync(logOf(store));
  for (let at = 0; at < whole.length; at += 1) {
    writeFileSync(logOf(store), Buffer.from(whole.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    readAll(store, lines).forEach((text, index) => expect([undefined, lines[index]?.text]).toContain(text));
    putLines(store, lines);
    expect(readAll(store, lines)).toEqual(texts(lines));
  }
});

test("rubbish of any size between lines is passed over", () => {
  const store = freshStore("/dev/shm");
  mkdirSync(join(store.root, "lines"));
  writeFileSync(logOf(store), "rubbish without an end ".repeat(200_000));
  putLines(store, linesOf(2));
  appendFileSync(logOf(store), Buffer.alloc(3_000_000));
  putLines(store, linesOf(2, 2));
  expect(readAll(store, linesOf(4))).toEqual(texts(linesOf(4)));
});

test("a long log gets an index, and lines are found before and behind it", () => {
  const store = freshStore("/dev/shm");
  putLines(store, linesOf(10));
  expect(existsSync(indexOf(store))).toBe(false);
  putLines(store, longLines(300));
  expect(existsSync(indexOf(store))).toBe(true);
  putLines(store, linesOf(10, 100));
  const all = [...linesOf(10), ...longLines(300), ...linesOf(10, 100)];
  expect(readAll(store, all)).toEqual(texts(all));
});

test("an index that is damaged, stale, or of another log misleads nobody", () => {
  const store = freshStore("/dev/shm");
  const first = longLines(300);
  putLines(store, first);
  const index = readFileSync(indexOf(store));
  for (const at of [0, 25, 33, 40, 70, 120, index.length - 1]) {
    writeFileSync(indexOf(store), Buffer.from(index.map((byte, place) => (place === at ? byte ^ 1 : byte))));
    expect(readAll(store, first)).toEqual(texts(first));
  }
  writeFileSync(indexOf(store), index);
  rmSync(logOf(store));
  putLines(store, linesOf(5));
  expect(readAll(store, linesOf(5))).toEqual(texts(linesOf(5)));
  const other = longLines(400, 1000);
  rmSync(logOf(store));
  putLines(store, [...other.slice(0, 150), ...first.slice(50, 250), ...other.slice(150)]);
  writeFileSync(indexOf(store), index);
  expect(readAll(store, [...first.slice(50, 250), ...other])).toEqual(texts([...first.slice(50, 250), ...other]));
});
