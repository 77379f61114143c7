import { describe, expect, test } from "vitest";
import { registryIdent } from "../../src/cargo/index.ts";
import {
  type CrateKey,
  compareWanted,
  crateKey,
  PlanError,
  packageDirectory,
  wantedCrates,
} from "../../src/plan/index.ts";
import { corp, cratesIo, lockfile, type Package, sha256, sourceId, unchecked } from "./sample.ts";

const libc: Package = { name: "libc", version: "0.2.177", source: cratesIo, checksum: sha256("libc") };
const bytes: Package = { name: "bytes", version: "1.11.0", source: cratesIo, checksum: sha256("bytes") };
const app: Package = { name: "app", version: "0.1.0" };

/** The error of planning these lockfiles. */
function refusal(...lockfiles: Parameters<typeof wantedCrates>[0]): PlanError {
  try {
    wantedCrates(lockfiles);
  } catch (error) {
    if (error instanceof PlanError) return error;
    throw error;
  }
  throw new Error("this was planned");
}

describe("what a hub must hold", () => {
  test("is every registry package, sorted, with its source, directory name and the lockfile that asked", () => {
    const wanted = wantedCrates([lockfile("/app/Cargo.lock", [app, bytes, libc])]);
    expect(wanted).toEqual(
      [bytes, libc].map((crate) => ({
        ...crate,
        sourceId: sourceId(cratesIo),
        ident: registryIdent(sourceId(cratesIo)),
        wantedBy: "/app/Cargo.lock",
      })),
    );
  });

  test("is the union of several lockfiles; the first that asks is named", () => {
    const old = { ...libc, version: "0.2.9", checksum: sha256("old") };
    const wanted = wantedCrates([
      lockfile("/a/Cargo.lock", [libc, old]),
      lockfile("/b/Cargo.lock", [bytes, libc]),
      lockfile("/c/Cargo.lock", [app]),
    ]);
    expect(wanted.map(({ name, version, wantedBy }) => [name, version, wantedBy])).toEqual([
      ["bytes", "1.11.0", "/b/Cargo.lock"],
      ["libc", "0.2.177", "/a/Cargo.lock"],
      ["libc", "0.2.9", "/a/Cargo.lock"],
    ]);
  });

  test("keeps one name and version of two sources apart, each in its own directory", () => {
    const other = { ...libc, source: corp, checksum: sha256("other") };
    const wanted = wantedCrates([lockfile("/app/Cargo.lock", [libc, other])]);
    expect(wanted.map(({ source, checksum }) => [source, checksum])).toEqual([
      [cratesIo, libc.checksum],
      [corp, other.checksum],
    ]);
    expect(new Set(wanted.map(({ ident }) => ident)).size).toBe(2);
  });

  test("is nothing without lockfiles, and nothing of path packages", () => {
    expect(wantedCrates([])).toEqual([]);
    expect(wantedCrates([lockfile("/app/Cargo.lock", [app])])).toEqual([]);
  });

  test("does not depend on the order of the lockfiles, but for who asked", () => {
    const first = lockfile("/a/Cargo.lock", [libc]);
    const second = lockfile("/b/Cargo.lock", [bytes, libc]);
    const keys = (lockfiles: (typeof first)[]): string[] => wantedCrates(lockfiles).map((crate) => crateKey(crate));
    expect(keys([first, second])).toEqual(keys([second, first]));
  });
});

describe("is refused:", () => {
  test("two lockfiles with different bytes for one crate, naming both", () => {
    const other = { ...libc, checksum: sha256("forged") };
    const error = refusal(lockfile("/a/Cargo.lock", [libc]), lockfile("/b/Cargo.lock", [other]));
    expect(error).toMatchObject({ code: "plan/checksum-conflict", where: "/b/Cargo.lock" });
    for (const part of ["/a/Cargo.lock", "libc 0.2.177", sha256("libc"), sha256("forged")])
      expect(error.what).toContain(part);
  });

  test("a registry package without a checksum", () => {
    const error = refusal(lockfile("/a/Cargo.lock", [{ name: "libc", version: "0.2.177", source: cratesIo }]));
    expect(error).toMatchObject({ code: "plan/no-checksum", where: "/a/Cargo.lock" });
    expect(error.what).toContain("libc 0.2.177");
  });

  test.each([
    ["local-registry", "local-registry+file:///srv/registry"],
    ["directory", "directory+file:///srv/vendor"],
  ])("a package from a %s source", (kind, source) => {
    const error = refusal(lockfile("/a/Cargo.lock", [{ name: "libc", version: "0.2.177", source }]));
    expect(error).toMatchObject({ code: "plan/source-unsupported", where: "/a/Cargo.lock" });
    expect(error.what).toContain(kind);
  });

  test.each([
    ["..", "1.0.0"],
    ["../../home/user/.bashrc", "1.0.0"],
    ["/etc/passwd", "1.0.0"],
    ["a/b", "1.0.0"],
    ["a\\b", "1.0.0"],
    ["a\0b", "1.0.0"],
    ["a\nb", "1.0.0"],
    ["", "1.0.0"],
    [".", "1.0.0"],
    ["-rf", "1.0.0"],
    ["a b", "1.0.0"],
    ["a", ""],
    ["a", "1"],
    ["a", "1.0.0/../../.."],
    ["a", "../1.0.0"],
    ["a", "1.0.0-../x"],
    ["a", "1.0.0\n"],
    ["a", "1.0.0+a/b"],
    ["a", "latest"],
  ])("the name %j with version %j, which would become a path", (name, version) => {
    expect(refusal(unchecked("/a/Cargo.lock", { name, version }))).toMatchObject({
      code: "plan/bad-package-id",
      where: "/a/Cargo.lock",
    });
  });
});

test.each([
  [{ name: "libc", version: "0.2.177" }, "libc-0.2.177"],
  [{ name: "a_b-c", version: "1.0.0-rc.1+build.5" }, "a_b-c-1.0.0-rc.1+build.5"],
])("the directory of %j is %s", (crate, directory) => {
  expect(packageDirectory(crate)).toBe(directory);
});

function key(name: string, version: string, source: string): CrateKey {
  return { name, version, source };
}

test("crates are sorted by name, version text and source", () => {
  const ordered = [
    key("A", "1", "a"),
    key("a", "1", "a"),
    key("a", "1", "b"),
    key("a", "10", "a"),
    key("a", "9", "a"),
    key("a-b", "1", "a"),
    key("a_b", "1", "a"),
  ];
  expect(ordered.toReversed().toSorted(compareWanted)).toEqual(ordered);
  expect(compareWanted(key("a", "1", "a"), key("a", "1", "a"))).toBe(0);
});
