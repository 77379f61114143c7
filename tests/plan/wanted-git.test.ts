import { describe, expect, test } from "vitest";
import { placedSources, refuseCommitConflicts, repositoryPlaces, wantedGitPackages } from "../../src/plan/index.ts";
import { cratesIo, lockfile, sha256, sourceId, unchecked } from "./sample.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const other = "fedcba9876543210fedcba9876543210fedcba98";

function git(name: string, source: string): { name: string; version: string; source: string } {
  return { name, version: "0.1.0", source };
}

test("git packages are wanted once each, with their commit; others are not", () => {
  const first = git("one", `git+https://gitlab.com/Foo/Bar?branch=feat%2Fx#${commit}`);
  const wanted = wantedGitPackages([
    lockfile("/a/Cargo.lock", [
      first,
      git("member", `git+https://gitlab.com/Foo/Bar?branch=feat%2Fx#${commit}`),
      { name: "libc", version: "0.2.0", source: cratesIo, checksum: sha256("libc") },
      { name: "app", version: "0.1.0" },
    ]),
    lockfile("/b/Cargo.lock", [first]),
  ]);
  expect(wanted.map(({ name, wantedBy, gident }) => [name, wantedBy, gident])).toEqual([
    ["member", "/a/Cargo.lock", "Bar-c144b708552c2907"],
    ["one", "/a/Cargo.lock", "Bar-c144b708552c2907"],
  ]);
  expect(wanted[0]).toMatchObject({ commit, source: first.source });
});

test("a hostile name or version is refused before it becomes a path", () => {
  const { path, lockfile: hostile } = unchecked("/a/Cargo.lock", { name: "../x", version: "1.0.0" });
  const packages = hostile.packages.map((locked) => ({
    ...locked,
    source: sourceId(`git+https://h.example/x#${commit}`),
  }));
  expect(() => wantedGitPackages([{ path, lockfile: { ...hostile, packages } }])).toThrow(
    expect.objectContaining({ code: "plan/bad-package-id", where: "/a/Cargo.lock" }),
  );
});

test("a git package without a commit is refused", () => {
  expect(() => wantedGitPackages([lockfile("/a/Cargo.lock", [git("one", "git+https://gitlab.com/Foo/Bar")])])).toThrow(
    expect.objectContaining({
      code: "plan/no-commit",
      where: "/a/Cargo.lock",
      what: expect.stringContaining("one 0.1.0"),
    }),
  );
});

describe("two commits", () => {
  test("of one source are refused, naming both lockfiles and both commits", () => {
    const wanted = wantedGitPackages([
      lockfile("/a/Cargo.lock", [git("one", `git+https://gitlab.com/Foo/Bar?tag=v1#${commit}`)]),
      lockfile("/b/Cargo.lock", [git("one", `git+https://gitlab.com/Foo/Bar?tag=v1#${other}`)]),
    ]);
    const parts = ["Cargo.lock", commit, other, "git+https://gitlab.com/Foo/Bar?tag=v1"];
    for (const part of parts)
      expect(() => refuseCommitConflicts(wanted)).toThrow(
        expect.objectContaining({ code: "plan/git-commit-conflict", what: expect.stringContaining(part) }),
      );
  });

  test("of one repository by two references are two directory sources", () => {
    const wanted = wantedGitPackages([
      lockfile("/a/Cargo.lock", [
        git("one", `git+https://gitlab.com/Foo/Bar?tag=v1#${commit}`),
        git("one", `git+https://gitlab.com/Foo/Bar#${other}`),
      ]),
    ]);
    expect(() => refuseCommitConflicts(wanted)).not.toThrow();
    expect(placedSources([], wanted).map(({ name, directory }) => [name, directory])).toEqual([
      ["cargo-hub-git-Bar-c144b708552c2907-fedcba987654", "registry/src/Bar-c144b708552c2907/fedcba987654"],
      ["cargo-hub-git-Bar-c144b708552c2907-0123456789ab", "registry/src/Bar-c144b708552c2907/0123456789ab"],
    ]);
  });
});

test("the places of a repository at one commit", () => {
  expect(repositoryPlaces({ url: "https://gitlab.com/Foo/Bar", commit })).toEqual({
    pack: `registry/cache/Bar-c144b708552c2907/${commit}.pack`,
    sources: "registry/src/Bar-c144b708552c2907/0123456789ab",
    database: "git/db/Bar-c144b708552c2907",
  });
});
