import { posix, win32 } from "node:path";
import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { isWindowsPath, joinWindowsPath, rootOf, withSlashes } from "../../src/system/index.ts";

test.each([
  ["/", "/", false],
  ["/a/b", "/", false],
  ["C:\\", "C:\\", true],
  ["c:\\a", "c:\\", true],
  ["C:/a/b", "C:/", true],
  ["C:", "", true],
  ["C:a", "", true],
  ["\\\\server\\share", "\\\\server\\share\\", true],
  ["\\\\server\\share\\a", "\\\\server\\share\\", true],
  ["//server/share/a", "//server/share/", true],
  ["\\\\?\\C:\\a", "\\\\?\\C:\\", true],
  ["\\\\?\\UNC\\server\\share\\a", "\\\\?\\UNC\\server\\share\\", true],
  ["\\\\.\\pipe\\a", "\\\\.\\pipe\\", true],
  ["a/b", "", false],
  ["\\a", "", false],
  ["", "", false],
])("the root of «%s» is «%s»; one of Windows: %s", (path, root, isWindows) => {
  expect([rootOf(path), isWindowsPath(path)]).toEqual([root, isWindows]);
});

const parts = constantFrom("a", "B c", "..", ".", "", "é", "a.b");

test("absolute paths of both kinds keep the root that Node sees", () => {
  assert(
    property(array(parts), constantFrom("C:\\", "C:/", "\\\\server\\share\\"), (names, root) => {
      const path = root + names.join("\\");
      expect(rootOf(path)).toBe(win32.parse(path).root);
    }),
  );
  assert(
    property(array(parts), (names) => {
      expect(rootOf(posix.join("/", ...names))).toBe("/");
    }),
  );
});

test.each([
  ["C:\\p", "a\\b", "C:\\p\\a\\b"],
  ["C:\\p", "a/b", "C:\\p\\a\\b"],
  ["C:\\p", ".\\a//b/.", "C:\\p\\a\\b"],
  ["C:\\p", "..\\a", "C:\\p\\..\\a"],
  ["C:\\p", "\\a", "C:\\a"],
  ["C:\\p", "/a", "C:\\a"],
  ["C:\\p", "D:\\a", "D:\\a"],
  ["C:\\p", "D:/a", "D:\\a"],
  ["C:\\p", "D:a", "D:a"],
  ["C:\\p", "\\\\server\\share\\a", "\\\\server\\share\\a"],
  ["C:\\", "a", "C:\\a"],
  ["\\\\server\\share", "a", "\\\\server\\share\\a"],
  ["\\\\server\\share\\p", "\\a", "\\\\server\\share\\a"],
  ["\\\\?\\C:\\p", "a", "\\\\?\\C:\\p\\a"],
])("on Windows, %s and %s are %s", (base, path, whole) => {
  expect(joinWindowsPath(base, path)).toBe(whole);
});

test.each([
  ["C:\\p\\a", "C:/p/a"],
  ["\\\\server\\share\\a", "//server/share/a"],
  ["\\\\?\\C:\\a", "\\\\?\\C:\\a"],
  ["/p/a\\b", "/p/a\\b"],
])("%s with slashes is %s", (path, slashed) => {
  expect(withSlashes(path)).toBe(slashed);
});
