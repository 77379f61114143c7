import { expect, test } from "vitest";
import { indexPath, isPackageName, isSha256 } from "../../src/cargo/index.ts";

test.each(["a", "serde", "B_upper", "proc-macro2", "_x", "x--_", "über", "名前", "r0"])(
  "%s is a package name",
  (name) => {
    expect(isPackageName(name)).toBe(true);
  },
);

test.each(["", "-a", "2fa", "a b", "a/b", "../a", "a.b", "a\\b", "a\0", "a\n", "a+b", "é̀/"])(
  "%j is no package name",
  (name) => {
    expect(isPackageName(name)).toBe(false);
  },
);

test.each([
  ["a", "1/a"],
  ["io", "2/io"],
  ["syn", "3/s/syn"],
  ["rand", "ra/nd/rand"],
  ["Tokio", "to/ki/tokio"],
])("the index has %s at %s", (name, path) => {
  expect(indexPath(name)).toBe(path);
});

test("a SHA-256 is 64 lower-case hexadecimal digits", () => {
  const good = "0123456789abcdef".repeat(4);
  expect(isSha256(good)).toBe(true);
  expect(
    [good.slice(1), `${good}0`, good.toUpperCase(), `${good.slice(1)}g`, `${good.slice(1)}\n`, 5, undefined].some(
      isSha256,
    ),
  ).toBe(false);
});
