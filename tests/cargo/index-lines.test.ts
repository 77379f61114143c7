import * as fc from "fast-check";
import { expect, test } from "vitest";
import { selectIndexLines } from "../../src/cargo/index.ts";

/** What the fast search promises, said slowly: every line is parsed, and keys are counted while it is. */
function selectSlowly(body: string, wanted: ReadonlySet<string>): Map<string, string> {
  const selected = new Map<string, string>();
  for (const line of body.split("\n")) {
    let fields: unknown;
    try {
      fields = JSON.parse(line);
    } catch {
      continue;
    }
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) continue;
    if (!("name" in fields) || !("vers" in fields)) continue;
    if (typeof fields.name !== "string" || typeof fields.vers !== "string") continue;
    if (ownVersKeys(line) > 1 || !wanted.has(fields.vers)) continue;
    selected.set(fields.vers, line.replace(/\r$/, ""));
  }
  return selected;
}

/** Counts the outermost `vers` keys by reading the line character by character. */
function ownVersKeys(line: string): number {
  let [depth, count, at] = [0, 0, 0];
  while (at < line.length) {
    const character = line[at] ?? "";
    if (character === '"') {
      let end = at + 1;
      while (line[end] !== '"') end += line[end] === "\\" ? 2 : 1;
      const text: unknown = JSON.parse(line.slice(at, end + 1));
      if (
        depth === 1 &&
        text === "vers" &&
        line
          .slice(end + 1)
          .trimStart()
          .startsWith(":")
      )
        count += 1;
      at = end + 1;
      continue;
    }
    if ("{[".includes(character)) depth += 1;
    if ("}]".includes(character)) depth -= 1;
    at += 1;
  }
  return count;
}

const versions = ["1.0.0", "1.0.0+x", "1.0.0-a", "11.0.0", "0.1.0"];
const version = fc.constantFrom(...versions);

/** Texts that look like what is searched for. */
const decoy = fc.oneof(
  version,
  version.map((text) => `"vers":"${text}"`),
  version.map((text) => `{"name":"x","vers":"${text}"}`),
  fc.constantFrom("vers", "name", "", "ü\u2028", "\\", '"', "\\u0076ers"),
);

const inner = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    decoy,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom("vers", "name", "deps"), decoy), tie("value"), { maxKeys: 3 }),
  ),
})).value;

const blank = fc.constantFrom("", "", " ", "  ", "\t", "\r");

/** A member of the outermost object, as text. */
function member(key: fc.Arbitrary<string>, value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc
    .tuple(blank, key, blank, blank, value, blank)
    .map(([a, name, b, c, content, d]) => `${a}${escaped(name)}${b}:${c}${JSON.stringify(content)}${d}`);
}

/** A JSON string, of which some first letters are written as an escape. */
function escaped(key: string): string {
  if (key === "VERS") return '"\\u0076ers"';
  return JSON.stringify(key);
}

const usualHead = fc.tuple(member(fc.constant("name"), decoy), member(fc.constant("vers"), version));
const members = fc.array(
  fc.oneof(
    member(fc.constantFrom("vers", "VERS"), fc.oneof(version, decoy, fc.constant(1))),
    member(fc.constant("name"), fc.oneof(decoy, fc.constant(null))),
    member(fc.constantFrom("deps", "features", "extra"), inner),
  ),
  { maxLength: 4 },
);
const objectLine = fc
  .tuple(fc.oneof(usualHead, fc.constant([])), members, blank)
  .map(([head, rest, end]) => `{${[...head, ...rest].join(",")}}${end}`);
const line = fc.oneof(
  { weight: 8, arbitrary: objectLine },
  { weight: 1, arbitrary: objectLine.map((text) => text.slice(0, -2)) },
  { weight: 1, arbitrary: fc.oneof(decoy, fc.constantFrom("", "\r", "null", "[]", "{}", "\ufeff{}")) },
);

test("selectIndexLines finds exactly the lines that parsing every line finds", () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 6 }),
      fc.subarray(versions),
      fc.constantFrom("\n", "\r\n"),
      (lines, picked, end) => {
        const body = lines.join(end);
        const wanted = new Set(picked);
        expect(selectIndexLines(body, wanted)).toEqual(selectSlowly(body, wanted));
      },
    ),
    { numRuns: 3000 },
  );
});

test.each([
  ["a line as registries write it", '{"name":"a","vers":"1.0.0","deps":[]}', true],
  ["blanks after every sign", '{ "name": "a", "vers": "1.0.0", "deps": [] }', true],
  ["another order of keys", '{"deps":[{"name":"b","req":"1"}],"vers":"1.0.0","name":"a"}', true],
  ["a version written with an escape", '{"name":"a","vers":"1\\u002e0.0"}', true],
  ["a key written with an escape", '{"name":"a","\\u0076ers":"1.0.0"}', true],
  ["a version of a dependency", '{"name":"a","vers":"2.0.0","deps":[{"vers":"1.0.0"}]}', false],
  ["a version before its own inside something", '{"x":{"vers":"1.0.0"},"name":"a","vers":"2.0.0"}', false],
  ["a feature that quotes one", '{"name":"a","vers":"2.0.0","features":{"\\"vers\\":\\"1.0.0\\"":[]}}', false],
  ["a name that quotes one", '{"name":"\\"vers\\":\\"1.0.0\\"","vers":"2.0.0"}', false],
  ["a longer version", '{"name":"a","vers":"1.0.0+x"}', false],
  ["two versions", '{"name":"a","vers":"1.0.0","vers":"1.0.0"}', false],
  ["no name", '{"vers":"1.0.0"}', false],
  ["a line that is cut off", '{"name":"a","vers":"1.0.0","deps":[', false],
])("selectIndexLines judges %s", (_, text, found) => {
  expect([...selectIndexLines(`\n${text}\r\n`, new Set(["1.0.0"]))]).toEqual(found ? [["1.0.0", text]] : []);
});

test("the last of several lines with one version counts, even an unusable one", () => {
  const [first, last] = ['{"name":"a","vers":"1.0.0","deps":[]}', '{"name":"a","vers":"1.0.0"}'];
  const selected = selectIndexLines(`${first}\n${last}\n{"name":"a","vers":"1.0.0"\n`, new Set(["1.0.0"]));
  expect([...selected]).toEqual([["1.0.0", last]]);
});

test("nothing wanted, or nothing there, gives nothing", () => {
  expect(selectIndexLines('{"name":"a","vers":"1.0.0"}', new Set())).toEqual(new Map());
  expect(selectIndexLines("", new Set(["1.0.0"]))).toEqual(new Map());
});
