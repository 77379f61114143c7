import { readFileSync } from "node:fs";
import { join } from "node:path";
import { indexPath } from "../../../src/cargo/index.ts";
import { buildCrate, type CrateSpec } from "../../support/crate-builder.ts";
import { makeRepository } from "../../support/git-repository.ts";
import { type CargoWorld, cargoWorld } from "../cargo-world.ts";

/** One edit: the files of a project, and what cargo is asked to do there. */
export interface EditRow {
  readonly name: string;
  /** Path below `app` → text. Packages get an empty src/lib.rs. */
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Packages of `[patch]` that nothing uses after the edit, as `name version source-URL`. */
  readonly unusedPatches?: readonly string[];
}

/** What an edit did: how it ended, what was said, and the manifests that are no longer what they were. */
export interface EditResult {
  readonly ok: boolean;
  readonly said: string;
  readonly manifests: Readonly<Record<string, string>>;
}

/** How a world's own directory is written in rows and results. */
export const TOP = "/w";

const features = (count: number): Record<string, readonly string[]> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${String(index).padStart(2, "0")}`, []]));

/** What stands for crates.io. */
export const CRATES: readonly CrateSpec[] = [
  { name: "aaa", version: "0.1.0" },
  { name: "anyhow", version: "1.0.98", features: { default: ["std"], std: [] } },
  { name: "build-meta", version: "0.5.0+1.2.3" },
  { name: "libc", version: "0.2.170", features: { default: ["std"], std: [], extra_traits: [], align: [] } },
  { name: "log", version: "0.4.27", features: { std: [], kv: [], max_level_off: [] } },
  { name: "msrv", version: "1.0.0", rustVersion: "1.56" },
  { name: "msrv", version: "1.1.0", rustVersion: "1.70.1" },
  { name: "msrv", version: "2.0.0", rustVersion: "1.999" },
  { name: "my-hyphen", version: "1.4.2", features: { fast: [] } },
  { name: "no-features", version: "0.1.0" },
  { name: "many", version: "1.0.0", features: { default: ["f01", "f02"], ...features(40) } },
  { name: "thirty", version: "1.0.0", features: features(30) },
  { name: "pre-later", version: "1.2.0" },
  { name: "pre-later", version: "2.0.0-beta.1" },
  { name: "pre-only", version: "1.0.0-alpha.1" },
  { name: "pre-only", version: "1.0.0-alpha.2" },
  { name: "rand", version: "0.8.5", features: { default: ["std"], std: [], small_rng: [] } },
  { name: "rand", version: "0.9.1", features: { default: ["std"], std: [], small_rng: [], os_rng: [] } },
  { name: "serde", version: "1.0.100", features: { default: ["std"], std: [], alloc: [], rc: [] } },
  {
    name: "serde",
    version: "1.0.219",
    deps: { serde_derive: { version: "1", optional: true } },
    features: { default: ["std"], std: [], alloc: [], derive: ["serde_derive"], rc: [], unstable: [] },
  },
  { name: "serde_derive", version: "1.0.219" },
  {
    name: "serde_json",
    version: "1.0.140",
    deps: { serde: "1.0.194", indexmap: { version: "2", optional: true } },
    features: { default: ["std"], std: ["serde/std"], preserve_order: ["dep:indexmap", "std"], raw_value: [] },
  },
  { name: "indexmap", version: "2.9.0" },
  { name: "tokio", version: "1.44.2", features: { default: [], full: ["rt", "net"], rt: [], net: [], macros: [] } },
  { name: "too-new", version: "1.0.0", rustVersion: "1.999" },
  { name: "under_score", version: "0.3.1" },
  { name: "yanked", version: "1.0.0" },
  { name: "yanked", version: "1.1.0", yanked: true },
  { name: "zzz", version: "9.9.9" },
];

/** What stands for the registry that is named `alt`. */
export const ALT_CRATES: readonly CrateSpec[] = [
  { name: "alt-only", version: "0.7.0", features: { one: [], two: ["one"] } },
  { name: "serde", version: "2.0.0" },
];

/** The index URL of `alt`. */
export const ALT_INDEX = "sparse+http://127.0.0.1:1/alt/";

/** Path of a repository below the top → its files. */
export const REPOSITORIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "repos/one": {
    "Cargo.toml":
      '[package]\nname = "gitty"\nversion = "0.3.0+build"\nedition = "2021"\n[features]\ndefault = ["base"]\nbase = []\nmore = ["base"]\n',
    "src/lib.rs": "",
  },
  "repos/two": {
    "Cargo.toml": '[workspace]\nmembers = ["left", "right"]\n',
    "left/Cargo.toml": '[package]\nname = "left-pkg"\nversion = "1.0.0"\nedition = "2021"\n',
    "left/src/lib.rs": "",
    "right/Cargo.toml": '[package]\nname = "right-pkg"\nversion = "2.0.0"\nedition = "2021"\n',
    "right/src/lib.rs": "",
  },
};

/** Text of an index file: its lines, by crate. */
export function indexFiles(crates: readonly CrateSpec[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const crate of crates) {
    const path = indexPath(crate.name);
    files.set(path, `${files.get(path) ?? ""}${buildCrate(crate).line}\n`);
  }
  return files;
}

/** A directory in which cargo finds the registries and repositories, with no project yet. */
export function editWorld(): CargoWorld {
  const world = cargoWorld();
  for (const [path, text] of indexFiles(CRATES)) world.write(`registries/main/index/${path}`, text);
  for (const [path, text] of indexFiles(ALT_CRATES)) world.write(`registries/alt/index/${path}`, text);
  for (const [path, files] of Object.entries(REPOSITORIES)) {
    const repository = makeRepository(join(world.root, path));
    repository.commit(files);
    repository.git("tag", "v1");
    repository.git("branch", "next");
  }
  const source = (name: string, registry: string): string =>
    `[source.${name}]\nlocal-registry = "${world.root}/registries/${registry}"\n`;
  world.write(
    "cargo-home/config.toml",
    `[cache]\nauto-clean-frequency = "never"\n[source.crates-io]\nreplace-with = "main"\n${source("main", "main")}` +
      `[registries.alt]\nindex = "${ALT_INDEX}"\n[source.alt-index]\nregistry = "${ALT_INDEX}"\nreplace-with = "alt-disk"\n${source("alt-disk", "alt")}`,
  );
  return world;
}

/** Lets the real cargo do a row, in a project of its own below `directory`. */
export async function cargoEdit(world: CargoWorld, row: EditRow): Promise<EditResult> {
  const place = `row${nextRow()}`;
  const inPlace = (text: string): string => text.replaceAll(`${TOP}/app`, `${world.root}/${place}`);
  const toDisk = (text: string): string => inPlace(text).replaceAll(TOP, world.root);
  const fromDisk = (text: string): string =>
    text.replaceAll(`${world.root}/${place}`, `${TOP}/app`).replaceAll(world.root, TOP);
  for (const [path, text] of Object.entries(filesOf(row))) world.write(`${place}/${path}`, toDisk(text));
  const { ok, stderr } = await world.cargo(place, ...row.args.map(toDisk));
  const manifests: Record<string, string> = {};
  for (const path of Object.keys(row.files)) {
    const text = fromDisk(readFileSync(join(world.root, place, path), "utf8"));
    if (text !== row.files[path]) manifests[path] = text;
  }
  return { ok, said: fromDisk(stderr), manifests };
}

let rows = 0;

function nextRow(): number {
  rows += 1;
  return rows;
}

/** A row's files with what makes packages of them. */
function filesOf({ files }: EditRow): Record<string, string> {
  const all: Record<string, string> = { ...files };
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith("Cargo.toml") && /\bpackage\b|\bproject\b/.test(text)) {
      all[path.replace(/Cargo\.toml$/, "src/lib.rs")] ??= "";
    }
  }
  return all;
}
