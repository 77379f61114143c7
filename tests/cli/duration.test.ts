import { expect, test } from "vitest";
import { formatDay, formatPeriod, parseDuration } from "../../src/cli/duration.ts";

test.each([
  ["0s", 0, "0 seconds"],
  ["1s", 1000, "1 second"],
  ["90s", 90_000, "90 seconds"],
  ["60s", 60_000, "1 minute"],
  ["2h", 7_200_000, "2 hours"],
  ["36 h", 129_600_000, "36 hours"],
  ["24h", 86_400_000, "1 day"],
  ["14d", 1_209_600_000, "14 days"],
  ["2w", 1_209_600_000, "14 days"],
])("%s is %d ms, which is shown as %s", (text, ms, shown) => {
  expect(parseDuration(text)).toBe(ms);
  expect(formatPeriod(ms)).toBe(shown);
});

test.each(["", "d", "14", "-1d", "1.5d", "1y", "1e3s", "14 days", "1234567d", " 1d"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test("a day is that of the local time zone", () => {
  expect(formatDay(new Date(2026, 0, 9, 0, 0, 1).getTime())).toBe("2026-01-09");
  expect(formatDay(new Date(2026, 11, 31, 23, 59, 59).getTime())).toBe("2026-12-31");
});
