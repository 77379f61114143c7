import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isPlatform } from "../../src/cargo/index.ts";

test.each([
  "x86_64-unknown-linux-gnu",
  "thumbv8m.main-none-eabi",
  "",
  "cfg(unix)",
  "cfg( unix )",
  "cfg(all())",
  "cfg(any(unix, windows,))",
  'cfg(not(any(target_os = "linux", r#all)))',
  'cfg(target_os="")',
  "cfg(true)",
  "cfg(r#true)",
  "cfg(all(r))",
])("%j is a platform", (text) => {
  expect(isPlatform(text)).toBe(true);
});

test.each([
  "cfg()",
  "cfg(unix",
  "cfg(unix) ",
  " cfg(unix)",
  "cfg(unix)x",
  "cfg(unix windows)",
  "cfg(all(unix,,))",
  "cfg(all(,unix))",
  "cfg(not())",
  "cfg(not(unix,))",
  "cfg(not(unix, windows))",
  "cfg(all)",
  "cfg(target_os = linux)",
  'cfg(target_os = "linux)',
  'cfg("linux")',
  "cfg(r#)",
  "cfg(r#1)",
  "cfg(1)",
  "cfg(\tunix)",
  "cfg(größe)",
  "my/target.json",
  "all(unix)",
])("%j is no platform", (text) => {
  expect(isPlatform(text)).toBe(false);
});

test("deep nesting ends, and neither crashes nor takes long", () => {
  const depth = 100_000;
  expect(isPlatform(`cfg(${"not(".repeat(depth)}unix${")".repeat(depth)})`)).toBe(false);
  expect(isPlatform(`cfg(${"all(".repeat(depth)}`)).toBe(false);
});

test("what is made by the grammar is a platform", () => {
  const name = fc.constantFrom("unix", "target_os", "r#all", "_x1");
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: "small" },
      name,
      fc.tuple(name, fc.constantFrom("linux", "", "a b", "()")).map(([key, value]) => `${key} = "${value}"`),
      tie("expression").map((inner) => `not(${inner})`),
      fc
        .tuple(fc.constantFrom("all", "any"), fc.array(tie("expression"), { maxLength: 3 }), fc.constantFrom("", " "))
        .map(([operator, inner, blank]) => `${operator}(${inner.join(`,${blank}`)})`),
    ),
  }));
  fc.assert(
    fc.property(expression, (text) => {
      expect(isPlatform(`cfg(${text})`)).toBe(true);
    }),
  );
});
