import { expect, test } from "vitest";
import { isTomlTreeTable, parseTomlTree, TomlError } from "../../src/toml/index.ts";

test("a tree tells whole numbers from others, and keeps the order of keys", () => {
  const tree = parseTomlTree("b = 1\na = 1.0\n[t]\n__proto__ = [2, { c = 3 }]\n", "x");
  expect([...tree.keys()]).toEqual(["b", "a", "t"]);
  expect(tree.get("b")).toBe(1n);
  expect(tree.get("a")).toBe(1);
  expect(tree.get("t")).toEqual(new Map([["__proto__", [2n, new Map([["c", 3n]])]]]));
  expect(isTomlTreeTable(tree.get("t"))).toBe(true);
  expect(isTomlTreeTable(tree.get("a"))).toBe(false);
});

test("a text that is not TOML is refused with its place", () => {
  expect(() => parseTomlTree("a = \n", "x.toml")).toThrow(TomlError);
});
