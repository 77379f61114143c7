import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore, registerHub, storeRoots, sweepPartial, uniqueName } from "../../src/store/index.ts";
import { freshStore, partialNames, scratch } from "./scratch.ts";

test.each([
  [{}, "/home/a/.cache/cargo-hub/v1", "/home/a/.local/share/cargo-hub"],
  [{ XDG_CACHE_HOME: "/c", XDG_DATA_HOME: "/d" }, "/c/cargo-hub/v1", "/d/cargo-hub"],
  [{ XDG_CACHE_HOME: "relative", XDG_DATA_HOME: "" }, "/home/a/.cache/cargo-hub/v1", "/home/a/.local/share/cargo-hub"],
  [{ CARGO_HUB_STORE: "/s", CARGO_HUB_DATA: "/t", XDG_CACHE_HOME: "/c" }, "/s", "/t"],
  [{ CARGO_HUB_STORE: "", CARGO_HUB_DATA: "" }, "/home/a/.cache/cargo-hub/v1", "/home/a/.local/share/cargo-hub"],
])("with %j the roots are %s and %s", (env, store, data) => {
  expect(storeRoots(env, "/home/a")).toEqual({ store, data });
});

const local = "C:\\Users\\a\\AppData\\Local\\cargo-hub";

test.each([
  ["windows", {}, [`${local}\\store\\v1`, `${local}\\data`]],
  ["windows", { LocalAppData: "D:\\l" }, ["D:\\l\\cargo-hub\\store\\v1", "D:\\l\\cargo-hub\\data"]],
  ["windows", { LOCALAPPDATA: "l", CARGO_HUB_DATA: "D:/d" }, [`${local}\\store\\v1`, "D:\\d"]],
  ["windows", { XDG_CACHE_HOME: "D:\\c", XDG_DATA_HOME: "E:\\d" }, ["D:\\c\\cargo-hub\\v1", "E:\\d\\cargo-hub"]],
  ["macos", {}, ["/home/a/Library/Caches/cargo-hub/v1", "/home/a/Library/Application Support/cargo-hub"]],
  ["macos", { XDG_CACHE_HOME: "/c", CARGO_HUB_DATA: "/d" }, ["/c/cargo-hub/v1", "/d"]],
  ["unix", { LOCALAPPDATA: "/l" }, ["/home/a/.cache/cargo-hub/v1", "/home/a/.local/share/cargo-hub"]],
] as const)("on %s with %j the roots are %j", (system, env, [store, data]) => {
  expect(storeRoots(env, system === "windows" ? "C:\\Users\\a" : "/home/a", system)).toEqual({ store, data });
});

test("opening makes a store, and opening it again changes nothing", () => {
  const root = join(scratch(), "deep", "store");
  const store = openStore(root, { umask: 0o022 });
  expect(structuredClone(store)).toEqual({ root, umask: 0o022 });
  expect(readFileSync(join(root, "version"), "utf8")).toBe("cargo-hub store 1\n");
  openStore(root, { umask: 0o077 });
  expect(readdirSync(root)).toEqual(["version"]);
});

test.each(["cargo-hub store 2\n", "", "cargo-hub store 1", "cargo-hub store 1\r\n"])(
  "a version file %j is refused and nothing is touched",
  (version) => {
    const root = scratch();
    writeFileSync(join(root, "version"), version);
    expect(() => openStore(root, { umask: 0o022 })).toThrow(expect.objectContaining({ code: "store/version-unknown" }));
    expect(readdirSync(root)).toEqual(["version"]);
  },
);

test("a directory with somebody's files does not become a store", () => {
  const root = scratch();
  writeFileSync(join(root, "thesis.txt"), "");
  expect(() => openStore(root, { umask: 0o022 })).toThrow(
    expect.objectContaining({ code: "store/not-a-store", where: root }),
  );
  expect(readdirSync(root)).toEqual(["thesis.txt"]);
});

test("a store whose making was cut short is completed", () => {
  const root = scratch();
  mkdirSync(join(root, "partial"));
  writeFileSync(join(root, ".version-1.1.0.0-a-1"), "");
  openStore(root, { umask: 0o022 });
  expect(readFileSync(join(root, "version"), "utf8")).toBe("cargo-hub store 1\n");
});

test("a store that vanishes while it is open is made again by the next write", () => {
  const store = freshStore();
  rmSync(store.root, { recursive: true });
  registerHub(store, { path: scratch(), lockText: "lock" });
  expect(readdirSync(join(store.root, "hubs"))).toHaveLength(1);
  expect(openStore(store.root, { umask: 0o022 })).toEqual(store);
});

test("sweeping removes what dead writers left and what is old, and keeps the files of the living", () => {
  const store = freshStore();
  registerHub(store, { path: scratch(), lockText: "lock" });
  const own = join(store.root, "partial");
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").replaceAll("-", "").slice(0, 8);
  writeFileSync(join(own, "1.1.00000000.1-aa-1"), "written before the machine was started");
  mkdirSync(join(own, `${2 ** 22 + 1}.5.${boot}.0-aa-1`, "files"), { recursive: true });
  writeFileSync(join(own, "of-somebody"), "");
  utimesSync(join(own, "of-somebody"), 1000, 1000);
  const living = uniqueName();
  writeFileSync(join(own, living), "in the making");
  writeFileSync(join(store.root, ".version-1.1.00000000.1-aa-1"), "killed while it made the store");
  expect(sweepPartial(store, Date.now())).toBe(2);
  expect(partialNames(store).sort()).toEqual([`${2 ** 22 + 1}.5.${boot}.0-aa-1`, living, "of-somebody"].sort());
  expect(readdirSync(store.root)).not.toContain(".version-1.1.00000000.1-aa-1");
  const tomorrow = Date.now() + 25 * 60 * 60 * 1000;
  expect(sweepPartial(store, tomorrow)).toBe(2);
  expect(partialNames(store)).toEqual([living]);
});

test("below a link that leads nowhere no store is made, and the reason is told", () => {
  const parent = scratch();
  symlinkSync(join(parent, "not-mounted"), join(parent, "cache"));
  const root = join(parent, "cache", "cargo-hub", "v1");
  expect(() => openStore(root, { umask: 0o022 })).toThrow(
    expect.objectContaining({ code: "store/io-error", where: root, what: expect.stringMatching(/ENOENT/) }),
  );
  mkdirSync(join(parent, "not-mounted"));
  expect(openStore(root, { umask: 0o022 }).root).toBe(root);
});
