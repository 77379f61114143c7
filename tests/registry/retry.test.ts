import { expect, test } from "vitest";
import { excerpt, shownUrl } from "../../src/registry/registry-error.ts";
import { isPassingStatus, retryAfterMs, retryWaitMs } from "../../src/registry/retry.ts";

test.each([
  [1, 0, 500],
  [1, 0.9999, 1499],
  [2, 0.5, 3500],
  [3, 0.5, 6500],
  [4, 0, 9500],
  [5, 0, 10_000],
  [50, 0, 10_000],
])("extra attempt %i with the number %d waits %i ms, as in cargo", (retry, random, wait) => {
  expect(retryWaitMs(retry, random)).toBe(wait);
});

const now = Date.parse("2026-01-01T00:00:00Z");

test.each([
  [429, "3", 3000],
  [503, "120", 10_000],
  [503, "Thu, 01 Jan 2026 00:00:04 GMT", 4000],
  [503, "Thu, 01 Jan 2026 02:00:00 GMT", 10_000],
  [429, "Wed, 31 Dec 2025 00:00:00 GMT", 0],
  [429, "soon", undefined],
  [429, undefined, undefined],
  [500, "3", undefined],
])("status %i with Retry-After %j waits %j ms", (status, value, wait) => {
  expect(retryAfterMs(status, value, now)).toBe(wait);
});

test.each([
  [429, true],
  [500, true],
  [599, true],
  [400, false],
  [403, false],
  [404, false],
  [600, false],
])("whether status %i passes: %j", (status, passes) => {
  expect(isPassingStatus(status)).toBe(passes);
});

test.each([
  ["https://ann:secret@h.example/a", "https://h.example/a"],
  ["sparse+https://ann@h.example/a", "sparse+https://h.example/a"],
  ["https://h.example/a?X-Signature=secret#x", "https://h.example/a?…"],
  ["https://h.example/a@b", "https://h.example/a@b"],
])("%s is shown as %s", (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});

test("an excerpt is one printable line of at most 200 characters", () => {
  expect(excerpt(Buffer.from("a\r\n\tb\u0007\u202ec"))).toBe("a b c");
  expect(excerpt(Buffer.from("x".repeat(900)))).toHaveLength(200);
  expect(excerpt(new Uint8Array([0xff, 0x41]))).toBe("\ufffdA");
});
