import { expect, test } from "vitest";
import { newerTomlSyntax, parseToml } from "../../src/toml/index.ts";

test.each([
  ["a = {\n b = 1 }\n", "several lines"],
  ["a = { b = 1, }\n", "comma"],
  ["a = { b = [1], # why\n c = 2 }\n", "comment"],
  ['a = "\\e[0m"\n', "escape"],
  ['a = """\n\\x41"""\n', "escape"],
  ["a = 10:00\n", "seconds"],
  ["a = 2020-01-01T10:00\n", "seconds"],
  ["a = 2020-01-01 10:00+02:00\n", "seconds"],
])("%j is TOML 1.1", (text, what) => {
  parseToml(text, "x");
  expect(newerTomlSyntax(text)).toContain(what);
});

test.each([
  "a = { b = [\n1,\n], c = { d = 2 } }\n",
  "a = [\n1, # e\n]\n[b.c]\n[[d]]\n",
  "a = '\\e'\nb = '''\n\\x41, }'''\n",
  'a = "\\\\e \\u0041 {, }"\n',
  "a = 2020-01-01T10:00:00+02:00\nb = 10:00:00.5\nc = 2020-01-01\n",
  "# { 10:00 , }\na = 1 # \\e\n",
  '"10:00" = 1\n',
])("%j is TOML 1.0", (text) => {
  parseToml(text, "x");
  expect(newerTomlSyntax(text)).toBeUndefined();
});
