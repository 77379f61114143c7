import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { indexPath } from "../../src/cargo/index.ts";
import type { Update } from "../../src/resolve/index.ts";
import { type CargoRun, type CargoWorld, cargoWorld } from "../cargo/cargo-world.ts";
import { type BuiltCrate, buildCrate, type CrateSpec } from "../support/crate-builder.ts";
import { type DiskResult, type DiskWorld, resolveDirectory } from "../support/resolve-driver.ts";

/** A crate of a scene's registry, or a line of its index as it is, which belongs to `name`. */
export type SceneCrate = CrateSpec | { readonly name: string; readonly line: string };

/** A project in `app`, a local registry that stands for crates.io, and whatever else a test writes. */
export interface Scene extends Omit<CargoWorld, "cargo"> {
  readonly world: DiskWorld;
  /** Runs cargo in the project. */
  cargo(...args: readonly string[]): Promise<CargoRun>;
  /** Replaces what the registry has. */
  publish(crates: readonly SceneCrate[]): void;
  /** The project's Cargo.lock. */
  lock(): string;
}

/** What a scene is made from. */
export interface SceneOptions {
  readonly crates?: readonly SceneCrate[];
  /** `app/Cargo.toml`: a whole manifest when it has a `[package]` or `[workspace]`, else what follows the package's name. */
  readonly manifest: string;
  /** Other files, by path below the scene's root; of a manifest alone `src/lib.rs` is added. */
  readonly files?: Readonly<Record<string, string>>;
  /** Registries beside crates.io: name → its crates. */
  readonly registries?: Readonly<Record<string, readonly SceneCrate[]>>;
  readonly repository?: DiskWorld["repository"];
}

export function scene(options: SceneOptions): Scene {
  const world = cargoWorld(filesOf(options));
  const others = Object.keys(options.registries ?? {});
  world.write(".cargo/config.toml", configuration(world.root, others));
  publish(world, "registry", options.crates ?? []);
  for (const [name, crates] of Object.entries(options.registries ?? {})) publish(world, `registry-${name}`, crates);
  const disk: DiskWorld = {
    registry: join(world.root, "registry"),
    registries: Object.fromEntries(
      others.map((name) => [name, { index: indexUrl(name), directory: join(world.root, `registry-${name}`) }]),
    ),
    ...(options.repository === undefined ? {} : { repository: options.repository }),
  };
  return {
    ...world,
    world: disk,
    // Cargo clones a repository only when it may use the network; nothing else here would need one.
    cargo: (...args) => world.cargo("app", ...args, ...(options.repository === undefined ? ["--offline"] : [])),
    publish: (crates) => publish(world, "registry", crates),
    lock: () => readFileSync(join(world.root, "app/Cargo.lock"), "utf8"),
  };
}

/** The index of a registry beside crates.io; nothing listens there, its crates come from the disk. */
function indexUrl(name: string): string {
  return `sparse+http://127.0.0.1:9/${name}/`;
}

/** Resolves the project anew by cargo and by us, and expects one result: the same lockfile, or a failure of both. */
export async function expectSameLock(options: SceneOptions): Promise<SameLock> {
  const built = scene(options);
  try {
    return await compareNew(built);
  } finally {
    built.remove();
  }
}

/** What both came to. */
export interface SameLock {
  readonly lock: string | undefined;
  readonly ours: DiskResult;
  readonly cargo: CargoRun;
}

/** As {@link expectSameLock}, for a scene that goes on; the project has cargo's lockfile then. */
export async function compareNew(built: Scene): Promise<SameLock> {
  const ours = resolveDirectory(join(built.root, "app"), built.world);
  const cargo = await built.cargo("generate-lockfile");
  return compared(built, ours, cargo);
}

/** Starts from the project's Cargo.lock, both as `cargo ARGS` and as `update` say; the project has cargo's lockfile then. */
export async function compareUpdate(built: Scene, args: readonly string[], update: Update): Promise<SameLock> {
  const ours = resolveDirectory(join(built.root, "app"), built.world, update);
  const cargo = await built.cargo(...args);
  return compared(built, ours, cargo);
}

function compared(built: Scene, ours: DiskResult, cargo: CargoRun): SameLock {
  const shown = `cargo: ${cargo.stderr}\nours: ${JSON.stringify(ours.failure)}`;
  expect(ours.lock !== undefined, shown).toBe(cargo.ok);
  const lock = cargo.ok ? built.lock() : undefined;
  expect(ours.lock).toBe(lock);
  return { lock, ours, cargo };
}

/** Changes the project's manifest. */
export function rewriteManifest(built: Scene, edit: (text: string) => string): void {
  const path = join(built.root, "app/Cargo.toml");
  writeFileSync(path, edit(readFileSync(path, "utf8")));
}

function filesOf({ manifest, files }: SceneOptions): Record<string, string> {
  const isWhole = /^\[(?:package|workspace|project)\]/m.test(manifest);
  const all: Record<string, string> = {
    "app/Cargo.toml": isWhole
      ? manifest
      : `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n${manifest.startsWith("[") ? "\n" : ""}${manifest}\n`,
    ...files,
  };
  for (const path of Object.keys(all)) {
    if (path.endsWith("Cargo.toml")) all[path.replace(/Cargo\.toml$/, "src/lib.rs")] ??= "";
  }
  return all;
}

function configuration(root: string, registries: readonly string[]): string {
  const others = registries.map(
    (name) =>
      `[registries.${name}]\nindex = "${indexUrl(name)}"\n\n[source.remote-${name}]\nregistry = "${indexUrl(name)}"\n` +
      `replace-with = "disk-${name}"\n\n[source.disk-${name}]\nlocal-registry = "${root}/registry-${name}"\n`,
  );
  return [
    `[source.crates-io]\nreplace-with = "disk"\n\n[source.disk]\nlocal-registry = "${root}/registry"\n`,
    ...others,
  ].join("\n");
}

function publish(world: CargoWorld, directory: string, crates: readonly SceneCrate[]): void {
  rmSync(join(world.root, directory), { recursive: true, force: true });
  const lines = new Map<string, string[]>();
  for (const crate of crates) {
    const path = indexPath(crate.name);
    const built: Pick<BuiltCrate, "line"> & Partial<BuiltCrate> = "line" in crate ? crate : buildCrate(crate);
    lines.set(path, [...(lines.get(path) ?? []), built.line]);
    if (built.crate !== undefined) world.write(`${directory}/${crate.name}-${built.version}.crate`, built.crate);
  }
  world.write(`${directory}/index/README`, "");
  for (const [path, text] of lines) world.write(`${directory}/index/${path}`, `${text.join("\n")}\n`);
}
