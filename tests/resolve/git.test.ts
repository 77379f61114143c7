import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parsePackageIdSpec, type SourceId } from "../../src/cargo/index.ts";
import type { DiskWorld } from "../support/resolve-driver.ts";
import { compareNew, compareUpdate, rewriteManifest, type Scene, scene } from "./scene.ts";

let built: Scene | undefined;

afterEach(() => {
  built?.remove();
  built = undefined;
});

const AUTHOR = ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"];

function git(directory: string, ...args: readonly string[]): string {
  return execFileSync("git", [...AUTHOR, ...args], { cwd: directory, encoding: "utf8" }).trim();
}

/** Reads a repository at a commit, or where its reference points, from a worktree of its own. */
const repository: NonNullable<DiskWorld["repository"]> = (source: SourceId) => {
  const origin = new URL(source.url).pathname;
  const { reference, precise } = source;
  const commit = git(origin, "rev-parse", `${precise ?? reference?.value ?? "HEAD"}^{commit}`);
  const directory = join(origin, "..", `at-${commit}`);
  if (!existsSync(directory)) git(origin, "worktree", "add", "--quiet", "--detach", directory, commit);
  return { directory, commit };
};

const local = (name: string, version: string, more = ""): string =>
  `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2021"\n${more}`;

/** A scene whose project may depend on `git = "REPO"`; the repository has a first commit with these files. */
function gitScene(
  manifest: string,
  files: Readonly<Record<string, string>>,
  crates: Parameters<typeof scene>[0]["crates"] = [],
): Scene {
  built = scene({ manifest, crates, repository });
  const repo = join(built.root, "repo");
  mkdirSync(repo);
  git(repo, "init", "--quiet", "--initial-branch=main");
  commit(built, files);
  rewriteManifest(built, (text) => text.replaceAll("REPO", `file://${repo}`));
  return built;
}

function commit(to: Scene, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    to.write(`repo/${path}`, text);
    if (path.endsWith("Cargo.toml")) to.write(`repo/${path.replace("Cargo.toml", "src/lib.rs")}`, "");
  }
  const repo = join(to.root, "repo");
  git(repo, "add", "--all");
  git(repo, "commit", "--quiet", "--message", "more");
  return git(repo, "rev-parse", "HEAD");
}

test("packages of a repository, one of them by a path inside it", async () => {
  const scene = gitScene(
    '[dependencies]\na = { git = "REPO" }\nc = { git = "REPO", package = "b" }\n',
    {
      "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n[workspace.package]\nversion = "0.3.0"\n',
      "a/Cargo.toml":
        '[package]\nname = "a"\nversion.workspace = true\n[dependencies]\nb = { path = "../b" }\nx = "1"\n',
      "b/Cargo.toml": local("b", "0.2.0"),
    },
    [{ name: "x", version: "1.0.0" }],
  );
  const { lock } = await compareNew(scene);
  expect(lock).toContain('version = "0.3.0"');
});

test.each([
  ["branch", "side/one+two"],
  ["tag", "v1"],
  ["rev", "v1"],
])("a %s", async (kind, value) => {
  const scene = gitScene(`[dependencies]\na = { git = "REPO", ${kind} = "${value}" }\n`, {
    "Cargo.toml": local("a", "0.1.0"),
  });
  const repo = join(scene.root, "repo");
  git(repo, "tag", "v1");
  git(repo, "branch", "side/one+two");
  commit(scene, { "Cargo.toml": local("a", "0.2.0") });
  const { lock } = await compareNew(scene);
  expect(lock).toContain('version = "0.1.0"');
});

test("a lockfile keeps a commit until the package, or one of its repository, is updated", async () => {
  const scene = gitScene(
    '[dependencies]\na = { git = "REPO" }\nb = { git = "REPO" }\nx = "1"\n',
    {
      "a/Cargo.toml": local("a", "0.1.0"),
      "b/Cargo.toml": local("b", "0.1.0"),
    },
    [{ name: "x", version: "1.0.0" }],
  );
  await compareNew(scene);
  commit(scene, { "a/Cargo.toml": local("a", "0.1.1") });
  scene.publish([
    { name: "x", version: "1.0.0" },
    { name: "x", version: "1.1.0" },
  ]);
  const kept = await compareUpdate(scene, ["update", "--workspace"], { kind: "nothing" });
  expect(kept.lock).not.toContain("0.1.1");
  const registryOnly = await compareUpdate(scene, ["update", "x"], {
    kind: "packages",
    specs: [parsePackageIdSpec("x")],
    recursive: false,
  });
  expect(registryOnly.lock).not.toContain("0.1.1");
  const updated = await compareUpdate(scene, ["update", "b"], {
    kind: "packages",
    specs: [parsePackageIdSpec("b")],
    recursive: false,
  });
  expect(updated.lock).toContain("0.1.1");
});

test("--precise takes a revision of the whole repository", async () => {
  const scene = gitScene('[dependencies]\na = { git = "REPO" }\nb = { git = "REPO" }\n', {
    "a/Cargo.toml": local("a", "0.1.0"),
    "b/Cargo.toml": local("b", "0.1.0"),
  });
  const first = git(join(scene.root, "repo"), "rev-parse", "HEAD");
  commit(scene, { "a/Cargo.toml": local("a", "0.2.0"), "b/Cargo.toml": local("b", "0.2.0") });
  const { lock } = await compareNew(scene);
  expect(lock).toContain("0.2.0");
  const back = await compareUpdate(scene, ["update", "a", "--precise", first], {
    kind: "precise",
    spec: parsePackageIdSpec("a"),
    to: first,
  });
  expect(back.lock).not.toContain("0.2.0");
});

test("a new dependency on a locked repository moves its commit when the lockfile has no such package", async () => {
  const scene = gitScene('[dependencies]\na = { git = "REPO" }\n', {
    "a/Cargo.toml": local("a", "0.1.0"),
    "b/Cargo.toml": local("b", "0.1.0"),
  });
  await compareNew(scene);
  commit(scene, { "a/Cargo.toml": local("a", "0.1.1") });
  rewriteManifest(scene, (text) => `${text}b = { git = "file://${scene.root}/repo" }\n`);
  const { lock } = await compareUpdate(scene, ["update", "--workspace"], { kind: "nothing" });
  expect(lock).toBeDefined();
});

test("a patch from a repository is locked, used or not", async () => {
  const crates = [
    { name: "a", version: "1.0.0" },
    { name: "b", version: "1.0.0", deps: { a: "1" } },
  ];
  const scene = gitScene(
    '[dependencies]\nb = "1"\n[patch.crates-io]\na = { git = "REPO" }\nz = { git = "REPO" }\n',
    { "a/Cargo.toml": local("a", "1.0.1"), "z/Cargo.toml": local("z", "1.0.1") },
    crates,
  );
  const { lock } = await compareNew(scene);
  expect(lock).toContain("[[patch.unused]]");
  commit(scene, { "a/Cargo.toml": local("a", "1.0.2"), "z/Cargo.toml": local("z", "1.0.2") });
  scene.publish([...crates, { name: "a", version: "1.5.0" }]);
  const kept = await compareUpdate(scene, ["update", "--workspace"], { kind: "nothing" });
  expect(kept.lock).not.toContain("1.0.2");
  await compareUpdate(scene, ["update", "a"], { kind: "packages", specs: [parsePackageIdSpec("a")], recursive: false });
  await compareUpdate(scene, ["update"], { kind: "everything" });
  rewriteManifest(scene, (text) => text.replace("a = { git", 'a = { version = "1.0.2", git'));
  await compareUpdate(scene, ["update", "--workspace"], { kind: "nothing" });
  rewriteManifest(scene, (text) => text.replace(/^a = .*\n/m, ""));
  const unpatched = await compareUpdate(scene, ["update", "--workspace"], { kind: "nothing" });
  expect(unpatched.lock).toBeDefined();
});

test("a locked patch whose requirement has changed is found anew", async () => {
  const scene = gitScene(
    '[dependencies]\na = "1"\n[patch.crates-io]\na = { git = "REPO" }\n',
    { "a/Cargo.toml": local("a", "1.0.1") },
    [{ name: "a", version: "1.0.0" }],
  );
  await compareNew(scene);
  commit(scene, { "a/Cargo.toml": local("a", "1.0.2") });
  rewriteManifest(scene, (text) => text.replace("a = { git", 'a = { version = "=1.0.2", git'));
  const { lock } = await compareUpdate(scene, ["update", "--workspace"], { kind: "nothing" });
  expect(lock).toContain("1.0.2");
});

test("a replacement from a repository", async () => {
  const scene = gitScene(
    '[dependencies]\na = "1"\n[replace]\n"a:1.0.0" = { git = "REPO" }\n',
    { "a/Cargo.toml": local("a", "1.0.0", '[dependencies]\nx = "1"\n') },
    [
      { name: "a", version: "1.0.0" },
      { name: "x", version: "1.0.0" },
    ],
  );
  await compareNew(scene);
  commit(scene, { "src/more.rs": "" });
  await compareUpdate(scene, ["update", "--workspace"], { kind: "nothing" });
  const { lock } = await compareUpdate(scene, ["update"], { kind: "everything" });
  expect(lock).toContain("replace = ");
});

test.each([["master"], ["main"]])("an old lockfile that does not name the branch %s", async (branch) => {
  const scene = gitScene(`[dependencies]\na = { git = "REPO", branch = "${branch}" }\n`, {
    "Cargo.toml": local("a", "0.1.0"),
  });
  git(join(scene.root, "repo"), "branch", "--force", "master");
  const { lock: named = "" } = await compareNew(scene);
  scene.write("app/Cargo.lock", named.replace("version = 4\n\n", "").replace(`?branch=${branch}`, ""));
  commit(scene, { "Cargo.toml": local("a", "0.1.1") });
  git(join(scene.root, "repo"), "branch", "--force", "master");
  const { lock } = await compareUpdate(scene, ["update", "--workspace"], { kind: "nothing" });
  expect(lock).toBeDefined();
});
