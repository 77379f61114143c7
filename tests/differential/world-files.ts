import { createHash } from "node:crypto";
import { indexPath } from "../../src/cargo/index.ts";
import {
  type DependencySpec,
  type LocalSpec,
  type Moment,
  type PublishedSpec,
  type WorldSpec,
  worldAt,
} from "./world-spec.ts";

/** The files of the registry below `registry/`. */
export function registryFiles({ published }: WorldSpec, moment: Moment): Record<string, string> {
  const files: Record<string, string> = { "registry/index/README": "" };
  for (const spec of published) {
    if (moment === "first" && spec.isLater) continue;
    const path = `registry/index/${indexPath(spec.name)}`;
    files[path] = `${files[path] ?? ""}${indexLine(spec)}\n`;
  }
  return files;
}

/** The manifests and what cargo wants beside them. */
export function projectFiles(spec: WorldSpec, moment: Moment): Record<string, string> {
  const world = worldAt(spec, moment);
  const files: Record<string, string> = {};
  for (const [at, local] of [...world.members, ...world.others].entries()) {
    const added = at === 0 && moment === "later" ? addedDependencies(world) : [];
    const isRoot = local.directory === world.root;
    files[`${local.directory}/Cargo.toml`] = manifest(local, added) + (isRoot ? overrides(world) : "");
    files[`${local.directory}/src/lib.rs`] = "";
    if (local.links !== undefined) files[`${local.directory}/build.rs`] = "fn main() {}\n";
  }
  if (world.workspace !== undefined) {
    const resolver = world.resolver === undefined ? "" : `resolver = "${world.resolver}"\n`;
    files["app/Cargo.toml"] =
      `[workspace]\nmembers = ${JSON.stringify(world.workspace)}\n${resolver}${overrides(world)}`;
  } else if (world.resolver !== undefined && world.root !== undefined) {
    const path = `${world.root}/Cargo.toml`;
    files[path] = files[path]?.replace("[package]\n", `[package]\nresolver = "${world.resolver}"\n`) ?? "";
  }
  return files;
}

function overrides({ patches }: WorldSpec): string {
  if (patches.length === 0) return "";
  const entries = patches.map(({ name, directory }) => `${name} = { path = "../${directory}" }\n`);
  return `\n[patch.crates-io]\n${entries.join("")}`;
}

function manifest(spec: LocalSpec, added: readonly DependencySpec[]): string {
  let text = `[package]\nname = "${spec.name}"\nversion = "${spec.version}"\nedition = "${spec.edition}"\n`;
  if (spec.rustVersion !== undefined && fitsEdition(spec)) text += `rust-version = "${spec.rustVersion}"\n`;
  if (spec.links !== undefined) text += `links = "${spec.links}"\nbuild = "build.rs"\n`;
  text += "\n[features]\n";
  for (const [name, values] of Object.entries(spec.features)) text += `${name} = ${JSON.stringify(values)}\n`;
  for (const dependency of [...spec.dependencies, ...added]) text += dependencyTable(dependency);
  return text;
}

/** What the first member depends on later, beside what it has: nothing when its manifest has such a key already. */
export function addedDependencies({ added, members }: WorldSpec): readonly DependencySpec[] {
  const isThere = members[0]?.dependencies.some(
    ({ key, kind, target }) => key === added?.key && kind === added.kind && target === added.target,
  );
  return added === undefined || isThere === true ? [] : [{ ...added, optional: false }];
}

/** Cargo refuses a Rust version that is older than the edition. */
function fitsEdition({ edition, rustVersion = "1" }: LocalSpec): boolean {
  const [, minor = "0"] = rustVersion.split(".");
  return Number(minor) >= { "2018": 31, "2021": 56, "2024": 85 }[edition];
}

function dependencyTable(dependency: DependencySpec): string {
  const tables = { normal: "dependencies", dev: "dev-dependencies", build: "build-dependencies" };
  const prefix = dependency.target === undefined ? "" : `target.${tomlKey(dependency.target)}.`;
  let text = `\n[${prefix}${tables[dependency.kind]}.${dependency.key}]\n`;
  if (dependency.requirement !== undefined) text += `version = "${dependency.requirement}"\n`;
  if (dependency.path !== undefined) text += `path = "${dependency.path}"\n`;
  if (dependency.key !== dependency.name) text += `package = "${dependency.name}"\n`;
  if (dependency.optional) text += "optional = true\n";
  if (!dependency.defaultFeatures) text += "default-features = false\n";
  if (dependency.features.length > 0) text += `features = ${JSON.stringify(dependency.features)}\n`;
  return text;
}

function tomlKey(text: string): string {
  return `'${text}'`;
}

/** The line of a registry's index; its checksum is that of nothing that exists. */
function indexLine(spec: PublishedSpec): string {
  const { name, version, links, rustVersion, yanked, fault } = spec;
  if (fault === "not-json") return `{"name":"${name}","vers":"${version}",`;
  const features = { ...spec.features, ...(fault === "no-such-feature" ? { broken: ["nothing"] } : {}) };
  const deps = spec.dependencies.map((dependency, at) => ({
    name: dependency.key,
    req: fault === "bad-requirement" && at === 0 ? "one" : dependency.requirement,
    features: dependency.features,
    optional: dependency.optional,
    default_features: dependency.defaultFeatures,
    target: dependency.target ?? null,
    kind: dependency.kind,
    ...(dependency.key === dependency.name ? {} : { package: dependency.name }),
  }));
  return JSON.stringify({
    name,
    vers: version,
    deps,
    cksum: checksumOf(spec),
    features: {},
    features2: features,
    yanked,
    ...(links === undefined ? {} : { links }),
    ...(rustVersion === undefined ? {} : { rust_version: rustVersion }),
    v: fault === "newer-schema" ? 3 : 2,
  });
}

/** The checksum that the index states. */
export function checksumOf({ name, version }: PublishedSpec): string {
  return createHash("sha256").update(`${name} ${version}`).digest("hex");
}
