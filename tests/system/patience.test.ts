import { expect, test } from "vitest";
import { patienceOn, withPatience } from "../../src/system/index.ts";

/** A clock that only counts, and an action that fails so many times. */
function failing(times: number, code: string): { action: () => string; slept: number[]; sleep: (ms: number) => void } {
  const slept: number[] = [];
  let left = times;
  return {
    slept,
    sleep: (ms) => slept.push(ms),
    action() {
      if (left === 0) return "done";
      left -= 1;
      throw Object.assign(new Error(code), { code });
    },
  };
}

test.each(["EPERM", "EACCES", "EBUSY", "ENOTEMPTY"])("on Windows an action is tried again after %s", (code) => {
  const { action, slept, sleep } = failing(3, code);
  expect(withPatience(action, { patience: patienceOn("windows"), sleep })).toBe("done");
  expect(slept).toEqual([10, 20, 40]);
});

test("on Windows patience ends after two and a half seconds, with the error as it was", () => {
  const { action, slept, sleep } = failing(1000, "EBUSY");
  expect(() => withPatience(action, { patience: patienceOn("windows"), sleep })).toThrow(
    expect.objectContaining({ code: "EBUSY" }),
  );
  expect(slept.length).toBe(8);
  expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(2550);
});

test("on Windows an error that does not pass is thrown at once", () => {
  const { action, slept, sleep } = failing(1, "ENOENT");
  expect(() => withPatience(action, { patience: patienceOn("windows"), sleep })).toThrow(
    expect.objectContaining({ code: "ENOENT" }),
  );
  expect(slept).toEqual([]);
});

test.each(["linux", "macos", "unix"] as const)("on %s nothing is tried again", (system) => {
  const { action, slept, sleep } = failing(1, "EBUSY");
  expect(() => withPatience(action, { patience: patienceOn(system), sleep })).toThrow(
    expect.objectContaining({ code: "EBUSY" }),
  );
  expect(slept).toEqual([]);
});
