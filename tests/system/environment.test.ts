import { expect, test } from "vitest";
import { programPlaces, systemOf, userHome, variable } from "../../src/system/index.ts";

test.each([
  ["win32", "windows"],
  ["darwin", "macos"],
  ["linux", "linux"],
  ["android", "linux"],
  ["freebsd", "unix"],
])("Node's platform %s is %s", (platform, system) => {
  expect(systemOf(platform)).toBe(system);
});

test("the case of a variable's name does not count on Windows, and counts elsewhere", () => {
  const env = { Path: "C:\\a", EMPTY: "" };
  expect(variable("windows", env, "PATH")).toBe("C:\\a");
  expect(variable("linux", env, "PATH")).toBeUndefined();
  expect(variable("macos", env, "Path")).toBe("C:\\a");
  expect(variable("windows", env, "EMPTY")).toBeUndefined();
});

test.each([
  ["linux", "/home/u"],
  ["macos", "/home/u"],
  ["unix", "/home/u"],
  ["windows", "C:\\Users\\u"],
] as const)("on %s the user's home is %s", (system, home) => {
  expect(userHome(system, { HOME: "/home/u", USERPROFILE: "C:\\Users\\u" }, "otherwise")).toBe(home);
  expect(userHome(system, { HOME: "", USERPROFILE: "" }, "otherwise")).toBe("otherwise");
});

test("on Windows a program is looked for as .exe in the directories of Path, never in the current one", () => {
  const env = { Path: 'C:\\Rust\\bin\\;.;relative;;"C:\\Program Files\\Git\\cmd";\\\\server\\share' };
  expect(programPlaces("windows", env, "cargo")).toEqual([
    "C:\\Rust\\bin\\cargo.exe",
    "C:\\Program Files\\Git\\cmd\\cargo.exe",
    "\\\\server\\share\\cargo.exe",
  ]);
  expect(programPlaces("windows", env, "cargo.EXE")[0]).toBe("C:\\Rust\\bin\\cargo.EXE");
  expect(programPlaces("windows", env, "C:\\x\\cargo")).toEqual(["C:\\x\\cargo"]);
  expect(programPlaces("windows", {}, "cargo")).toEqual([]);
});

test.each(["linux", "macos", "unix"] as const)("on %s the system looks for a program by itself", (system) => {
  expect(programPlaces(system, { PATH: "/a:/b" }, "cargo")).toEqual(["cargo"]);
});
