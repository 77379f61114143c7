import { assert, constantFrom, gen, property } from "fast-check";
import { expect, test } from "vitest";
import { formatLockfile, type Lockfile, lockedDependencies, parseLockfile } from "../../src/cargo/index.ts";
import { fixture, projectLockfiles, recordedLockfiles } from "./lockfile-fixtures.ts";

test.each(recordedLockfiles())("$name is written back as cargo wrote it", ({ name, text }) => {
  expect(formatLockfile(parseLockfile(text, name))).toBe(text);
});

test.each(projectLockfiles())("the lockfile of $name is written back as cargo wrote it", ({ name, text }) => {
  expect(formatLockfile(parseLockfile(text, name))).toBe(text);
});

test.each([...recordedLockfiles(), ...projectLockfiles()])(
  "every dependency of $name leads to a package of that name",
  ({ name, text }) => {
    const lock = parseLockfile(text, name);
    const edges = lockedDependencies(lock, name);
    expect(edges.map((indices) => indices.map((index) => lock.packages[index]?.name))).toEqual(
      lock.packages.map(({ dependencies }) => dependencies.map((dependency) => dependency.name)),
    );
  },
);

test.each(recordedLockfiles())("$name means the same when the whole TOML reader reads it", ({ name, text }) => {
  const canonical = parseLockfile(text, name);
  expect(parseLockfile(`${text}\n[unknown]\n`, name)).toEqual(canonical);
});

const onOneLine = recordedLockfiles().filter(({ text }) => !/["']{3}\n/.test(text));

test.each(onOneLine)("$name means the same with CRLF line ends", ({ name, text }) => {
  const lines = text.split("\n").join("\r\n");
  expect(formatLockfile(parseLockfile(lines, name))).toBe(text);
});

test("the order of packages and dependencies does not matter to the text", () => {
  const names = [
    "sources-v1.lock",
    "sources-v2.lock",
    "sources-v3.lock",
    "sources-v4.lock",
    "replace-v4.lock",
    "ripgrep-v4.lock",
  ];
  assert(
    property(constantFrom(...names), gen(), (name, generate) => {
      const text = fixture(name);
      const lock = parseLockfile(text, name);
      const shuffle = <T>(items: readonly T[]): T[] =>
        items
          .map((item) => ({ item, key: generate(() => constantFrom(...Array(64).keys())) }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
      const packages = shuffle(lock.packages).map((entry) => ({ ...entry, dependencies: shuffle(entry.dependencies) }));
      expect(formatLockfile({ ...lock, packages })).toBe(text);
    }),
  );
});

test("dependencies given in full are written as short as the file allows", () => {
  for (const name of ["sources-v2.lock", "sources-v3.lock", "sources-v4.lock"]) {
    const text = fixture(name);
    expect(formatLockfile(withFullDependencies(parseLockfile(text, name)))).toBe(text);
  }
});

test("a dependency written twice is one dependency", () => {
  const text = fixture("ripgrep-v4.lock");
  const lock = parseLockfile(text, "Cargo.lock");
  const packages = lock.packages.map((entry) => ({
    ...entry,
    dependencies: [...entry.dependencies, ...entry.dependencies],
  }));
  expect(formatLockfile({ ...lock, packages })).toBe(text);
});

test("one graph goes through every version of the format and comes back", () => {
  const text = fixture("sources-v2.lock");
  const lock = parseLockfile(text, "Cargo.lock");
  for (const version of [1, 2, 3, 4] as const) {
    const other = parseLockfile(formatLockfile({ ...lock, version }), "Cargo.lock");
    expect(other.version).toBe(version);
    expect(formatLockfile({ ...other, version: 2 })).toBe(text);
  }
});

test("versions 1 and 2 cannot hold one package from the default branch and from master, and say so", () => {
  const lock = parseLockfile(fixture("sources-v4.lock"), "Cargo.lock");
  for (const version of [1, 2] as const) {
    expect(() => formatLockfile({ ...lock, version })).toThrowError(
      expect.objectContaining({ code: "cargo/lockfile-collision" }),
    );
  }
});

/** Every dependency with its version and source. */
function withFullDependencies(lock: Lockfile): Lockfile {
  const edges = lockedDependencies(lock, "Cargo.lock");
  return {
    ...lock,
    packages: lock.packages.map((entry, index) => ({
      ...entry,
      dependencies: (edges[index] ?? []).flatMap((target) => {
        const found = lock.packages[target];
        if (found === undefined) return [];
        const source = found.source === undefined ? undefined : { ...found.source, precise: undefined };
        return { name: found.name, version: found.version, source };
      }),
    })),
  };
}
