import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkLines, putLines, type Store, type StoredLine } from "../../src/store/index.ts";
import { digestOf, lineOf } from "./sample.ts";
import { freshStore } from "./scratch.ts";

const logOf = (store: Store): string => join(store.root, "lines", "log");
const indexOf = (store: Store): string => join(store.root, "lines", "index");

const ten = Array.from({ length: 10 }, (_, number) => lineOf(number));

function storeOf(lines: readonly StoredLine[]): Store {
  const store = freshStore("/dev/shm");
  putLines(store, lines);
  return store;
}

test("a log as it was written is right, also where it holds a line twice", () => {
  const store = storeOf(ten);
  const bytes = readFileSync(logOf(store));
  expect(checkLines(store)).toEqual({ lines: 10, bytes: bytes.length, torn: 0, damaged: [], index: undefined });
  appendFileSync(logOf(store), bytes);
  expect(checkLines(store)).toMatchObject({ lines: 10, torn: 0, damaged: [] });
});

test("no log is right as well, an index without a log is not", () => {
  const store = freshStore();
  expect(checkLines(store)).toEqual({ lines: 0, bytes: 0, torn: 0, damaged: [], index: undefined });
  putLines(store, ten);
  rmSync(logOf(store));
  writeFileSync(indexOf(store), "x");
  expect(checkLines(store).index).toMatch(/no log/);
});

test("any flipped byte is found, and no record of a killed writer is taken for one", () => {
  const store = storeOf(ten);
  const bytes = readFileSync(logOf(store));
  for (let at = 0; at < bytes.length; at += 1) {
    writeFileSync(logOf(store), Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    const { damaged, lines, torn } = checkLines(store);
    // The last newline is the end of the log: without it the record looks unfinished.
    const found = at === bytes.length - 1 ? torn : damaged.length;
    expect(found, `byte ${at}`).toBeGreaterThan(0);
    expect(lines, `byte ${at}`).toBeGreaterThanOrEqual(8);
  }
});

test("what a writer that was killed left is torn, wherever it was cut, and whatever comes behind", () => {
  const record = `\n${lineOf(77).digest} ${lineOf(77).text}\n`;
  for (let length = 2; length < record.length - 1; length += 1) {
    const store = storeOf(ten);
    appendFileSync(logOf(store), record.slice(0, length));
    expect(checkLines(store), `cut at ${length}`).toMatchObject({ lines: 10, torn: 1, damaged: [] });
    putLines(store, [lineOf(78)]);
    expect(checkLines(store), `cut at ${length}`).toMatchObject({ lines: 11, torn: 1, damaged: [] });
  }
});

/** Lines of 20 KB: 300 of them are more than a log may have without an index. */
const long = Array.from({ length: 300 }, (_, number): StoredLine => {
  const text = `{"number":${number},"padding":"${"x".repeat(20_000)}"}`;
  return { digest: digestOf(text), text };
});

test("an index is compared with the log", () => {
  const store = storeOf(long);
  expect(checkLines(store)).toMatchObject({ lines: 300, torn: 0, damaged: [], index: undefined });
  const index = readFileSync(indexOf(store));
  for (const at of [0, 25, 33, 40, 68, 100, index.length - 1]) {
    writeFileSync(indexOf(store), Buffer.from(index.map((byte, place) => (place === at ? byte ^ 1 : byte))));
    expect(checkLines(store).index, `byte ${at}`).toMatch(/damaged/);
  }
  writeFileSync(indexOf(store), index);
  const log = readFileSync(logOf(store));
  // A right index of another log: each line stands one byte further on.
  writeFileSync(logOf(store), Buffer.concat([Buffer.from("\n"), log]));
  expect(checkLines(store)).toMatchObject({ lines: 300, damaged: [], index: expect.stringMatching(/does not stand/) });
  // One that is whole, but lacks a line in the part that it covers.
  const lacking = Buffer.concat([index.subarray(0, 68), index.subarray(68 + 44)]);
  lacking.writeUInt32LE(index.readUInt32LE(32) - 1, 32);
  const digest = createHash("sha256").update(lacking.subarray(0, 36)).update(lacking.subarray(68)).digest();
  digest.copy(lacking, 36);
  writeFileSync(indexOf(store), lacking);
  writeFileSync(logOf(store), log);
  expect(checkLines(store).index).toMatch(/lacks the line/);
});
