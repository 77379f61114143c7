import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findWorkspaceRoot, inheritanceFrom, parseManifest, WorkspaceError } from "../../src/cargo/index.ts";
import { cargoWorld } from "./cargo-world.ts";

/** A package's manifest; `more` goes behind its fields. */
function packageText(name: string, more = ""): string {
  return `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
}

interface Layout {
  /** Path of a Cargo.toml → its text. */
  readonly manifests: Readonly<Record<string, string>>;
  /** The directory cargo is asked in. */
  readonly from: string;
  /** Where the root is, for the reader; cargo has the last word. */
  readonly root: string;
  /** CARGO_HOME, below the layout; a place of its own unless told. */
  readonly home?: string;
}

const layouts: Readonly<Record<string, Layout>> = {
  "a package alone": { manifests: { "a/Cargo.toml": packageText("a") }, from: "a", root: "a" },
  "a package that is its own workspace": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["b"]\n',
      "a/Cargo.toml": packageText("a", "[workspace]\n"),
      "b/Cargo.toml": packageText("b"),
    },
    from: "a",
    root: "a",
  },
  "a member of a virtual workspace": {
    manifests: { "Cargo.toml": '[workspace]\nmembers = ["a"]\n', "a/Cargo.toml": packageText("a") },
    from: "a",
    root: "",
  },
  "a member two directories deep, found by a glob": {
    manifests: { "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n', "crates/a/Cargo.toml": packageText("a") },
    from: "crates/a",
    root: "",
  },
  "a member by its path in the root's dependencies": {
    manifests: {
      "Cargo.toml": packageText("top", '[dependencies]\na.path = "a"\n[workspace]\n'),
      "a/Cargo.toml": packageText("a"),
    },
    from: "a",
    root: "",
  },
  "a member below another member": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["a", "a/b"]\n',
      "a/Cargo.toml": packageText("a"),
      "a/b/Cargo.toml": packageText("b"),
    },
    from: "a/b",
    root: "",
  },
  "an excluded package": {
    manifests: { "Cargo.toml": '[workspace]\nmembers = []\nexclude = ["a"]\n', "a/Cargo.toml": packageText("a") },
    from: "a",
    root: "a",
  },
  "a package below an excluded directory": {
    manifests: { "Cargo.toml": '[workspace]\nexclude = ["./a/"]\n', "a/deep/Cargo.toml": packageText("a") },
    from: "a/deep",
    root: "a/deep",
  },
  "a member inside an excluded directory": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["a/b"]\nexclude = ["a"]\n',
      "a/b/Cargo.toml": packageText("b"),
    },
    from: "a/b",
    root: "",
  },
  "a directory whose name only begins like an excluded one": {
    manifests: { "Cargo.toml": '[workspace]\nmembers = ["ab"]\nexclude = ["a"]\n', "ab/Cargo.toml": packageText("ab") },
    from: "ab",
    root: "",
  },
  "an excluded package in a workspace further up": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["inner/a"]\n',
      "inner/Cargo.toml": '[workspace]\nexclude = ["a"]\n',
      "inner/a/Cargo.toml": packageText("a"),
    },
    from: "inner/a",
    root: "",
  },
  "a pointer sideways": {
    manifests: {
      "root/Cargo.toml": '[workspace]\nmembers = ["../a"]\n',
      "a/Cargo.toml": packageText("a", 'workspace = "../root"\n'),
    },
    from: "a",
    root: "root",
  },
  "a pointer past a nearer workspace": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["near/a"]\n',
      "near/Cargo.toml": "[workspace]\n",
      "near/a/Cargo.toml": packageText("a", 'workspace = "../../"\n'),
    },
    from: "near/a",
    root: "",
  },
  "the pointer of a package above": {
    manifests: {
      "root/Cargo.toml": '[workspace]\nmembers = ["../a", "../a/b"]\n',
      "a/Cargo.toml": packageText("a", 'workspace = "../root"\n'),
      "a/b/Cargo.toml": packageText("b"),
    },
    from: "a/b",
    root: "root",
  },
  "a package above that is no workspace": {
    manifests: { "Cargo.toml": packageText("top"), "a/Cargo.toml": packageText("a") },
    from: "a",
    root: "a",
  },
  "a package that cargo has packed": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["x"]\n',
      "x/Cargo.toml": packageText("x"),
      "target/package/a-0.1.0/Cargo.toml": packageText("a"),
    },
    from: "target/package/a-0.1.0",
    root: "target/package/a-0.1.0",
  },
  "a package below CARGO_HOME inside a workspace": {
    manifests: {
      "Cargo.toml": '[workspace]\nmembers = ["x"]\n',
      "x/Cargo.toml": packageText("x"),
      ".cargo/registry/src/i/a-0.1.0/Cargo.toml": packageText("a"),
    },
    from: ".cargo/registry/src/i/a-0.1.0",
    root: ".cargo/registry/src/i/a-0.1.0",
    home: ".cargo",
  },
};

function reader(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

test.each(Object.entries(layouts))("%s has the root that cargo finds", async (_, layout) => {
  const world = cargoWorld(layout.manifests, layout.home);
  for (const path of Object.keys(layout.manifests)) world.write(path.replace("Cargo.toml", "src/lib.rs"), "");
  const run = await world.cargo(layout.from, "locate-project", "--workspace", "--message-format", "plain");
  expect(run.ok, run.stderr).toBe(true);
  const manifestPath = `${world.root}/${layout.from}/Cargo.toml`;
  const found = findWorkspaceRoot(manifestPath, reader, { cargoHome: world.home });
  expect(found.root).toBe(run.stdout.trim());
  expect(found.root).toBe(`${world.root}/${layout.root === "" ? "" : `${layout.root}/`}Cargo.toml`);
  expect(found.manifest).toEqual(parseManifest(readFileSync(found.root, "utf8"), found.root));
  world.remove();
});

/** An answer from memory, for what cargo only refuses. */
function memory(files: Readonly<Record<string, string>>): (path: string) => string | undefined {
  return (path) => files[path];
}

const faults = [
  { name: "a manifest that is not there", files: {}, code: "cargo/workspace-root-missing", where: "/w/a/Cargo.toml" },
  {
    name: "a pointer to nothing",
    files: { "/w/a/Cargo.toml": packageText("a", 'workspace = "../nowhere"\n') },
    code: "cargo/workspace-root-missing",
    where: "/w/nowhere/Cargo.toml",
  },
  {
    name: "a pointer to a package",
    files: { "/w/a/Cargo.toml": packageText("a", 'workspace = ".."\n'), "/w/Cargo.toml": packageText("w") },
    code: "cargo/workspace-root-invalid",
    where: "/w/Cargo.toml",
  },
];

test.each(faults)("$name is an error that names the file", ({ files, code, where }) => {
  let thrown: unknown;
  try {
    findWorkspaceRoot("/w/a/Cargo.toml", memory(files));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(WorkspaceError);
  expect(thrown).toMatchObject({ code, where });
});

test("the search ends at the top of the file system", () => {
  const found = findWorkspaceRoot("/Cargo.toml", memory({ "/Cargo.toml": packageText("top") }));
  expect(found.root).toBe("/Cargo.toml");
});

test.each([
  ["C:/w/c/a", "C:/w", "c/a"],
  ["//server/share/w/a", "//server/share/w", "a"],
  ["C:/a", "C:/", "a"],
])("on Windows the root of %s is found in %s", (member, root, entry) => {
  const workspace = root.endsWith("/") ? `${root}Cargo.toml` : `${root}/Cargo.toml`;
  const asked: string[] = [];
  const files: Readonly<Record<string, string>> = {
    [`${member}/Cargo.toml`]: packageText("a"),
    [workspace]: `[workspace]\nmembers = ["${entry}"]\n`,
  };
  const found = findWorkspaceRoot(`${member}/Cargo.toml`, (path) => {
    asked.push(path);
    return files[path];
  });
  expect(found.root).toBe(workspace);
  expect(asked.every((path) => path.startsWith(root))).toBe(true);
});

test("on Windows a search that finds nothing ends at the drive, and pointers may be written with backslashes", () => {
  const asked: string[] = [];
  const files: Readonly<Record<string, string>> = { "C:/w/a/Cargo.toml": packageText("a") };
  const read = (path: string): string | undefined => {
    asked.push(path);
    return files[path];
  };
  expect(findWorkspaceRoot("C:/w/a/Cargo.toml", read).root).toBe("C:/w/a/Cargo.toml");
  expect(asked).toEqual(["C:/w/a/Cargo.toml", "C:/w/Cargo.toml", "C:/Cargo.toml"]);
  const pointing = {
    "C:/w/a/Cargo.toml": packageText("a", "workspace = '..\\top'\n"),
    "D:/w/a/Cargo.toml": packageText("a", "workspace = 'C:\\w\\top'\n"),
    "C:/w/top/Cargo.toml": "[workspace]\nexclude = ['..\\b']\n",
  };
  for (const path of ["C:/w/a/Cargo.toml", "D:/w/a/Cargo.toml"])
    expect(findWorkspaceRoot(path, memory(pointing)).root).toBe("C:/w/top/Cargo.toml");
});

test("what a member inherits is seen from the member", () => {
  const files = {
    "/w/Cargo.toml":
      '[workspace]\nmembers = ["c/a"]\n[workspace.package]\nversion = "2.0.0"\n[workspace.dependencies]\nd.path = "d"\n',
    "/w/c/a/Cargo.toml": '[package]\nname = "a"\nversion.workspace = true\n[dependencies]\nd.workspace = true\n',
  };
  const path = "/w/c/a/Cargo.toml";
  const inheritance = inheritanceFrom(findWorkspaceRoot(path, memory(files)), path);
  const facts = parseManifest(files[path], path, inheritance);
  expect([facts.version, facts.dependencies[0]?.source]).toEqual(["2.0.0", { kind: "path", path: "../../d" }]);
  const alone = { root: path, manifest: parseManifest(packageText("a"), path) };
  expect(inheritanceFrom(alone, path)).toBeUndefined();
});
