import { expect, test } from "vitest";
import { count, formatBytes, formatDuration, jsonDocument } from "../../src/cli/render.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [1049, "1.0 KB"],
  [1050, "1.1 KB"],
  [9949, "9.9 KB"],
  [9999, "10 KB"],
  [10_400, "10 KB"],
  [999_499, "999 KB"],
  [999_500, "1.0 MB"],
  [5_400_000, "5.4 MB"],
  [151_500_000, "152 MB"],
  [2_590_000_000, "2.6 GB"],
  [1_500_000_000_000, "1.5 TB"],
  [1_500_000_000_000_000, "1500 TB"],
])("%i bytes are shown as %s", (bytes, shown) => {
  expect(formatBytes(bytes)).toBe(shown);
});

test.each([
  [0, "0.00s"],
  [4, "0.00s"],
  [340, "0.34s"],
  [999, "0.99s"],
  [1000, "1.00s"],
  [9_999, "9.99s"],
  [12_345, "12.34s"],
  [59_999, "59.99s"],
  [60_000, "1m 00s"],
  [119_999, "1m 59s"],
  [125_400, "2m 05s"],
  [3_600_000, "60m 00s"],
])("%i ms are shown as %s, as cargo does it", (ms, shown) => {
  expect(formatDuration(ms)).toBe(shown);
});

test.each([
  [0, "0 crates"],
  [1, "1 crate"],
  [2, "2 crates"],
])("%i of a crate is %s", (number, shown) => {
  expect(count(number, "crate")).toBe(shown);
});

test("a JSON document is indented and ends with one newline", () => {
  expect(jsonDocument({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}\n');
});
