import { expect, test } from "vitest";
import { parseLockfile } from "../../src/cargo/index.ts";
import { clashingPlaces, packagePlaces, unusablePlace, wantedCrates, wantedGitPackages } from "../../src/plan/index.ts";

const registry = "registry+https://github.com/rust-lang/crates.io-index";
const git = `git+https://git.example/tools?branch=main#${"a".repeat(40)}`;

function placesOf(...packages: readonly (readonly [name: string, version: string, source?: string])[]) {
  const tables = packages.map(([name, version, source = registry]) => {
    const checksum = source.startsWith("git+") ? "" : `checksum = "${"0".repeat(64)}"\n`;
    return `[[package]]\nname = "${name}"\nversion = "${version}"\nsource = "${source}"\n${checksum}`;
  });
  const lockfiles = [
    { path: "Cargo.lock", lockfile: parseLockfile(`version = 4\n\n${tables.join("\n")}`, "Cargo.lock") },
  ];
  return packagePlaces(wantedCrates(lockfiles), wantedGitPackages(lockfiles));
}

test("names and versions that differ only in case clash", () => {
  expect(clashingPlaces(placesOf(["Foo", "1.0.0"], ["foo", "1.0.0"]))?.map(({ of }) => of)).toEqual([
    `Foo 1.0.0 (${registry})`,
    `foo 1.0.0 (${registry})`,
  ]);
  expect(clashingPlaces(placesOf(["a", "1.0.0-RC.1"], ["a", "1.0.0-rc.1"]))).toHaveLength(2);
  expect(clashingPlaces(placesOf(["Tool", "0.1.0", git], ["tool", "0.1.0", git]))).toHaveLength(2);
});

test("other versions, other sources and shared index files do not clash", () => {
  const other = "sparse+https://registry.example/index/";
  expect(clashingPlaces(placesOf(["Foo", "1.0.0"], ["foo", "1.0.1"], ["foo", "1.0.0", other]))).toBeUndefined();
  expect(clashingPlaces(placesOf(["a", "1.0.0"], ["a", "2.0.0"], ["a", "1.0.0", git]))).toBeUndefined();
});

test.each([
  ["aux", registry, "device"],
  ["com1", registry, "device"],
  ["a", "sparse+http://[::1]:8080/x/", '":"'],
])("Windows can not have %s from %s", (name, source, reason) => {
  expect(unusablePlace(placesOf(["fine", "1.0.0"], [name, "1.0.0", source]))?.reason).toContain(reason);
});

test.each(["auxiliary", "con-fig", "nulls"])("Windows can have %s", (name) => {
  expect(unusablePlace(placesOf([name, "1.0.0"], ["aux", "1.0.0", git]))).toBeUndefined();
});
