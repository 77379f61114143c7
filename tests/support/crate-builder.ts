import { createHash } from "node:crypto";
import { packGzip, packTar, type TarEntry } from "./tar-writer.ts";

/** A dependency in a {@link CrateSpec}; a bare string is its version requirement. */
export interface DependencySpec {
  readonly version: string;
  readonly kind?: "normal" | "build" | "dev";
  readonly optional?: boolean;
  readonly defaultFeatures?: boolean;
  readonly features?: readonly string[];
  /** A target triple or a `cfg(…)` expression. */
  readonly target?: string;
  /** The real package name, when the key is another name for it. */
  readonly package?: string;
  /** Index URL of another registry; absent means the same one. */
  readonly registry?: string;
}

/** A small description of one version of a package; {@link buildCrate} makes the real files of it. */
export interface CrateSpec {
  readonly name: string;
  readonly version: string;
  readonly deps?: Readonly<Record<string, string | DependencySpec>>;
  readonly features?: Readonly<Record<string, readonly string[]>>;
  /** Path → text; replaces or joins the generated files (`src/lib.rs`, `Cargo.toml`, …). */
  readonly files?: Readonly<Record<string, string>>;
  /** TOML text that goes to the end of `[package]` (keys) or of the manifest (when it starts with `[`). */
  readonly manifestExtra?: string;
  readonly yanked?: boolean;
  /** `2024-01-02T03:04:05Z`. */
  readonly pubtime?: string;
  readonly rustVersion?: string;
  readonly links?: string;
  /** `true` for one that does nothing, or the text of build.rs. */
  readonly buildScript?: boolean | string;
  readonly procMacro?: boolean;
}

/** A crate as a registry serves it. */
export interface BuiltCrate {
  readonly name: string;
  readonly version: string;
  readonly crate: Uint8Array;
  /** SHA-256 of `crate`, lower-case hex. */
  readonly checksum: string;
  /** The line of the index, without its newline. */
  readonly line: string;
  /** Text of the files in the archive, by path below the top directory. */
  readonly files: Readonly<Record<string, string>>;
}

/** Builds the `.crate` file and the index line of `spec`, with the bytes cargo would pack; the same spec gives the same bytes. */
export function buildCrate(spec: CrateSpec): BuiltCrate {
  const files = crateFiles(spec);
  const top = `${spec.name}-${spec.version}`;
  const entries: TarEntry[] = Object.keys(files)
    .sort()
    .map((path) => ({ path: `${top}/${path}`, content: files[path] ?? "" }));
  return finish(spec, files, packGzip(packTar(entries), `${top}.crate`));
}

/** Like {@link buildCrate}, but with an archive made by the test: for hostile and damaged crates. */
export function buildCrateAround(spec: CrateSpec, crate: Uint8Array): BuiltCrate {
  return finish(spec, {}, crate);
}

function finish(spec: CrateSpec, files: Record<string, string>, crate: Uint8Array): BuiltCrate {
  const checksum = createHash("sha256").update(crate).digest("hex");
  return { name: spec.name, version: spec.version, crate, checksum, line: indexLine(spec, checksum), files };
}

function crateFiles(spec: CrateSpec): Record<string, string> {
  const generated: Record<string, string> = {
    "Cargo.toml": manifest(spec),
    "Cargo.toml.orig": `[package]\nname = "${spec.name}"\nversion = "${spec.version}"\nedition = "2021"\n`,
    "src/lib.rs": library(spec),
  };
  if (spec.buildScript !== undefined && spec.buildScript !== false) {
    generated["build.rs"] =
      typeof spec.buildScript === "string"
        ? spec.buildScript
        : 'fn main() {\n    println!("cargo:rerun-if-changed=build.rs");\n}\n';
  }
  return { ...generated, ...spec.files };
}

function library(spec: CrateSpec): string {
  const uses = dependencies(spec)
    .filter(({ spec: dep }) => (dep.kind ?? "normal") === "normal" && dep.optional !== true && dep.target === undefined)
    .map(({ key }) => `extern crate ${crateName(key)} as _;\n`);
  if (spec.procMacro === true) {
    return `${uses.join("")}use proc_macro::TokenStream;\n\n#[proc_macro]\npub fn ${crateName(spec.name)}(input: TokenStream) -> TokenStream {\n    input\n}\n`;
  }
  return `${uses.join("")}pub const PACKAGE: &str = "${spec.name} ${spec.version}";\n`;
}

function manifest(spec: CrateSpec): string {
  const extra = spec.manifestExtra ?? "";
  const inPackage = extra.trimStart().startsWith("[") ? "" : extra;
  const build = spec.buildScript === undefined || spec.buildScript === false ? "false" : '"build.rs"';
  const lines = ["[package]", 'edition = "2021"'];
  if (spec.rustVersion !== undefined) lines.push(`rust-version = "${spec.rustVersion}"`);
  lines.push(`name = "${spec.name}"`, `version = "${spec.version}"`, `build = ${build}`);
  if (spec.links !== undefined) lines.push(`links = "${spec.links}"`);
  for (const key of ["autolib", "autobins", "autoexamples", "autotests", "autobenches"]) lines.push(`${key} = false`);
  lines.push(`description = "The package ${spec.name}, made for a test"`, 'license = "MIT OR Apache-2.0"');
  if (inPackage !== "") lines.push(inPackage.trim());
  lines.push("", ...featureLines(spec), "[lib]", `name = "${crateName(spec.name)}"`, 'path = "src/lib.rs"');
  if (spec.procMacro === true) lines.push("proc-macro = true");
  lines.push("", ...dependencies(spec).flatMap(dependencyLines));
  if (inPackage === "" && extra !== "") lines.push(extra.trim(), "");
  return lines.join("\n");
}

function featureLines(spec: CrateSpec): string[] {
  const features = Object.entries(spec.features ?? {});
  if (features.length === 0) return [];
  return ["[features]", ...features.map(([name, values]) => `${name} = ${JSON.stringify(values)}`), ""];
}

function dependencyLines({ key, spec }: { key: string; spec: DependencySpec }): string[] {
  const table = { normal: "dependencies", build: "build-dependencies", dev: "dev-dependencies" }[spec.kind ?? "normal"];
  const prefix = spec.target === undefined ? "" : `target.${JSON.stringify(spec.target)}.`;
  const lines = [`[${prefix}${table}.${key}]`, `version = "${spec.version}"`];
  if (spec.package !== undefined) lines.push(`package = "${spec.package}"`);
  if (spec.registry !== undefined) lines.push(`registry-index = "${spec.registry}"`);
  if (spec.optional === true) lines.push("optional = true");
  if (spec.defaultFeatures === false) lines.push("default-features = false");
  if (spec.features !== undefined) lines.push(`features = ${JSON.stringify(spec.features)}`);
  return [...lines, ""];
}

/** The line of the index in the key order that crates.io writes. */
function indexLine(spec: CrateSpec, checksum: string): string {
  const deps = dependencies(spec).map(({ key, spec: dep }) => ({
    name: key,
    req: requirement(dep.version),
    features: dep.features ?? [],
    optional: dep.optional ?? false,
    default_features: dep.defaultFeatures ?? true,
    target: dep.target ?? null,
    kind: dep.kind ?? "normal",
    ...(dep.registry === undefined ? {} : { registry: dep.registry }),
    ...(dep.package === undefined ? {} : { package: dep.package }),
  }));
  const plain: Record<string, readonly string[]> = {};
  const newer: Record<string, readonly string[]> = {};
  for (const [name, values] of Object.entries(spec.features ?? {})) {
    const target = values.some((value) => value.startsWith("dep:") || value.includes("?/")) ? newer : plain;
    target[name] = values;
  }
  const hasNewer = Object.keys(newer).length > 0;
  return JSON.stringify({
    name: spec.name,
    vers: spec.version,
    deps,
    cksum: checksum,
    features: plain,
    ...(hasNewer ? { features2: newer } : {}),
    yanked: spec.yanked ?? false,
    ...(spec.links === undefined ? {} : { links: spec.links }),
    ...(spec.rustVersion === undefined ? {} : { rust_version: spec.rustVersion }),
    ...(spec.pubtime === undefined ? {} : { pubtime: spec.pubtime }),
    ...(hasNewer ? { v: 2 } : {}),
  });
}

function dependencies(spec: CrateSpec): { key: string; spec: DependencySpec }[] {
  return Object.entries(spec.deps ?? {}).map(([key, value]) => ({
    key,
    spec: typeof value === "string" ? { version: value } : value,
  }));
}

/** `1.2` is published as `^1.2`; other operators stay. */
function requirement(text: string): string {
  const parts = text.split(",").map((part) => part.trim());
  return parts.map((part) => (/^\d/.test(part) && !part.includes("*") ? `^${part}` : part)).join(", ");
}

function crateName(name: string): string {
  return name.replaceAll("-", "_");
}
