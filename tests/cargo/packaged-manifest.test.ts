import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import {
  folderOfFiles,
  ManifestError,
  type PackageSource,
  publishedManifest,
  vendoredManifest,
} from "../../src/cargo/index.ts";
import { buildCrate } from "../support/crate-builder.ts";
import { type CargoWorld, cargoWorld } from "./cargo-world.ts";
import { PACKAGES, ROOT, ROOT_FILES } from "./packaged-packages.ts";

/** All files of the repository, by path from its top. */
function repositoryFiles(): Record<string, string> {
  const files: Record<string, string> = { ...ROOT_FILES };
  for (const [name, own] of Object.entries(PACKAGES)) {
    for (const [path, content] of Object.entries(own)) files[`p/${name}/${path}`] = content;
  }
  return files;
}

function sourceOf(name: string): PackageSource {
  const shared = Object.keys(ROOT_FILES).map((path) => `../../${path}`);
  return {
    text: PACKAGES[name]?.["Cargo.toml"] ?? "",
    at: `p/${name}/Cargo.toml`,
    directory: `/p/${name}`,
    workspace: { text: ROOT, at: "Cargo.toml", directory: "/" },
    folder: folderOfFiles([...Object.keys(PACKAGES[name] ?? {}), ...shared]),
  };
}

const registryIndex = (name: string): string => `sparse+http://127.0.0.1:1/${name}/`;

function write(world: CargoWorld, below: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) world.write(`${below}/${path}`, content);
}

function fromCrate(world: CargoWorld, target: string, path: string): string {
  const crate = join(world.root, target, "package", `${path.split("/", 1)[0] ?? ""}.crate`);
  const { stdout } = spawnSync("tar", ["xzOf", crate, path], { encoding: "utf8" });
  return stdout;
}

test("the manifest of each packed crate is that of `cargo package`, byte for byte", async () => {
  const world = cargoWorld();
  write(world, "work", repositoryFiles());
  const run = await world.cargo("work", "package", "--workspace", "--no-verify", "--offline", "--exclude-lockfile");
  expect(run.ok, run.stderr).toBe(true);
  const crates = readdirSync(join(world.root, "work/target/package")).filter((name) => name.endsWith(".crate"));
  expect(crates.length).toBe(Object.keys(PACKAGES).length);
  for (const crate of crates) {
    const top = crate.slice(0, -".crate".length);
    const name = nameIn(top);
    const listed = spawnSync("tar", ["tzf", join(world.root, "work/target/package", `${top}.crate`)], {
      encoding: "utf8",
    });
    const files = new Set(listed.stdout.split("\n").map((path) => path.slice(top.length + 1)));
    const ours = publishedManifest(sourceOf(name), { files, registryIndex });
    expect(ours).toBe(fromCrate(world, "work/target", `${top}/Cargo.toml`));
  }
  world.remove();
});

test("the manifest of each git package is that of `cargo vendor`, byte for byte", async () => {
  const world = cargoWorld();
  write(world, "repository", repositoryFiles());
  const git = (...args: readonly string[]): void => {
    const own = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-C", join(world.root, "repository")];
    const run = spawnSync("git", [...own, ...args], { encoding: "utf8" });
    expect(run.status, run.stderr).toBe(0);
  };
  git("init", "-q");
  git("add", "-f", ".");
  git("commit", "-q", "-m", "all");
  const url = `file://${world.root}/repository`;
  const dependencies = Object.keys(PACKAGES).map((name) => `${name} = { git = "${url}" }\n`);
  world.write("app/Cargo.toml", `[package]\nname = "app"\nversion = "0.1.0"\n[dependencies]\n${dependencies.join("")}`);
  world.write("app/src/lib.rs", "");
  localRegistry(world);
  const run = await world.cargo("app", "vendor", "--versioned-dirs", "--respect-source-config", "vendor");
  expect(run.ok, run.stderr).toBe(true);
  const vendored = readdirSync(join(world.root, "app/vendor"));
  for (const [name, own] of Object.entries(PACKAGES)) {
    const directory = vendored.find((entry) => nameIn(entry) === name);
    const files = new Set(filesBelow(join(world.root, "app/vendor", String(directory))));
    expect(vendoredManifest(sourceOf(name), files)).toBe(read(world, `app/vendor/${String(directory)}/Cargo.toml`));
    expect(files.has("Cargo.toml") && files.size <= Object.keys(own).length + 1).toBe(true);
  }
  world.remove();
});

/** The package's name in `<name>-<version>`. */
function nameIn(top: string): string {
  return top.replace(/-\d.*/, "");
}

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

function read(world: CargoWorld, path: string): string {
  return readFileSync(join(world.root, path), "utf8");
}

/** crates.io for the project `app`: what the packages depend on. */
function localRegistry(world: CargoWorld): void {
  for (const name of ["good", "off"]) {
    const { crate, line } = buildCrate({ name, version: "1.0.0", features: { more: [] } });
    world.write(`registry/${name}-1.0.0.crate`, crate);
    world.write(`registry/index/${name.length === 3 ? "3/o" : "go/od"}/${name}`, `${line}\n`);
  }
  const config = '[source.crates-io]\nreplace-with = "l"\n[source.l]\nlocal-registry = "../registry"\n';
  world.write("app/.cargo/config.toml", config);
}

test("the root of a workspace takes from itself", async () => {
  const manifest = `[workspace]
resolver = "3"
[workspace.package]
version = "1.2.3"
readme = true
[workspace.dependencies]
good = { version = "1", registry = "corp" }
[workspace.lints.clippy]
all = "warn"
[package]
name = "top"
version.workspace = true
readme.workspace = true
edition = "2021"
[lints]
workspace = true
[dependencies]
good = { workspace = true, optional = true }
pinned = { version = "1", git = "https://example.org/pinned", tag = "v1" }
direct = { version = "1", registry-index = "sparse+https://example.org/index/" }
`;
  const files = { "Cargo.toml": manifest, "src/main.rs": "fn main() {}", "README.md": "" };
  const world = cargoWorld();
  write(world, "top", files);
  world.write("top/.cargo/config.toml", `[registries.corp]\nindex = "${registryIndex("corp")}"\n`);
  const run = await world.cargo("top", "package", "--no-verify", "--offline", "--exclude-lockfile");
  expect(run.ok, run.stderr).toBe(true);
  const source = { text: manifest, at: "Cargo.toml", directory: "/", folder: folderOfFiles(Object.keys(files)) };
  const ours = publishedManifest(source, { files: new Set(Object.keys(files)), registryIndex });
  expect(ours).toBe(fromCrate(world, "top/target", "top-1.2.3/Cargo.toml"));
  world.remove();
});

const head = '[package]\nname = "x"\nversion = "0.1.0"\n';

test.each([
  ["a path without a version", `${head}[dependencies]\na = { path = "../a" }\n`, "x:5"],
  [
    "a platform's git without a version",
    `${head}[target.'cfg(unix)'.build-dependencies]\na = { git = "https://e.org/a" }\n`,
    "x:5",
  ],
  ["something the workspace does not have", `${head}homepage.workspace = true\n`, "x:4"],
  ["a dependency the workspace does not have", `${head}[dependencies]\na.workspace = true\n`, "x:5"],
  ["lints that nobody has", `${head}[lints]\nworkspace = true\n`, "x:4"],
  ["lints twice", `${head}[lints]\nworkspace = true\n[lints.rust]\na = "warn"\n`, "x:4"],
  ["a program without a file", `${head}[[bin]]\nname = "gone"\n`, "x:1"],
  ["a program without a name", `${head}[[bin]]\npath = "src/lib.rs"\n`, "x:1"],
  [
    "two programs of one name",
    `${head}[[bin]]\nname = "a"\npath = "src/lib.rs"\n[[bin]]\nname = "a"\npath = "b.rs"\n`,
    "x:1",
  ],
  ["a library with a hyphen", `${head}[lib]\nname = "a-b"\n`, "x:1"],
  ["a keyword that is a number", `${head}keywords = [1]\n`, "x:4"],
])("a package with %s can not be packed", (_name, text, where) => {
  const workspace = { text: "[workspace]\n", at: "Cargo.toml", directory: "/" };
  const source = { text, at: "x", directory: "/x", workspace, folder: folderOfFiles(["src/lib.rs"]) };
  let found: unknown;
  try {
    publishedManifest(source, { files: new Set(["src/lib.rs"]), registryIndex });
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(ManifestError);
  expect(found).toMatchObject({ code: "cargo/manifest-invalid", where });
});
