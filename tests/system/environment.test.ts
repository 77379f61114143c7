import { expect, test } from "vitest";
import { findProgram, systemOf, userHome, variable } from "../../src/system/index.ts";

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
  const env = {
    Path: 'C:\\Rust\\bin\\;.;relative;;"C:\\Program Files\\Git\\cmd";\\\\server\\share',
    SystemRoot: "D:\\Win",
  };
  const search = (program: string, ...there: readonly string[]): readonly [found: string, asked: readonly string[]] => {
    const asked: string[] = [];
    const isFile = (path: string): boolean => asked.push(path) > 0 && there.includes(path);
    return [findProgram(program, { system: "windows", env, isFile }), asked];
  };
  const places = ["C:\\Rust\\bin", "C:\\Program Files\\Git\\cmd", "\\\\server\\share"].map(
    (path) => `${path}\\git.exe`,
  );
  expect(search("git")).toEqual(["D:\\Win\\System32\\git.exe", places]);
  expect(search("git", "C:\\Program Files\\Git\\cmd\\git.exe")[0]).toBe("C:\\Program Files\\Git\\cmd\\git.exe");
  expect(search("git.EXE", "C:\\Rust\\bin\\git.EXE")[0]).toBe("C:\\Rust\\bin\\git.EXE");
  expect(search("C:\\x\\git")).toEqual(["C:\\x\\git", []]);
  expect(search(".\\git")).toEqual([".\\git", []]);
});

test.each(["linux", "macos", "unix"] as const)("on %s the system looks for a program by itself", (system) => {
  expect(findProgram("git", { system, env: { PATH: "/a:/b" }, isFile: () => true })).toBe("git");
});
