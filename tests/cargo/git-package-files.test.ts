import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { gitPackageFiles, type RepositoryEntry } from "../../src/cargo/index.ts";
import { type CargoWorld, cargoWorld } from "./cargo-world.ts";

function files(...paths: readonly string[]): RepositoryEntry[] {
  return paths.map((path) => ({ path, kind: "file" }));
}

function link(path: string, target: string): RepositoryEntry {
  return { path, kind: "link", target };
}

function pathsOf(entries: readonly RepositoryEntry[], directory = ""): string[] {
  return (gitPackageFiles(entries, directory) ?? []).map(({ path, from }) =>
    path === from ? path : `${path} < ${from}`,
  );
}

test("a package has every file of its directory but packages below and git's own files", () => {
  const tree = files(
    "Cargo.toml",
    "a/Cargo.toml",
    "a/x.rs",
    ".gitignore",
    "s/.gitattributes",
    "s/.hidden",
    ".cargo-ok",
  );
  expect(pathsOf(tree)).toEqual(["Cargo.toml", "s/.hidden"]);
  expect(pathsOf(tree, "a")).toEqual(["Cargo.toml < a/Cargo.toml", "x.rs < a/x.rs"]);
});

test("links are followed inside the repository", () => {
  const tree = [
    ...files("p/Cargo.toml", "LICENSE", "common/a.rs", "common/b/c.rs"),
    link("p/LICENSE", "../LICENSE"),
    link("p/src", "../common"),
    link("p/twice", "./src/b"),
    link("p/again", "twice/c.rs"),
  ];
  expect(pathsOf(tree, "p")).toEqual([
    "Cargo.toml < p/Cargo.toml",
    "LICENSE",
    "again < common/b/c.rs",
    "src/a.rs < common/a.rs",
    "src/b/c.rs < common/b/c.rs",
    "twice/c.rs < common/b/c.rs",
  ]);
});

test("a link that leads nowhere, out or in a circle is left out", () => {
  const tree = [
    ...files("p/Cargo.toml", "p/a.rs", "q/Cargo.toml"),
    link("p/nowhere", "gone"),
    link("p/out", "../../etc"),
    link("p/absolute", "/etc/passwd"),
    link("p/empty", ""),
    link("p/self", "self"),
    link("p/one", "two"),
    link("p/two", "one"),
    link("p/up", ".."),
    link("p/here", "."),
    link("p/other", "../q"),
  ];
  expect(pathsOf(tree, "p")).toEqual(["Cargo.toml < p/Cargo.toml", "a.rs < p/a.rs"]);
});

test("links to directories can not multiply a tree without end", () => {
  const tree = files("Cargo.toml", ...Array.from({ length: 20 }, (_, index) => `d0/f${index}`));
  for (let level = 1; level <= 12; level += 1) {
    for (const name of ["a", "b", "c", "d"]) tree.push(link(`d${level}/${name}`, `../d${level - 1}`));
  }
  expect(gitPackageFiles(tree, "")).toBeUndefined();
});

test("a program that may be run stays one", () => {
  expect(gitPackageFiles([{ path: "run.sh", kind: "executable" }], "")).toEqual([
    { path: "run.sh", from: "run.sh", isExecutable: true },
  ]);
});

test("without include and exclude the files are those of cargo vendor", async () => {
  const world = cargoWorld();
  const content: Record<string, string> = {
    "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
    "README.md": "top\n",
    "a/Cargo.toml": '[package]\nname = "a"\nversion = "1.0.0"\n[dependencies]\nb = { path = "../b" }\n',
    "a/src/lib.rs": "",
    "a/.hidden": "",
    "a/.gitignore": "*.log\n",
    "a/kept.log": "",
    "a/target/tracked": "",
    "a/inner/Cargo.toml": '[package]\nname = "inner"\nversion = "1.0.0"\n[workspace]\n',
    "a/inner/src/lib.rs": "",
    "b/Cargo.toml": '[package]\nname = "b"\nversion = "1.0.0"\n',
    "b/src/lib.rs": "",
    "data/x.txt": "x\n",
  };
  for (const [path, text] of Object.entries(content)) world.write(`repository/${path}`, text);
  const links = { "a/docs/README.md": "../../README.md", "a/data": "../data", "a/sibling": "../b" };
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(world.root, "repository", path)), { recursive: true });
    symlinkSync(target, join(world.root, "repository", path));
  }
  const vendored = await vendor(world);
  const entries = [
    ...files(...Object.keys(content)),
    ...Object.entries(links).map(([path, target]) => link(path, target)),
  ];
  for (const name of ["a", "b"]) {
    const own = gitPackageFiles(entries, name) ?? [];
    expect(own.map(({ path }) => path)).toEqual(vendored[name]);
    for (const { path, from } of own.filter((file) => file.path !== "Cargo.toml")) {
      expect(readFileSync(join(world.root, `app/vendor/${name}`, path), "utf8")).toBe(content[from]);
    }
  }
  world.remove();
});

/** Commits the repository and lets cargo vendor its packages `a` and `b`: their files by name. */
async function vendor(world: CargoWorld): Promise<Record<string, string[]>> {
  for (const args of [
    ["init", "-q"],
    ["add", "-A", "-f"],
    ["commit", "-q", "-m", "all"],
  ]) {
    const own = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-C", join(world.root, "repository")];
    expect(spawnSync("git", [...own, ...args]).status).toBe(0);
  }
  const manifest = `[package]\nname = "app"\nversion = "0.1.0"\n[dependencies]\na = { git = "file://${world.root}/repository" }\n`;
  world.write("app/Cargo.toml", manifest);
  world.write("app/src/lib.rs", "");
  const run = await world.cargo("app", "vendor", "--respect-source-config", "vendor");
  expect(run.ok, run.stderr).toBe(true);
  const listed = (name: string): string[] => {
    const directory = join(world.root, "app/vendor", name);
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = entries.map((entry) => relative(directory, join(entry.parentPath, entry.name)));
    return paths.filter((path) => path !== ".cargo-checksum.json").sort();
  };
  return { a: listed("a"), b: listed("b") };
}
