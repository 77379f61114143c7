import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { foldName, otherCase, windowsNameFault } from "../../src/system/index.ts";

test.each([
  ["con", "device"],
  ["CON", "device"],
  ["aux.rs", "device"],
  ["nul .tar.gz", "device"],
  ["COM1", "device"],
  ["com9.txt", "device"],
  ["lpt\u00b2", "device"],
  ["CONIN$", "device"],
  ["a.", "dot or a blank"],
  ["a ", "dot or a blank"],
  ["..", "dot or a blank"],
  ["a:b", '":"'],
  ["a\\b", '"\\\\"'],
  ["what?", '"?"'],
  ["<a>", '"<"'],
  ['"a"', '"\\""'],
  ["a|b", '"|"'],
  ["a*", '"*"'],
  ["a\u0007b", "control character 7"],
])("Windows can not have a file «%s»", (name, reason) => {
  expect(windowsNameFault(name)).toContain(reason);
});

test.each([
  "lib.rs",
  "console",
  "auxiliary.rs",
  "com",
  "com10",
  "lpt",
  "nul-1.0.0",
  ".gitignore",
  "a b",
  "a+b=c",
  "\u00e9t\u00e9",
  "[x]",
  "a;b",
  "~1",
])("Windows can have a file «%s»", (name) => {
  expect(windowsNameFault(name)).toBeUndefined();
});

test("names are folded as file systems fold them that ignore case or Unicode forms", () => {
  expect(foldName("README.md")).toBe("readme.md");
  expect(foldName("Cafe\u0301/Ä")).toBe(foldName("caf\u00e9/a\u0308"));
  expect(foldName(".cargo\u200c-ok")).toBe(".cargo-ok");
  expect(foldName("a")).not.toBe(foldName("b"));
});

test("another spelling of a name differs from it and folds to the same", () => {
  expect(otherCase("Registry")).toBe("rEGISTRY");
  expect(otherCase("123-_.ä")).toBeUndefined();
  assert(
    property(string(), (name) => {
      const other = otherCase(name);
      expect(other === undefined).toBe(!/[a-z]/i.test(name));
      expect([other === name, foldName(other ?? name)]).toEqual([false, foldName(name)]);
    }),
  );
});
