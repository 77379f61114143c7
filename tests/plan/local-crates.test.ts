import { expect, test } from "vitest";
import { PlanError, type WantedCrate, wantedCrates, withLocalCrates } from "../../src/plan/index.ts";
import { cratesIo, lockfile, sha256 } from "./sample.ts";

/** Crates as a lockfile at `path` wants them: the text `bytes` stands for the content. */
function wanted(path: string, ...crates: readonly (readonly [name: string, bytes: string])[]): readonly WantedCrate[] {
  const packages = crates.map(([name, bytes]) => ({
    name,
    version: "1.0.0",
    source: cratesIo,
    checksum: sha256(bytes),
  }));
  return wantedCrates([lockfile(path, packages)]);
}

test("local crates join those of the lockfiles in one order", () => {
  const all = withLocalCrates(wanted("Cargo.lock", ["b", "b"], ["d", "d"]), wanted("here", ["c", "c"], ["a", "a"]));
  expect(all.map(({ name, wantedBy }) => `${name} ${wantedBy}`)).toEqual([
    "a here",
    "b Cargo.lock",
    "c here",
    "d Cargo.lock",
  ]);
});

test("a local crate that a lockfile names with its checksum stays the lockfile's", () => {
  const locked = wanted("Cargo.lock", ["a", "a"]);
  expect(withLocalCrates(locked, wanted("here", ["a", "a"]))).toEqual(locked);
  expect(withLocalCrates(locked, [])).toBe(locked);
});

test.each([
  ["a lockfile", wanted("Cargo.lock", ["a", "a"]), wanted("here", ["a", "other"])],
  ["another file", [], [...wanted("there", ["a", "a"]), ...wanted("here", ["a", "other"])]],
])("a local crate with other bytes than %s says is refused", (_name, locked, local) => {
  let found: unknown;
  try {
    withLocalCrates(locked, local);
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(PlanError);
  expect(found).toMatchObject({ code: "plan/with-checksum", where: "here" });
});
