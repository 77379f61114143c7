import { patch } from "@decimalturn/toml-patch";
import { array as arrayOf, assert, constantFrom, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { addToArray, parseToml, removeFromArray, TomlError } from "../../src/toml/index.ts";

const ours = { path: ["include"], value: "hub.config.toml" };
const add = (text: string): string => addToArray(text, ours, "config.toml");
const remove = (text: string): string => removeFromArray(text, ours, "config.toml");
const line = 'include = ["hub.config.toml"]';

/** Texts without our entry, and what adding it makes of each. */
const edits: readonly (readonly [story: string, before: string, after: string])[] = [
  ["an empty file", "", `${line}\n`],
  ["one empty line", "\n", `${line}\n\n\n`],
  ["only comments", "# mine\n# all mine\n", `${line}\n\n# mine\n# all mine\n`],
  ["a comment without final newline", "# mine", `${line}\n\n# mine`],
  ["comments above the first key", "# why\nx = 1\n", `${line}\n\n# why\nx = 1\n`],
  ["a table first", "[net]\nretry = 5\n", `${line}\n\n[net]\nretry = 5\n`],
  ["a comment and then a table", "# net\n[net]\nretry = 5", `${line}\n\n# net\n[net]\nretry = 5`],
  ["an array of tables first", '[[x]]\ninclude = ["y"]\n', `${line}\n\n[[x]]\ninclude = ["y"]\n`],
  ["CRLF", "[net]\r\nretry = 5\r\n", `${line}\r\n\r\n[net]\r\nretry = 5\r\n`],
  ["a byte order mark", "\ufeff[net]\nretry = 5\n", `\ufeff${line}\n\n[net]\nretry = 5\n`],
  ["dotted keys", "net.retry = 5\nhttp.timeout = 9\n", `${line}\n\nnet.retry = 5\nhttp.timeout = 9\n`],
  ["the same key in a table", '[env]\ninclude = ["a"]\n', `${line}\n\n[env]\ninclude = ["a"]\n`],
  ["the key's text in a string", 'x = """\ninclude = ["a"]\n"""\n', `${line}\n\nx = """\ninclude = ["a"]\n"""\n`],
  ["one element", 'include = ["a.toml"]\n', 'include = ["a.toml", "hub.config.toml"]\n'],
  ["one element, tight", 'include=["a.toml"]#c', 'include=["a.toml", "hub.config.toml"]#c'],
  ["spaces inside the brackets", 'include = [ "a.toml" ]', 'include = [ "a.toml", "hub.config.toml" ]'],
  ["a comma at the end", 'include = ["a.toml",]\n', 'include = ["a.toml", "hub.config.toml",]\n'],
  ["a literal string", "include = ['a.toml']\n", "include = ['a.toml', \"hub.config.toml\"]\n"],
  ["a quoted key", '"include" = ["a.toml"]\n', '"include" = ["a.toml", "hub.config.toml"]\n'],
  ["an escaped key", '"incl\\u0075de" = ["a"]\n', '"incl\\u0075de" = ["a", "hub.config.toml"]\n'],
  [
    "a table entry",
    'include = [{ path = "a.toml", optional = true }]\n',
    'include = [{ path = "a.toml", optional = true }, "hub.config.toml"]\n',
  ],
  [
    "a table entry over several lines",
    'include = [\n  {\n    path = "a.toml",\n  },\n]\n',
    'include = [\n  {\n    path = "a.toml",\n  },\n  "hub.config.toml",\n]\n',
  ],
  [
    "several lines, comma at the end",
    'include = [\n  "a.toml",\n  "b.toml",\n]\nx = 1\n',
    'include = [\n  "a.toml",\n  "b.toml",\n  "hub.config.toml",\n]\nx = 1\n',
  ],
  [
    "several lines, no comma at the end",
    'include = [\n\t"a.toml",\n\t"b.toml"\n]\n',
    'include = [\n\t"a.toml",\n\t"b.toml",\n\t"hub.config.toml"\n]\n',
  ],
  [
    "comments behind elements",
    'include = [ # all\n  "a.toml", # first\n  "b.toml", # last\n  # end\n]\n',
    'include = [ # all\n  "a.toml", # first\n  "b.toml", # last\n  "hub.config.toml",\n  # end\n]\n',
  ],
  [
    "a comment behind a last element without comma",
    'include = [\n  "a.toml" # only, "one" ]\n]\n',
    'include = [\n  "a.toml", # only, "one" ]\n  "hub.config.toml"\n]\n',
  ],
  [
    "a comment behind elements of the first line",
    'include = ["a.toml", # why\n]\n',
    'include = ["a.toml", # why\n  "hub.config.toml",\n]\n',
  ],
  [
    "several lines in CRLF",
    'include = [\r\n    "a.toml",\r\n]\r\n[net]\r\n',
    'include = [\r\n    "a.toml",\r\n    "hub.config.toml",\r\n]\r\n[net]\r\n',
  ],
  [
    "brackets and quotes inside strings",
    'include = ["]a#.toml", \'",[\']\n',
    'include = ["]a#.toml", \'",[\', "hub.config.toml"]\n',
  ],
];

test.each(edits)("%s: the entry is added and every other byte kept", (_story, before, after) => {
  expect(add(before)).toBe(after);
});

test.each(edits)("%s: adding twice is adding once", (_story, before) => {
  expect(add(add(before))).toBe(add(before));
});

test.each(edits)("%s: removing gives the text back", (_story, before) => {
  expect(remove(add(before))).toBe(before);
});

test.each(edits)("%s: removing what is not there returns the same text", (_story, before) => {
  expect(remove(before)).toBe(before);
});

test.each(edits)("%s: the new document says what an independent editor makes it say", (_story, before) => {
  const table = parseToml(before, "x");
  const include = Array.isArray(table["include"]) ? table["include"] : [];
  const other = patch(before, { ...table, include: [...include, ours.value] });
  expect(parseToml(add(before), "x")).toEqual(parseToml(other, "x"));
});

test.each([
  ["include = []\n", 'include = ["hub.config.toml"]\n'],
  ["include = [\n]\n", 'include = ["hub.config.toml"\n]\n'],
  ["include = [ # none\n]\n", 'include = ["hub.config.toml" # none\n]\n'],
])("an array without elements gets its first: %j", (before, after) => {
  expect(add(before)).toBe(after);
});

test.each([
  ["first of two", 'include = ["hub.config.toml", "a"]\n', 'include = ["a"]\n'],
  ["between two", 'include = ["a", "hub.config.toml", "b"]\n', 'include = ["a", "b"]\n'],
  ["first of lines", 'include = [\n  "hub.config.toml",\n  "a",\n]\n', 'include = [\n  "a",\n]\n'],
  ["twice", 'include = ["hub.config.toml", "a", "hub.config.toml"]\n', 'include = ["a"]\n'],
  ["behind a comment", 'include = ["a", # x\n "hub.config.toml", "b"]\n', 'include = ["a", # x\n "b"]\n'],
  ["last behind a comment", 'include = ["a", # x\n "hub.config.toml" ]\n', 'include = ["a" # x\n  ]\n'],
  ["alone, in a place of the user's", 'x = 1\ninclude = ["hub.config.toml"]\n', "x = 1\ninclude = []\n"],
  ["alone, in a form of the user's", "include = ['hub.config.toml']\n", "include = []\n"],
])("an entry that stands %s is removed", (_story, before, after) => {
  expect(remove(before)).toBe(after);
});

test("a key below a table that is there becomes the table's first line", () => {
  const text = addToArray("[a]\nx = 1\n[build] # b\njobs = 2\n", { path: ["build", "flags"], value: "-v" }, "x");
  expect(text).toBe('[a]\nx = 1\n[build] # b\nflags = ["-v"]\njobs = 2\n');
});

test("a key below a table that is not there is made dotted, at the top", () => {
  const text = addToArray("[a]\nx = 1\n", { path: ["build", "r g"], value: 'q"\u007f' }, "x");
  expect(text).toBe('build."r g" = ["q\\"\\u007F"]\n\n[a]\nx = 1\n');
  expect(removeFromArray(text, { path: ["build", "r g"], value: 'q"\u007f' }, "x")).toBe("[a]\nx = 1\n");
});

test.each([
  ['include = "hub.config.toml"\n', "toml/not-an-array"],
  ["[include]\n", "toml/not-an-array"],
  ['[[include]]\npath = "a"\n', "toml/not-editable"],
  ["include = [\n", "toml/syntax"],
])("%j can not get an entry: %s", (text, code) => {
  expect(() => add(text)).toThrow(expect.objectContaining({ code }));
});

test("an array in an inline table is left alone", () => {
  expect(() => addToArray("build = { flags = [] }\n", { path: ["build", "flags"], value: "v" }, "x")).toThrow(
    TomlError,
  );
});

test("for arrays of any shape, removing undoes adding", () => {
  const space = constantFrom("", " ", "\n", "\n  ", " # c ] \" '\n\t");
  const element = constantFrom('"a"', "'b#'", '"""c\n]"""', "1", "[2, 3]", '{ path = "d" }', "1979-05-27 07:32:00Z");
  const shape = tuple(
    arrayOf(tuple(space, element, space), { minLength: 1, maxLength: 4 }),
    constantFrom("", ",", ", # e\n"),
  );
  assert(
    property(shape, constantFrom("\n", "\r\n"), constantFrom("", "x = 1\n", "[t]\n"), ([elements, end], eol, tail) => {
      const body = elements.map(([before, element, after]) => before + element + after).join(",");
      const text = `# top\ninclude = [${body}${end}]\n${tail}`.replaceAll("\n", eol);
      const before = parseToml(text, "x")["include"];
      const added = add(text);
      expect(parseToml(added, "x")["include"]).toEqual([...(Array.isArray(before) ? before : []), ours.value]);
      expect(remove(added)).toBe(text);
    }),
    { numRuns: 2000 },
  );
});
