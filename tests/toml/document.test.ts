import { assert, property } from "fast-check";
import { expect, test } from "vitest";
import {
  documentBoolean,
  documentItem,
  documentTableAt,
  documentText,
  formatTomlDocument,
  isTableLike,
  newArray,
  newInlineTable,
  newScalar,
  parseTomlDocument,
  removeDocumentItem,
  resetDecor,
  setDocumentItem,
  sortDocumentTable,
  type TomlDocument,
  TomlError,
  writtenKeys,
} from "../../src/toml/index.ts";
import { anyDocument } from "./any-document.ts";

const again = (text: string): string => formatTomlDocument(parseTomlDocument(text, "x.toml"));

test("a document that was taken apart and put together again is the same text", () => {
  assert(
    property(anyDocument(), (text) => {
      expect(again(text)).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

/** What cargo's editor changes even where nothing was edited. */
const changed: readonly (readonly [story: string, before: string, after: string])[] = [
  [
    "line ends of Windows",
    "# c\r\na = 1 # d\r\n\r\n[t] # e\r\nb = [\r\n  1,\r\n]\r\n",
    "# c\na = 1 # d\n\n[t] # e\nb = [\n  1,\n]\n",
  ],
  ["a byte order mark", "\ufeffa = 1\n", "a = 1\n"],
  ["no line end behind a value", "a = 1", "a = 1\n"],
  ["no line end behind a header", "[t]", "[t]\n"],
  ["dotted keys that stand apart", "a.x = 1\nb = 2\na.y = 3\n", "a.x = 1\na.y = 3\nb = 2\n"],
  ["a part of a key that is spelled in two ways", 'a.x = 1\n"a".y = 2\n', "a.x = 1\na.y = 2\n"],
  ["a table that is spelled in two ways", "['a'.x]\n[\"a\".y]\n", "['a'.x]\n['a'.y]\n"],
];

test.each(changed)("%s", (_, before, after) => {
  expect(again(before)).toBe(after);
  expect(again(after)).toBe(after);
});

test("texts in several lines keep the line ends of Windows", () => {
  expect(again('a = """\r\nx\r\ny"""\r\n')).toBe('a = """\r\nx\r\ny"""\n');
});

/** An edit of a document, before and after. */
const edits: readonly (readonly [
  story: string,
  before: string,
  edit: (document: TomlDocument) => void,
  after: string,
])[] = [
  [
    "a new key",
    "a = 1\n# end\n",
    ({ root }) => setDocumentItem(root, "b c", newScalar("x")),
    'a = 1\n"b c" = "x"\n# end\n',
  ],
  [
    "a new key in a table that is written inline",
    "t = { a = 1 } # c\n",
    edited("t", (table) => setDocumentItem(table, "b", newScalar(true))),
    "t = { a = 1 , b = true } # c\n",
  ],
  [
    "the usual form of a table that is written inline",
    "t = {a=1,  'b'  =  2} # c\n",
    edited("t", resetDecor),
    "t = { a = 1, 'b' = 2 } # c\n",
  ],
  [
    "a new value",
    "# above\na   =   1 # beside\n",
    ({ root }) => setDocumentItem(root, "a", newScalar("x")),
    '# above\na   = "x"\n',
  ],
  ["a table that is made", "a = 1\n", ({ root }) => made(root, "t", "u"), 'a = 1\n\n[t.u]\nx = "y"\n'],
  ["a table that is made first", "", ({ root }) => made(root, "t", "u"), '[t.u]\nx = "y"\n'],
  [
    "a table that is made behind its neighbour",
    "[t.a]\n[v]\n",
    ({ root }) => made(root, "t", "u"),
    '[t.a]\n\n[t.u]\nx = "y"\n[v]\n',
  ],
  [
    "a key that goes with what is around it",
    "a = 1\n\n# b\nb = 2 # b\n# c\nc = 3\n",
    ({ root }) => removeDocumentItem(root, "b"),
    "a = 1\n# c\nc = 3\n",
  ],
  [
    "a table that goes",
    "a = 1\n\n# t\n[t]\nx = 1\n\n[u]\n",
    ({ root }) => removeDocumentItem(root, "t"),
    "a = 1\n\n[u]\n",
  ],
  [
    "keys that are sorted with what is above them",
    "# c\nc = 1\n# a\na.y = 1\na.x = 2\n[t]\n",
    ({ root }) => sortDocumentTable(root, (a, b) => (a < b ? -1 : 1)),
    "a.x = 2\n# a\na.y = 1\n# c\nc = 1\n[t]\n",
  ],
  [
    "a dotted table",
    "",
    ({ root }) => setDocumentItem(root, "a", { ...newInlineTable([["b", newScalar(true)]]), isDotted: true }),
    "a.b = true\n",
  ],
  [
    "an array",
    "a = 1\n",
    ({ root }) => setDocumentItem(root, "a", newArray([newScalar("x"), newScalar('"')])),
    'a = ["x", \'"\']\n',
  ],
];

function edited(name: string, edit: (table: Parameters<typeof resetDecor>[0]) => void) {
  return ({ root }: TomlDocument): void => {
    const table = documentItem(root, name);
    if (isTableLike(table)) edit(table);
  };
}

function made(root: TomlDocument["root"], outer: string, inner: string): void {
  const table = documentTableAt(root, outer);
  const below = table === undefined ? undefined : documentTableAt(table, inner);
  if (below !== undefined) setDocumentItem(below, "x", newScalar("y"));
}

test.each(edits)("%s", (...[, before, edit, after]) => {
  const document = parseTomlDocument(before, "x.toml");
  edit(document);
  expect(formatTomlDocument(document)).toBe(after);
});

test("what stands under a key is read by its kind, and a key that is none of JavaScript's", () => {
  const { root } = parseTomlDocument('a = "x\\u0041"\nb = true\nc = 1\n__proto__ = "y"\nd.e = "z"\n', "x.toml");
  expect(documentText(root, "a")).toBe("xA");
  expect(documentText(root, "b")).toBe(undefined);
  expect(documentBoolean(root, "b")).toBe(true);
  expect(documentBoolean(root, "c")).toBe(undefined);
  expect(documentText(root, "__proto__")).toBe("y");
  expect(documentItem(root, "constructor")).toBe(undefined);
  expect(documentText(documentItem(root, "d"), "e")).toBe("z");
  expect(documentText(documentItem(root, "a"), "e")).toBe(undefined);
  expect(documentTableAt(root, "a")).toBe(undefined);
  expect(writtenKeys(root)).toEqual(["a", "b", "c", "__proto__", "d"]);
});

test("a text that is not TOML is refused with its place", () => {
  expect(() => parseTomlDocument("a = 1\na = 2\n", "x.toml")).toThrow(TomlError);
  expect(() => parseTomlDocument("[a\n", "x.toml")).toThrow("x.toml:1");
});
