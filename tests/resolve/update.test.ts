import { expect, test } from "vitest";
import { parsePackageIdSpec } from "../../src/cargo/index.ts";
import type { Update } from "../../src/resolve/index.ts";
import type { CrateSpec } from "../support/crate-builder.ts";
import { compareNew, compareUpdate, rewriteManifest, type SceneCrate, type SceneOptions, scene } from "./scene.ts";

/** `cargo update` with the words of its command line. */
interface UpdateRun {
  readonly args: readonly string[];
  readonly update: Update;
}

function packages(...names: readonly string[]): UpdateRun {
  const specs = names.map(parsePackageIdSpec);
  return { args: ["update", ...names], update: { kind: "packages", specs, recursive: false } };
}

function recursive(...names: readonly string[]): UpdateRun {
  const specs = names.map(parsePackageIdSpec);
  return { args: ["update", "--recursive", ...names], update: { kind: "packages", specs, recursive: true } };
}

function precise(name: string, to: string): UpdateRun {
  return {
    args: ["update", name, "--precise", to],
    update: { kind: "precise", spec: parsePackageIdSpec(name), to },
  };
}

const workspace: UpdateRun = { args: ["update", "--workspace"], update: { kind: "nothing" } };
const everything: UpdateRun = { args: ["update"], update: { kind: "everything" } };
/** Any command that resolves on its way. */
const implicit: UpdateRun = { args: ["metadata", "--format-version=1"], update: { kind: "nothing" } };

interface Row extends SceneOptions {
  /** What the registry has later. */
  readonly later?: readonly SceneCrate[];
  readonly edit?: (manifest: string) => string;
  readonly run: UpdateRun;
}

/** `a` needs `b`, `b` needs `c`; everything has a newer version later. */
const chain: readonly CrateSpec[] = [
  { name: "a", version: "1.0.0", deps: { b: "1" } },
  { name: "b", version: "1.0.0", deps: { c: "1" } },
  { name: "c", version: "1.0.0" },
  { name: "d", version: "1.0.0" },
];
const newerChain: readonly CrateSpec[] = [
  ...chain,
  { name: "a", version: "1.1.0", deps: { b: "1" } },
  { name: "b", version: "1.1.0", deps: { c: "1" } },
  { name: "c", version: "1.1.0" },
  { name: "d", version: "1.1.0" },
];
const chained = { crates: chain, later: newerChain, manifest: '[dependencies]\na = "1"\nd = "1"\n' };

const rows: Readonly<Record<string, Row>> = {
  "an implicit resolution keeps all": { ...chained, run: implicit },
  "--workspace keeps all": { ...chained, run: workspace },
  "no name brings everything up to date": { ...chained, run: everything },
  "one name": { ...chained, run: packages("a") },
  "two names": { ...chained, run: packages("a", "c") },
  "a name with its dependencies": { ...chained, run: recursive("b") },
  "a name that needs a newer dependency": {
    ...chained,
    later: [...newerChain, { name: "a", version: "1.2.0", deps: { b: "1.1" } }],
    run: packages("a"),
  },
  "a package that keeps another one back": {
    ...chained,
    later: [...newerChain, { name: "a", version: "1.2.0", deps: { d: "=1.1.0" } }],
    run: packages("a"),
  },
  "a yanked version that is locked": {
    ...chained,
    later: [{ ...chain[0], name: "a", version: "1.0.0", yanked: true }, ...newerChain.slice(1)],
    run: workspace,
  },
  "a yanked version that is updated": {
    ...chained,
    later: [{ ...chain[0], name: "a", version: "1.0.0", yanked: true }, ...newerChain.slice(1)],
    run: packages("a"),
  },
  "a yanked version below what is updated": {
    ...chained,
    later: newerChain.map((crate) =>
      crate.name === "c" && crate.version === "1.0.0" ? { ...crate, yanked: true } : crate,
    ),
    run: packages("b"),
  },
  "a version that is gone": { ...chained, later: newerChain.slice(1), run: workspace },
  "a new dependency": { ...chained, edit: (text) => `${text}c = "1"\n`, run: implicit },
  "a new dependency that the lockfile does not have": {
    ...chained,
    later: [...newerChain, { name: "e", version: "1.0.0", deps: { c: "1" } }],
    edit: (text) => `${text}e = "1"\n`,
    run: workspace,
  },
  "a new requirement": { ...chained, edit: (text) => text.replace('d = "1"', 'd = "1.1"'), run: implicit },
  "a dependency that is gone": { ...chained, edit: (text) => text.replace('a = "1"\n', ""), run: implicit },
  "an exact version": { ...chained, run: precise("d", "1.1.0") },
  "an older exact version": {
    crates: newerChain,
    manifest: '[dependencies]\na = "1"\nd = "1"\n',
    run: precise("c", "1.0.0"),
  },
  "an exact version that is yanked": {
    ...chained,
    later: [...chain, { name: "d", version: "1.2.0", yanked: true }],
    run: precise("d", "1.2.0"),
  },
  "an exact version that does not exist": { ...chained, run: precise("d", "1.7.0") },
  "an exact version that the manifest does not allow": {
    ...chained,
    later: [...newerChain, { name: "d", version: "2.0.0" }],
    run: precise("d", "2.0.0"),
  },
  "an exact text that is no version": { ...chained, run: precise("d", "newest") },
  "an exact version with build metadata": {
    ...chained,
    later: [...newerChain, { name: "d", version: "1.2.0+a" }, { name: "d", version: "1.2.0+b" }],
    run: precise("d", "1.2.0+a"),
  },
  "an exact version without build metadata": {
    ...chained,
    later: [...newerChain, { name: "d", version: "1.2.0+a" }, { name: "d", version: "1.2.0+b" }],
    run: precise("d", "1.2.0"),
  },
  "a locked build that is not the greatest": {
    crates: [{ name: "d", version: "1.0.0+a" }],
    later: [
      { name: "d", version: "1.0.0+a" },
      { name: "d", version: "1.0.0+b" },
    ],
    manifest: '[dependencies]\nd = "1"\n',
    run: workspace,
  },
  "a name that is not in the lockfile": { ...chained, run: packages("z") },
  "a name with a version": { ...chained, run: packages("d@1.0") },
  "a name with a version that is not there": { ...chained, run: packages("d@2") },
  "a name that means two packages": {
    crates: [
      { name: "a", version: "1.0.0" },
      { name: "a", version: "2.0.0" },
    ],
    manifest: '[dependencies]\na = "1"\nb = { package = "a", version = "2" }\n',
    run: packages("a"),
  },
  "a package by its source": {
    ...chained,
    run: packages("https://github.com/rust-lang/crates.io-index#d"),
  },
  "the project itself": { ...chained, run: recursive("app") },
  "a member's new version": {
    ...chained,
    edit: (text) => text.replace('version = "0.1.0"', 'version = "0.2.0"'),
    run: implicit,
  },
  "a path dependency's new version": {
    crates: [],
    manifest: '[dependencies]\nnear = { path = "../near" }\n',
    files: { "near/Cargo.toml": '[package]\nname = "near"\nversion = "0.1.0"\n' },
    run: implicit,
  },
  "a preference that Rust versions do not overrule": {
    crates: [{ name: "d", version: "1.1.0", rustVersion: "1.80" }],
    later: [
      { name: "d", version: "1.0.0", rustVersion: "1.50" },
      { name: "d", version: "1.1.0", rustVersion: "1.80" },
      { name: "d", version: "1.2.0", rustVersion: "1.50" },
      { name: "e", version: "1.0.0" },
    ],
    manifest: 'rust-version = "1.60"\nresolver = "3"\n[dependencies]\nd = "1"\n',
    edit: (text) => `${text}e = "1"\n`,
    run: workspace,
  },
};

const failing: ReadonlySet<string> = new Set([
  "a version that is gone",
  "an exact version that does not exist",
  "an exact version that the manifest does not allow",
  "an exact text that is no version",
  "a name that is not in the lockfile",
  "a name with a version that is not there",
  "a name that means two packages",
]);

test.each(Object.entries(rows))("%s", async (name, { later, edit, run, ...options }) => {
  const built = scene(options);
  try {
    const { lock } = await compareNew(built);
    expect(lock).toBeDefined();
    if (later !== undefined) built.publish(later);
    if (edit !== undefined) rewriteManifest(built, edit);
    const updated = await compareUpdate(built, run.args, run.update);
    expect(updated.lock === undefined).toBe(failing.has(name));
  } finally {
    built.remove();
  }
});
