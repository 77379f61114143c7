import { expect, test } from "vitest";
import { parseToml, TomlError } from "../../src/toml/index.ts";

function failure(text: string): TomlError {
  try {
    parseToml(text, "config.toml");
  } catch (error) {
    if (error instanceof TomlError) return error;
    throw error;
  }
  throw new Error("the text was accepted");
}

test("parseToml reads every kind of value", () => {
  const table = parseToml('s = "x"\ni = 1\nf = 0.5\nb = true\na = [1, "y"]\n[t]\nk = { n = 1 }\n', "x");
  expect(table).toEqual({ s: "x", i: 1, f: 0.5, b: true, a: [1, "y"], t: { k: { n: 1 } } });
});

test("an integer beyond 2^53-1 keeps its exact value", () => {
  expect(parseToml("i = 9223372036854775807", "x")).toEqual({ i: 9223372036854775807n });
});

test("a byte order mark at the start is ignored, as cargo does", () => {
  expect(parseToml("\ufeff[net]\r\nretry = 5\r\n", "x")).toEqual({ net: { retry: 5 } });
});

test("an inline table may span lines and end in a comma, as in TOML 1.1", () => {
  expect(parseToml("a = {\n  b = 1,\n}\n", "x")).toEqual({ a: { b: 1 } });
});

test("a key named __proto__ is an ordinary key", () => {
  const table = parseToml("__proto__ = 1\n", "x");
  expect(Object.keys(table)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test.each([
  ["a = ", "config.toml:1:5"],
  ["a = 1\nb = [1,\n", "config.toml:3:1"],
  ["a = 1\na = 2\n", "config.toml:2:1"],
  ["[t]\r\nx = 'a\r\n", "config.toml:2:7"],
])("%j is refused with its place", (text, where) => {
  const error = failure(text);
  expect(error.code).toBe("toml/syntax");
  expect(error.where).toBe(where);
});
