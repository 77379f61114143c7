import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { array, check, constantFrom, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import {
  folderOfFiles,
  ManifestError,
  PackageFilesError,
  type PackageSource,
  packedFiles,
} from "../../src/cargo/index.ts";
import { type CargoWorld, cargoWorld } from "./cargo-world.ts";

const TREE = [
  "src/lib.rs",
  "src/a/mod.rs",
  "src/a/b.rs",
  "src/a-b.rs",
  "src/target/x.rs",
  "tests/one.rs",
  "tests/data/big.bin",
  "tests/data/deep/er/x.txt",
  "target/debug/out",
  "docs/target/page.md",
  "docs/a b.txt",
  "docs/ö.txt",
  "docs/[x].txt",
  "docs/{y}.txt",
  ".hidden",
  ".dir/file",
  "docs/.dot/file",
  "foo",
  "foo.txt",
  "a,b",
  "!odd",
  "#odd",
  "nested/Cargo.toml",
  "nested/src/lib.rs",
  "nested/more/file",
  "Makefile",
  "x/y/z/foo",
  "x/foo/z",
  "trailing ",
];

function manifest(more: string): string {
  return `[package]\nname = "p"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
}

function treeWorld(more: string, files: readonly string[] = TREE): CargoWorld {
  const world = cargoWorld({ "p/Cargo.toml": manifest(more) });
  for (const path of files) {
    world.write(`p/${path}`, path.endsWith("Cargo.toml") ? '[package]\nname = "n"\nversion = "0.1.0"\n' : "");
  }
  return world;
}

function below(directory: string, prefix = ""): string[] {
  return readdirSync(join(directory, prefix)).flatMap((name) => {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    if (name === ".git") return [];
    return statSync(join(directory, path)).isDirectory() ? below(directory, path) : [path];
  });
}

function git(world: CargoWorld, ...args: readonly string[]): string {
  const own = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.excludesFile=/dev/null"];
  const run = spawnSync("git", ["-C", join(world.root, "p"), ...own, ...args], { encoding: "utf8" });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout;
}

function sourceOf(world: CargoWorld, more: string): PackageSource {
  const all = below(join(world.root, "p"));
  return { text: manifest(more), at: "p/Cargo.toml", directory: "/p", folder: folderOfFiles(all) };
}

function ours(world: CargoWorld, more: string, byGit?: readonly string[]): string[] {
  const source = sourceOf(world, more);
  return packedFiles(source, { all: below(join(world.root, "p")), byGit }).map(({ path }) => path);
}

async function cargos(world: CargoWorld): Promise<string[]> {
  const run = await world.cargo("p", "package", "--list", "--allow-dirty", "--offline", "--exclude-lockfile");
  expect(run.ok, run.stderr).toBe(true);
  const lines = run.stdout.split(/\r?\n/).filter((line) => line !== "");
  return lines.map((line) => line.replaceAll("\\", "/")).filter((line) => line !== ".cargo_vcs_info.json");
}

const PATTERNS: readonly (readonly string[])[] = [
  [],
  ["foo"],
  ["/foo"],
  ["foo/"],
  ["foo*"],
  ["*"],
  ["**"],
  ["/*"],
  ["/**"],
  ["**/foo"],
  ["x/**/foo"],
  ["x/**"],
  ["x/*"],
  ["/x/"],
  ["tests", "!tests/data/big.bin"],
  ["tests/*", "!tests/one.rs"],
  ["!foo"],
  ["src/**/*.rs"],
  ["src/*.rs"],
  ["*.rs", "!mod.rs"],
  ["*.{txt,md}"],
  ["{docs,x}/**"],
  ["{**/foo,src/a/**}"],
  ["docs/[[]x].txt"],
  ["docs/\\[x\\].txt"],
  ["docs/\\{y\\}.txt"],
  ["docs/[x"],
  ["[a-f]oo*"],
  ["[!a-e]oo"],
  ["[^f]oo"],
  ["[]f]oo"],
  ["f[o-]o"],
  ["?oo"],
  ["docs/??.txt"],
  ["docs/a b.txt  "],
  ["trailing\\ "],
  ["\\!odd", "\\#odd"],
  ["# not a pattern"],
  ["a,b"],
  [".hidden", ".*"],
  ["!.hidden", "!.dir"],
  ["nested"],
  ["target"],
  ["/target"],
  ["docs/target/**"],
  ["Cargo.toml", "src"],
  ["a**b", "fo**"],
  ["**/**/foo"],
  ["src/**/**/b.rs"],
  ["***"],
  ["x/y/z/"],
  ["./foo"],
  ["x//foo"],
];

test.each(PATTERNS.map((patterns) => [patterns]))("exclude = %j leaves out what cargo leaves out", async (patterns) => {
  const more = `exclude = ${JSON.stringify(patterns)}\n`;
  const world = treeWorld(more);
  expect(ours(world, more)).toEqual(await cargos(world));
  world.remove();
});

test.each(PATTERNS.map((patterns) => [patterns]))("include = %j takes what cargo takes", async (patterns) => {
  const more = `include = ${JSON.stringify(patterns)}\n`;
  const world = treeWorld(more);
  expect(ours(world, more)).toEqual(await cargos(world));
  world.remove();
});

test.each([
  [""],
  ['exclude = ["tests", "!tests/data/big.bin", "docs/.dot"]\n'],
  ['include = ["src", "ignored.txt", "target/debug/out"]\n'],
])("in a git repository, with %j, the files are those of cargo", async (more) => {
  const world = treeWorld(more);
  world.write("p/.gitignore", "ignored.txt\nnested2/Cargo.toml\n/kept.txt\n");
  for (const path of ["ignored.txt", "kept.txt", "new.txt", "nested2/Cargo.toml", "nested2/f"])
    world.write(`p/${path}`, "");
  git(world, "init", "-q");
  git(world, "add", "-f", "Cargo.toml", "src", "kept.txt", ".hidden", "docs", "nested", "tests", "target/debug/out");
  git(world, "commit", "-q", "-m", "all");
  const list = git(world, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    .split("\0")
    .filter((path) => path !== "");
  const byGit = list.filter((path) => !path.startsWith("target/") || path === "target/debug/out");
  expect(ours(world, more, byGit)).toEqual(await cargos(world));
  world.remove();
});

test("links are followed, to files and to directories", async () => {
  const world = treeWorld("", ["src/lib.rs", "real/a.txt", "real/sub/b.txt"]);
  symlinkSync("real/a.txt", join(world.root, "p/link.txt"));
  mkdirSync(join(world.root, "p/other"));
  symlinkSync("../real", join(world.root, "p/other/linked"));
  expect(ours(world, "")).toEqual(await cargos(world));
  world.remove();
});

test.each([
  ['readme = "../README.md"\nlicense-file = "docs/../docs/LICENSE"\nexclude = ["docs"]\n'],
  ['readme = "sub/README.md"\nlicense-file = "../LICENSE"\ninclude = ["src"]\n'],
  ['include = ["src"]\n'],
  ['readme = false\nexclude = ["README.md"]\n'],
  ['exclude = ["build.rs", "Cargo.toml", "Cargo.lock"]\n'],
])("readme and licence come along: %j", async (more) => {
  const files = ["src/lib.rs", "README.md", "sub/README.md", "docs/LICENSE", "build.rs", "Cargo.lock"];
  const world = treeWorld(more, files);
  world.write("README.md", "outer\n");
  world.write("LICENSE", "outer\n");
  world.write("p/build.rs", "fn main() {}\n");
  world.write("p/Cargo.lock", "version = 4\n");
  const all = below(join(world.root, "p"));
  const source = { ...sourceOf(world, more), folder: folderOfFiles([...all, "../README.md", "../LICENSE"]) };
  const files2 = packedFiles(source, { all, byGit: undefined });
  expect(files2.map(({ path }) => path)).toEqual(await cargos(world));
  expect(files2.find(({ path }) => path === "Cargo.toml.orig")?.from).toBe("Cargo.toml");
  world.remove();
});

test("any list of patterns selects what cargo selects", async () => {
  const piece = constantFrom(
    "src",
    "foo",
    "*",
    "**",
    "/",
    "a",
    "?",
    "[a-f]",
    "{x,foo}",
    ".rs",
    ".txt",
    "tests",
    "docs",
    "y",
    ".",
  );
  const pattern = tuple(constantFrom("", "!", "/"), array(piece, { minLength: 1, maxLength: 4 })).map(
    ([start, parts]) => start + parts.join(""),
  );
  const lists: string[][] = [];
  check(
    property(array(pattern, { minLength: 1, maxLength: 3 }), (list) => void lists.push(list)),
    { numRuns: 40, seed: 7 },
  );
  for (const [index, list] of lists.entries()) {
    const more = `${index % 2 === 0 ? "include" : "exclude"} = ${JSON.stringify(list)}\n`;
    const world = treeWorld(more);
    expect([more, ours(world, more)]).toEqual([more, await cargos(world)]);
    world.remove();
  }
});

test.each([["{a"], ["a}"], ["a\\"], ["[z-a]"]])("the pattern %j is refused, as cargo does", async (pattern) => {
  const more = `exclude = ${JSON.stringify([pattern])}\n`;
  const world = treeWorld(more, ["src/lib.rs"]);
  expect((await world.cargo("p", "package", "--list", "--offline", "--exclude-lockfile")).ok).toBe(false);
  expect(() => ours(world, more)).toThrow(ManifestError);
  world.remove();
});

test.each([
  ["Cargo.toml.orig", "", "cargo/package-file-name"],
  ["sub/what?.txt", "", "cargo/package-file-name"],
  ["src/lib.rs", 'readme = "gone.md"\n', "cargo/package-file-missing"],
  ["src/lib.rs", 'license-file = "gone"\n', "cargo/package-file-missing"],
])("a package with %s and %j can not be packed, as with cargo", async (path, more, code) => {
  const world = treeWorld(more, ["src/lib.rs", path]);
  expect((await world.cargo("p", "package", "--list", "--offline", "--exclude-lockfile")).ok).toBe(false);
  let found: unknown;
  try {
    ours(world, more);
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(PackageFilesError);
  expect(found).toMatchObject({ code });
  world.remove();
});
