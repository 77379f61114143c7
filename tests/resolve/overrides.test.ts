import { expect, test } from "vitest";
import { expectSameLock, type SceneOptions } from "./scene.ts";

const local = (name: string, version: string, more = ""): string =>
  `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2021"\n${more}`;

/** Rows end in cargo's lockfile or in a failure of both. */
const rows: Readonly<Record<string, SceneOptions & { readonly fails?: true }>> = {
  "a patch hides the version of the registry that is equal": {
    crates: [{ name: "a", version: "1.1.0" }],
    manifest: '[dependencies]\na = "1"\n[patch.crates-io]\na = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
  },
  "a patch is preferred even when it is older": {
    crates: [
      { name: "a", version: "1.2.0" },
      { name: "b", version: "1.0.0", deps: { a: "1" } },
    ],
    manifest: '[dependencies]\nb = "1"\n[patch.crates-io]\na = { path = "../a" }\n',
    files: {
      "a/Cargo.toml": local("a", "1.1.0", '[dependencies]\nc = { path = "../c" }\n'),
      "c/Cargo.toml": local("c", "0.1.0"),
    },
  },
  "a patch and the registry's package where both are needed": {
    crates: [
      { name: "a", version: "1.2.0" },
      { name: "b", version: "1.0.0", deps: { a: "1.2" } },
      { name: "c", version: "1.0.0", deps: { a: "1.1" } },
    ],
    manifest: '[dependencies]\nb = "1"\nc = "1"\n[patch.crates-io]\na = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
  },
  "patches that are not used": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest:
      '[dependencies]\na = "1"\n[patch.crates-io]\nz = { path = "../z" }\na = { path = "../a" }\ny = { path = "../y" }\n',
    files: {
      "a/Cargo.toml": local("a", "2.0.0"),
      "y/Cargo.toml": local("y", "0.1.0"),
      "z/Cargo.toml": local("z", "0.1.0"),
    },
  },
  "two patches of one name": {
    crates: [
      { name: "a", version: "1.2.0" },
      { name: "a", version: "2.2.0" },
    ],
    manifest:
      '[dependencies]\na = "1"\nb = { package = "a", version = "2" }\n' +
      '[patch.crates-io]\na = { path = "../a1" }\na2 = { package = "a", path = "../a2" }\n',
    files: { "a1/Cargo.toml": local("a", "1.3.0"), "a2/Cargo.toml": local("a", "2.0.1") },
  },
  "two patches with one version": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest:
      '[dependencies]\na = "1"\n[patch.crates-io]\na = { path = "../a1" }\nb = { package = "a", path = "../a2" }\n',
    files: { "a1/Cargo.toml": local("a", "1.3.0"), "a2/Cargo.toml": local("a", "1.3.0") },
    fails: true,
  },
  "a patch whose requirement its package does not fulfil": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest: '[dependencies]\na = "1"\n[patch.crates-io]\na = { path = "../a", version = "2" }\n',
    files: { "a/Cargo.toml": local("a", "1.3.0") },
    fails: true,
  },
  "a patch of another name": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest: '[dependencies]\na = "1"\n[patch.crates-io]\na = { path = "../b" }\n',
    files: { "b/Cargo.toml": local("b", "1.3.0") },
    fails: true,
  },
  "a patch from another registry": {
    crates: [{ name: "a", version: "1.2.0" }],
    registries: { other: [{ name: "a", version: "1.3.0" }] },
    manifest: '[dependencies]\na = "1"\n[patch.crates-io]\na = { version = "1", registry = "other" }\n',
  },
  "a patch that is several versions of another registry": {
    crates: [{ name: "a", version: "1.2.0" }],
    registries: {
      other: [
        { name: "a", version: "1.3.0" },
        { name: "a", version: "1.4.0" },
      ],
    },
    manifest: '[dependencies]\na = "1"\n[patch.crates-io]\na = { version = "1", registry = "other" }\n',
    fails: true,
  },
  "a patch of its own source": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest: '[dependencies]\na = "1"\n[patch.crates-io]\na = "1"\n',
    fails: true,
  },
  "a patch of another registry by its name and by its URL": {
    crates: [],
    registries: {
      other: [
        { name: "a", version: "1.2.0" },
        { name: "b", version: "1.0.0", deps: { a: "1" } },
      ],
    },
    manifest:
      '[dependencies]\nb = { version = "1", registry = "other" }\n' +
      '[patch."sparse+http://127.0.0.1:9/other/"]\na = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
  },
  "a patch with a feature the dependency asks for": {
    crates: [
      { name: "a", version: "1.2.0", features: { fast: [] } },
      { name: "b", version: "1.0.0", deps: { a: { version: "1", features: ["fast"] } } },
    ],
    manifest: '[dependencies]\nb = "1"\n[patch.crates-io]\na = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
  },
  "a replacement": {
    crates: [
      { name: "a", version: "1.2.0" },
      { name: "b", version: "1.0.0", deps: { a: "1" } },
      { name: "c", version: "1.0.0" },
    ],
    manifest: '[dependencies]\nb = "1"\n[replace]\n"a:1.2.0" = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.2.0", '[dependencies]\nc = "1"\n') },
  },
  "a replacement with another version": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest: '[dependencies]\na = "1"\n[replace]\n"a:1.2.0" = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
    fails: true,
  },
  "a replacement that is not used": {
    crates: [{ name: "a", version: "1.2.0" }],
    manifest: '[dependencies]\na = "1"\n[replace]\n"a:1.1.0" = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
  },
  "a path with a version it does not have": {
    manifest: '[dependencies]\na = { path = "../a", version = "2" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
    fails: true,
  },
  "a path without a package": { manifest: '[dependencies]\na = { path = "../a" }\n', fails: true },
  "a path to a package of another name": {
    manifest: '[dependencies]\na = { path = "../b" }\n',
    files: { "b/Cargo.toml": local("b", "1.1.0") },
    fails: true,
  },
  "a path with a pre-release and no version": {
    manifest: '[dependencies]\na = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0-rc.1") },
  },
  "dev-dependencies of a path dependency": {
    crates: [{ name: "d", version: "1.0.0" }],
    manifest: '[dependencies]\na = { path = "../a" }\n',
    files: { "a/Cargo.toml": local("a", "1.1.0", '[dev-dependencies]\nd = "1"\ngone = { path = "../gone" }\n') },
  },
  "a path package and a registry's package of one version": {
    crates: [
      { name: "a", version: "1.1.0" },
      { name: "b", version: "1.0.0", deps: { a: "1" } },
    ],
    manifest: '[dependencies]\na = { path = "../a" }\nb = "1"\n',
    files: { "a/Cargo.toml": local("a", "1.1.0") },
  },
  "two path packages of one name and version": {
    manifest: '[dependencies]\na = { path = "../a1" }\nb = { path = "../a2", package = "a" }\n',
    files: { "a1/Cargo.toml": local("a", "1.1.0"), "a2/Cargo.toml": local("a", "1.1.0") },
    fails: true,
  },
  "two path packages of one name": {
    manifest: '[dependencies]\na = { path = "../a1" }\nb = { path = "../a2", package = "a" }\n',
    files: { "a1/Cargo.toml": local("a", "1.1.0"), "a2/Cargo.toml": local("a", "1.2.0") },
  },
  "one package from two registries": {
    crates: [{ name: "a", version: "1.1.0" }],
    registries: { other: [{ name: "a", version: "1.1.0" }] },
    manifest: '[dependencies]\na = "1"\nb = { package = "a", version = "1", registry = "other" }\n',
  },
  "a registry whose packages need each other and crates.io's": {
    crates: [
      { name: "a", version: "1.1.0" },
      { name: "b", version: "1.0.0" },
    ],
    registries: {
      other: [
        {
          name: "c",
          version: "1.0.0",
          deps: { b: "1", d: { version: "1", registry: "https://github.com/rust-lang/crates.io-index", package: "b" } },
        },
        { name: "b", version: "1.5.0" },
      ],
    },
    manifest: '[dependencies]\nc = { version = "1", registry = "other" }\n',
  },
};

test.each(Object.entries(rows))("%s", async (_name, { fails, ...options }) => {
  const { lock } = await expectSameLock(options);
  expect(lock === undefined).toBe(fails === true);
});
