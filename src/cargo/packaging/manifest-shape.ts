import {
  isTomlTreeTable,
  parseTomlTree,
  type TomlTable,
  type TomlTree,
  type TomlTreeTable,
  tomlTree,
} from "../../toml/index.ts";
import type { ManifestDocument } from "../manifest-table.ts";
import { fits } from "./fits.ts";
import { PROFILES } from "./profile-shape.ts";
import { type Shape, shapedRecord } from "./shape.ts";

const text: Shape = { is: "string" };
const yesOrNo: Shape = { is: "boolean" };
const texts: Shape = { is: "list", of: text };
const anything: Shape = { is: "anything" };
const textOrTexts: Shape = {
  is: "made",
  of: { is: "one-of", options: [text, texts] },
  to: (value) => (typeof value === "string" ? [value] : value),
};

function record(keys: Readonly<Record<string, Shape>>): Shape & { is: "record" } {
  return { is: "record", keys: new Map(Object.entries(keys)) };
}

function oneOf(...options: readonly Shape[]): Shape {
  return { is: "one-of", options };
}

function mapOf(of: Shape): Shape {
  return { is: "map", of };
}

const fromWorkspace = record({ workspace: yesOrNo });

/** A field that may also say `workspace = true`. */
function inheritable(shape: Shape): Shape {
  return oneOf(shape, fromWorkspace);
}

const trimmed: Shape = { is: "made", of: text, to: (value) => (typeof value === "string" ? value.trim() : undefined) };
const badges = mapOf(mapOf(text));

/** `[package]`, whose order the inherited fields keep as well. */
export const packageShape = record({
  edition: inheritable(text),
  "rust-version": inheritable(text),
  name: text,
  version: inheritable(trimmed),
  authors: inheritable(texts),
  build: oneOf(yesOrNo, text, texts),
  metabuild: textOrTexts,
  "default-target": text,
  "forced-target": text,
  links: text,
  exclude: inheritable(texts),
  include: inheritable(texts),
  publish: inheritable(oneOf(yesOrNo, texts)),
  workspace: text,
  "im-a-teapot": yesOrNo,
  autolib: yesOrNo,
  autobins: yesOrNo,
  autoexamples: yesOrNo,
  autotests: yesOrNo,
  autobenches: yesOrNo,
  "default-run": text,
  description: inheritable(text),
  homepage: inheritable(text),
  documentation: inheritable(text),
  readme: inheritable(oneOf(yesOrNo, text)),
  keywords: inheritable(texts),
  categories: inheritable(texts),
  license: inheritable(text),
  "license-file": inheritable(text),
  repository: inheritable(text),
  resolver: text,
  metadata: anything,
});

const workspacePackage = record({
  version: trimmed,
  authors: texts,
  description: text,
  homepage: text,
  documentation: text,
  readme: oneOf(yesOrNo, text),
  keywords: texts,
  categories: texts,
  license: text,
  "license-file": text,
  repository: text,
  publish: oneOf(yesOrNo, texts),
  edition: text,
  badges,
  exclude: texts,
  include: texts,
  "rust-version": text,
});

const target = record({
  name: text,
  "crate-type": texts,
  crate_type: texts,
  path: text,
  filename: text,
  test: yesOrNo,
  doctest: yesOrNo,
  bench: yesOrNo,
  doc: yesOrNo,
  "doc-scrape-examples": yesOrNo,
  "proc-macro": yesOrNo,
  proc_macro: yesOrNo,
  harness: yesOrNo,
  "required-features": texts,
  edition: text,
});
const targets: Shape = { is: "list", of: target };

/** Keys of a dependency in the order in which cargo writes them; `workspace` only until it is resolved. */
const dependencyKeys = {
  version: text,
  registry: text,
  "registry-index": text,
  path: text,
  base: text,
  git: text,
  branch: text,
  tag: text,
  rev: text,
  features: texts,
  optional: yesOrNo,
  "default-features": yesOrNo,
  default_features: yesOrNo,
  package: text,
  public: yesOrNo,
  artifact: textOrTexts,
  lib: yesOrNo,
  target: text,
};
const ownDependencies = mapOf(oneOf(text, record(dependencyKeys)));
const dependencies = mapOf(oneOf(text, record({ workspace: yesOrNo, ...dependencyKeys })));
const dependencyTables = {
  dependencies,
  "build-dependencies": dependencies,
  build_dependencies: dependencies,
  "dev-dependencies": dependencies,
  dev_dependencies: dependencies,
};

const LINT_LEVELS: readonly TomlTree[] = ["forbid", "deny", "warn", "allow"];
const lintLevel: Shape = {
  is: "made",
  of: text,
  to: (value) => (LINT_LEVELS.includes(value) ? value : undefined),
};
const lintTable: Shape = {
  is: "made",
  of: { ...record({ level: lintLevel, priority: { is: "integer" } }), keepsOthers: true },
  to: withPriority,
};
const lints = mapOf(mapOf(oneOf(lintLevel, lintTable)));

/** A lint's table always has a level; cargo writes the priority even when it was not written. */
function withPriority(lint: TomlTree): TomlTree | undefined {
  if (!isTomlTreeTable(lint) || !lint.has("level")) return undefined;
  const { level, priority = 0n, ...others } = Object.fromEntries(lint);
  return level === undefined ? undefined : new Map(Object.entries({ level, priority, ...others }));
}

const workspace = record({
  members: texts,
  exclude: texts,
  "default-members": texts,
  resolver: text,
  metadata: anything,
  package: workspacePackage,
  dependencies: ownDependencies,
  lints,
});

/** A whole manifest: what cargo 1.95 reads, in the order in which it writes. */
const manifest = record({
  "cargo-features": texts,
  package: packageShape,
  project: packageShape,
  badges,
  features: mapOf(texts),
  lib: target,
  bin: targets,
  example: targets,
  test: targets,
  bench: targets,
  dependencies,
  "dev-dependencies": dependencies,
  dev_dependencies: dependencies,
  "build-dependencies": dependencies,
  build_dependencies: dependencies,
  target: mapOf(record(dependencyTables)),
  lints: mapOf(oneOf(yesOrNo, mapOf(oneOf(lintLevel, lintTable)))),
  hints: record({ "mostly-unused": anything }),
  workspace,
  profile: PROFILES,
  patch: mapOf(ownDependencies),
  replace: ownDependencies,
});

/**
 * Reads a manifest the way cargo does before it interprets it.
 *
 * @param at Where the text stands, for error messages: a path.
 * @throws {TomlError} `toml/syntax`.
 * @throws {ManifestError} `cargo/manifest-invalid` for a value of the wrong kind.
 */
export function readManifestTree(text: string, at: string): TomlTreeTable {
  return shapedManifest(parseTomlTree(text, at), { text, at });
}

/**
 * Checks what `parseExact` has read as {@link readManifestTree} does. One that is as it should be is only looked at, which is several
 * times faster than building it anew.
 *
 * @throws {ManifestError} `cargo/manifest-invalid` for a value of the wrong kind.
 */
export function checkManifest(values: TomlTable, document: ManifestDocument): void {
  if (!fits(values, manifest)) shapedManifest(tomlTree(values), document);
}

function shapedManifest(tree: TomlTreeTable, document: ManifestDocument): TomlTreeTable {
  return shapedRecord(tree, manifest, { document, path: [] });
}
