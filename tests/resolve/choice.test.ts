import { expect, test } from "vitest";
import { buildCrate, type CrateSpec } from "../support/crate-builder.ts";
import { expectSameLock, type SceneCrate, type SceneOptions } from "./scene.ts";

/** Versions of one package without dependencies. */
function versions(name: string, ...list: readonly string[]): CrateSpec[] {
  return list.map((version) => ({ name, version }));
}

/** A line of the index with one text in it replaced. */
function edited(spec: CrateSpec, from: string, to: string): SceneCrate {
  const { line } = buildCrate(spec);
  expect(line).toContain(from);
  return { name: spec.name, line: line.replace(from, to) };
}

const rows: Readonly<Record<string, SceneOptions & { readonly locked?: readonly string[] }>> = {
  "the greatest version that matches": {
    crates: versions("a", "1.0.0", "1.10.0", "1.9.0", "2.0.0"),
    manifest: '[dependencies]\na = "1"\n',
    locked: ["a 1.10.0"],
  },
  "a pre-release only when it is asked for": {
    crates: [...versions("a", "1.0.0", "1.1.0-beta.2"), ...versions("b", "1.0.0", "1.1.0-beta.11", "1.1.0-beta.2")],
    manifest: '[dependencies]\na = "1"\nb = "1.1.0-beta"\n',
    locked: ["a 1.0.0", "b 1.1.0-beta.11"],
  },
  "the greatest build metadata": {
    crates: versions("a", "1.0.0+b", "1.0.0", "1.0.0+11", "1.0.0+2"),
    manifest: '[dependencies]\na = "=1.0.0+2"\n',
    locked: ["a 1.0.0+b"],
  },
  "no yanked version": {
    crates: [...versions("a", "1.0.0"), { name: "a", version: "1.1.0", yanked: true }],
    manifest: '[dependencies]\na = "1"\n',
    locked: ["a 1.0.0"],
  },
  "nothing when all versions are yanked": {
    crates: [{ name: "a", version: "1.1.0", yanked: true }],
    manifest: '[dependencies]\na = "1"\n',
  },
  "two versions that are not compatible": {
    crates: [...versions("a", "0.1.5", "0.2.1", "1.0.0"), { name: "b", version: "1.0.0", deps: { a: "0.1" } }],
    manifest: '[dependencies]\na = "1"\nb = "1"\n',
    locked: ["a 0.1.5", "a 1.0.0", "b 1.0.0"],
  },
  "an older version because another package needs it": {
    crates: [...versions("a", "1.0.0", "1.1.0"), { name: "b", version: "1.0.0", deps: { a: "=1.0.0" } }],
    manifest: '[dependencies]\na = "1"\nb = "1"\n',
    locked: ["a 1.0.0", "b 1.0.0"],
  },
  "nothing when two packages need different compatible versions": {
    crates: [
      ...versions("a", "1.0.0", "1.1.0"),
      { name: "b", version: "1.0.0", deps: { a: "=1.0.0" } },
      { name: "c", version: "1.0.0", deps: { a: "=1.1.0" } },
    ],
    manifest: '[dependencies]\nb = "1"\nc = "1"\n',
  },
  "an older version of whoever asks too much": {
    crates: [
      ...versions("a", "1.0.0", "1.1.0"),
      { name: "b", version: "1.0.0", deps: { a: "=1.0.0" } },
      { name: "c", version: "1.0.0", deps: { a: "1" } },
      { name: "c", version: "1.1.0", deps: { a: "=1.1.0" } },
    ],
    manifest: '[dependencies]\nb = "1"\nc = "1"\n',
    locked: ["a 1.0.0", "b 1.0.0", "c 1.0.0"],
  },
  "one owner of a native library": {
    crates: [
      { name: "z-sys", version: "1.0.0", links: "z", buildScript: true },
      { name: "z-sys", version: "2.0.0", links: "z", buildScript: true },
      { name: "b", version: "1.0.0", deps: { "z-sys": "1" } },
      { name: "b", version: "1.1.0", deps: { "z-sys": "2" } },
      { name: "c", version: "1.0.0", deps: { "z-sys": "1" } },
    ],
    manifest: '[dependencies]\nb = "1"\nc = "1"\n',
    locked: ["b 1.0.0", "c 1.0.0", "z-sys 1.0.0"],
  },
  "nothing for two owners of a native library": {
    crates: [
      { name: "z-sys", version: "1.0.0", links: "z", buildScript: true },
      { name: "y-sys", version: "1.0.0", links: "z", buildScript: true },
    ],
    manifest: '[dependencies]\nz-sys = "1"\ny-sys = "1"\n',
  },
  "a dependency that only a weak feature names": {
    crates: [
      ...versions("a", "1.0.0"),
      {
        name: "b",
        version: "1.0.0",
        deps: { a: { version: "1", optional: true } },
        features: { std: ["a?/std"], a: ["dep:a"] },
      },
      { name: "a", version: "1.1.0", features: { std: [] } },
    ],
    manifest: '[dependencies]\nb = { version = "1", features = ["std"] }\n',
    locked: ["a 1.1.0", "b 1.0.0"],
  },
  "optional dependencies only when a feature reaches them": {
    crates: [
      ...versions("a", "1.0.0"),
      ...versions("d", "1.0.0"),
      ...versions("e", "1.0.0"),
      {
        name: "b",
        version: "1.0.0",
        deps: {
          a: { version: "1", optional: true },
          d: { version: "1", optional: true },
          e: { version: "1", optional: true },
        },
        features: { default: ["a"], more: ["dep:d", "e"] },
      },
    ],
    manifest: '[dependencies]\nb = { version = "1", default-features = false }\n',
    locked: ["b 1.0.0"],
  },
  "an older version because the newest lacks a feature": {
    crates: [
      { name: "a", version: "1.0.0", features: { fast: [] } },
      { name: "a", version: "1.1.0" },
    ],
    manifest: '[dependencies]\na = { version = "1", features = ["fast"] }\n',
    locked: ["a 1.0.0"],
  },
  "nothing when no version has the feature": {
    crates: versions("a", "1.0.0", "1.1.0"),
    manifest: '[dependencies]\na = { version = "1", features = ["fast"] }\n',
  },
  "dev-dependencies of members, not of others": {
    crates: [
      ...versions("a", "1.0.0"),
      ...versions("d", "1.0.0"),
      { name: "b", version: "1.0.0", deps: { d: { version: "1", kind: "dev" } } },
    ],
    manifest: '[dependencies]\nb = "1"\n[dev-dependencies]\na = "1"\n',
    locked: ["a 1.0.0", "b 1.0.0"],
  },
  "dependencies of every platform": {
    crates: versions("a", "1.0.0"),
    manifest: "[target.'cfg(windows)'.build-dependencies]\na = \"1\"\n",
    locked: ["a 1.0.0"],
  },
  "a renamed package twice": {
    crates: versions("a", "1.0.0", "2.0.0"),
    manifest: '[dependencies]\none = { package = "a", version = "1" }\na = "2"\n',
    locked: ["a 1.0.0", "a 2.0.0"],
  },
  "a name in its own letter case": {
    crates: [{ name: "Zed", version: "1.0.0" }],
    manifest: '[dependencies]\nZed = "1"\n',
    locked: ["Zed 1.0.0"],
  },
  "nothing for a name in another letter case": {
    crates: [{ name: "Zed", version: "1.0.0" }],
    manifest: '[dependencies]\nzed = "1"\n',
  },
  "the line that comes last for one version": {
    crates: [
      ...versions("a", "1.0.0", "1.1.0"),
      { name: "a", version: "1.1.0", yanked: true },
      ...versions("b", "1.0.0", "1.1.0"),
      { name: "b", line: '{"name":"b","vers":"1.1.0" broken' },
    ],
    manifest: '[dependencies]\na = "1"\nb = "1"\n',
    locked: ["a 1.0.0", "b 1.1.0"],
  },
  "no line that cargo calls invalid": {
    crates: [
      ...versions("a", "1.0.0"),
      edited({ name: "a", version: "1.1.0", features: { x: ["x1"], x1: [] } }, '"x1":[]', '"x2":[]'),
      edited({ name: "a", version: "1.2.0", deps: { b: "1" } }, '"^1"', '"^a"'),
      edited({ name: "a", version: "1.3.0", deps: { b: "1" } }, '"target":null', '"target":"cfg(unix"'),
      { name: "a", line: buildCrate({ name: "a", version: "1.4.0" }).line.replace(/\}$/, ',"v":3}') },
      { name: "a", line: '{"name":"a","vers":"1.5.0"}' },
      { name: "a", line: "not JSON at all" },
    ],
    manifest: '[dependencies]\na = "1"\n',
    locked: ["a 1.0.0"],
  },
  "what works with the Rust version of the package": {
    crates: [
      { name: "a", version: "1.0.0", rustVersion: "1.60" },
      { name: "a", version: "1.1.0", rustVersion: "1.70" },
      { name: "b", version: "1.0.0", rustVersion: "1.90" },
      { name: "c", version: "1.0.0" },
      { name: "c", version: "1.1.0", rustVersion: "1.66.1" },
    ],
    manifest: 'rust-version = "1.66"\nresolver = "3"\n[dependencies]\na = "1"\nb = "1"\nc = "1"\n',
    locked: ["a 1.0.0", "b 1.0.0", "c 1.0.0"],
  },
  "the newest with resolver 2, whatever the Rust version": {
    crates: [
      { name: "a", version: "1.0.0", rustVersion: "1.60" },
      { name: "a", version: "1.1.0", rustVersion: "1.70" },
    ],
    manifest: 'rust-version = "1.66"\n[dependencies]\na = "1"\n',
    locked: ["a 1.1.0"],
  },
  "what works with rustc when no member says its Rust version": {
    crates: [
      { name: "a", version: "1.0.0", rustVersion: "1.60" },
      { name: "a", version: "1.1.0", rustVersion: "1.999" },
    ],
    manifest: 'resolver = "3"\n[dependencies]\na = "1"\n',
    locked: ["a 1.0.0"],
  },
  "nothing for a name that does not exist": { manifest: '[dependencies]\na = "1"\n' },
  "nothing for packages that need each other": {
    crates: [
      { name: "a", version: "1.0.0", deps: { b: "1" } },
      { name: "b", version: "1.0.0", deps: { a: "1" } },
    ],
    manifest: '[dependencies]\na = "1"\n',
  },
  "packages that need each other for tests only": {
    crates: [
      { name: "a", version: "1.0.0", deps: { b: "1" } },
      { name: "b", version: "1.0.0", deps: { a: { version: "1", kind: "dev" } } },
    ],
    manifest: '[dependencies]\na = "1"\n',
    locked: ["a 1.0.0", "b 1.0.0"],
  },
  "a package that is its own dev-dependency": {
    manifest: '[dev-dependencies]\napp = { path = "." }\n',
    locked: [],
  },
  "nothing for a feature that includes itself": {
    crates: [{ name: "a", version: "1.0.0", features: { x: ["x"] } }],
    manifest: '[dependencies]\na = { version = "1", features = ["x"] }\n',
  },
};

/** `name version` of each package of a lockfile, without the project itself. */
function lockedPackages(lock: string): readonly string[] {
  return [...lock.matchAll(/^name = "(.*)"\nversion = "(.*)"$/gm)]
    .map(([, name, version]) => `${name} ${version}`)
    .filter((id) => !id.startsWith("app "));
}

test.each(Object.entries(rows))("%s", async (_name, { locked, ...options }) => {
  const { lock } = await expectSameLock(options);
  expect(lock === undefined ? undefined : lockedPackages(lock)).toEqual(locked);
});
