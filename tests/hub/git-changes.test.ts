import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitIdent } from "../../src/cargo/index.ts";
import { libraryFiles, makeRepository } from "../support/git-repository.ts";
import { documentOf, errorOf, hub, hubIn, must, offline, runIn } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { type GitScene, openGitScene, projectText } from "./git-scene.ts";

/** Replaces a text in the project's Cargo.lock. */
function relock({ scene }: GitScene, from: string, to: string): void {
  scene.write("app/Cargo.lock", projectText(scene, "Cargo.lock").replaceAll(from, to));
}

async function locked(hubToml = ""): Promise<GitScene> {
  const git = await openGitScene(hubToml);
  await must(git.scene.cargo("generate-lockfile"));
  return git;
}

async function problemsIn(scene: Scene, cwd = "app"): Promise<unknown> {
  return documentOf(await hubIn(scene, { cwd }, "verify", "--json"))["problems"];
}

test("the same commit by another reference stays in place, in both modes", async () => {
  for (const mode of ["directory", "cargo-home"]) {
    const git = await locked(`mode = "${mode}"\n`);
    await must(hub(git.scene, "fill"));
    const manifest = projectText(git.scene, "Cargo.toml");
    git.scene.write("app/Cargo.toml", manifest.replace('tag = "v1.0"', 'branch = "main"'));
    relock(git, "?tag=v1.0#", "?branch=main#");
    await must(hub(git.scene, "fill", "--offline"));
    expect(await problemsIn(git.scene)).toBe(0);
    const home = mode === "directory" ? {} : { env: { CARGO_HOME: join(git.scene.project, ".cargo") } };
    await must(offline(git.scene, home, ["cargo", "check", "--frozen", "--quiet"]));
  }
});

test("what somebody changed in it is still ours to replace then", async () => {
  const git = await locked();
  const { scene, server, commits } = git;
  await must(hub(scene, "fill"));
  const directory = join(
    scene.project,
    ".cargo/registry/src",
    gitIdent(`${server.origin}/tagged`),
    commits.tagged.slice(0, 12),
  );
  rmSync(join(directory, "tagged-0.1.0/.cargo-checksum.json"));
  relock(git, "?tag=v1.0#", "?branch=main#");
  await must(hub(scene, "fill", "--offline"));
  expect(await problemsIn(scene)).toBe(0);
});

/** The files of a library in a directory of its name. */
function libraryIn(name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(libraryFiles(name)).map(([path, text]) => [`${name}/${path}`, text]));
}

/** Two projects that spell the URL of one repository in two ways, and one hub for both. */
async function twoSpellings(hubToml: string): Promise<Scene> {
  const { scene } = await openGitScene();
  const both = makeRepository(join(scene.root, "both.git"));
  both.commit({ ...libraryIn("one"), ...libraryIn("two") });
  for (const [project, url, names] of [
    ["a", both.url, ["one"]],
    ["b", `${both.url}/`, ["one", "two"]],
  ] as const) {
    const deps = names.map((name) => `${name} = { git = "${url}" }\n`).join("");
    const head = `[package]\nname = "${project}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n`;
    scene.write(`space/${project}/Cargo.toml`, head + deps);
    scene.write(`space/${project}/src/lib.rs`, "");
    await must(runIn(scene, { cwd: `space/${project}` }, ["cargo", "generate-lockfile"]));
  }
  scene.write("space/.cargo/hub.toml", `version = 1\n${hubToml}`);
  return scene;
}

test.each(["directory", "cargo-home"])("two spellings of one repository are one source, in mode %s", async (mode) => {
  const scene = await twoSpellings(`mode = "${mode}"\n`);
  await must(hubIn(scene, { cwd: "space" }, "fill", "--union"));
  const lock = readFileSync(join(scene.root, "space/.cargo/hub.lock"), "utf8");
  expect(lock.match(/ commit = /g)).toHaveLength(1);
  const env = mode === "directory" ? {} : { CARGO_HOME: join(scene.root, "space/.cargo") };
  for (const project of ["a", "b"])
    await must(offline(scene, { cwd: `space/${project}`, env }, ["cargo", "check", "--frozen", "--quiet"]));
  expect(await problemsIn(scene, "space")).toBe(0);
  rmSync(join(scene.root, "space/b"), { recursive: true });
  await must(hubIn(scene, { cwd: "space" }, "fill", "--union", "--offline"));
  await must(offline(scene, { cwd: "space/a", env }, ["cargo", "check", "--frozen", "--quiet"]));
  expect(await problemsIn(scene, "space")).toBe(0);
});

test("two commits by two spellings contradict each other before anything is written", async () => {
  const scene = await twoSpellings("");
  const path = "space/b/Cargo.lock";
  const text = readFileSync(join(scene.root, path), "utf8");
  scene.write(path, text.replaceAll(/#[0-9a-f]{40}/g, `#${"12".repeat(20)}`));
  const before = readFileSync(join(scene.root, "space/.cargo/hub.toml"), "utf8");
  const error = errorOf(await hubIn(scene, { cwd: "space" }, "fill", "--union", "--message-format", "json"));
  expect(error).toMatchObject({ code: "plan/git-commit-conflict", where: join(scene.root, path) });
  expect(readFileSync(join(scene.root, "space/.cargo/hub.toml"), "utf8")).toBe(before);
});

test.each([
  ["ssh://-oProxyCommand=x/y?tag=v1.0", "git/url-refused"],
  ["ext::sh?tag=v1.0", "git/url-refused"],
  ["SERVER/tagged?tag=--upload-pack", "git/reference-refused"],
])("%s is one error that names the lockfile, before anything is fetched", async (source, code) => {
  const git = await locked();
  const { scene, server } = git;
  relock(git, `${server.origin}/tagged?tag=v1.0`, source.replace("SERVER", server.origin));
  server.requests.length = 0;
  scene.registry.requests.length = 0;
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code, where: join(scene.project, "Cargo.lock") });
  expect([...server.requests, ...scene.registry.paths()]).toEqual([]);
  expect(existsSync(join(scene.project, ".cargo"))).toBe(false);
});

test.each([
  ["the tree of a repository", / tree = "[0-9a-f]+"/, ` tree = "${"b".repeat(40)}"`],
  ["a repository that is missing", / \{ url = "[^"]*\/tagged".*\n/, ""],
  ["the directory of a package", /(name = "tagged".* path = )""/, '$1"elsewhere"'],
  ["the build script of a package", /(name = "tagged".* runs = \[)[^\]]*/, "$1"],
])("--locked keeps hub.lock also when it is wrong about %s", async (_what, pattern, wrong) => {
  const { scene } = await locked();
  await must(hub(scene, "fill"));
  const lock = projectText(scene, ".cargo/hub.lock");
  const body = lock.slice(0, lock.lastIndexOf("checksum = ")).replace(pattern, wrong);
  const text = `${body}checksum = "${createHash("sha256").update(body).digest("hex")}"\n`;
  scene.write("app/.cargo/hub.lock", text);
  const error = errorOf(await hub(scene, "fill", "--frozen", "--message-format", "json"));
  expect(error).toMatchObject({ code: "hub/lock-outdated", where: join(scene.project, ".cargo/hub.lock") });
  expect(projectText(scene, ".cargo/hub.lock")).toBe(text);
  await must(hub(scene, "fill", "--offline"));
  expect(projectText(scene, ".cargo/hub.lock")).toBe(lock);
});

test("a commit with 64 digits is one error, in a lockfile and in hub.lock", async () => {
  const git = await locked();
  const { scene, commits } = git;
  await must(hub(scene, "fill"));
  const lock = projectText(scene, ".cargo/hub.lock");
  const body = lock.slice(0, lock.lastIndexOf("checksum = "));
  for (const from of [`#${commits.tagged}"`, `commit = "${commits.tagged}"`]) {
    const hostile = body.replaceAll(from, from.replace(commits.tagged, "a".repeat(64)));
    const seal = createHash("sha256").update(hostile).digest("hex");
    scene.write("app/.cargo/hub.lock", `${hostile}checksum = "${seal}"\n`);
    expect(errorOf(await hub(scene, "status", "--message-format", "json")).code).toBe("formats/hub-lock-damaged");
    expect(await problemsIn(scene)).toBe(1);
    await must(hub(scene, "verify", "--repair", "--offline"));
    expect(projectText(scene, ".cargo/hub.lock")).toBe(lock);
  }
  relock(git, `#${commits.tagged}"`, `#${"a".repeat(64)}"`);
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error).toMatchObject({ code: "git/object-format", where: join(scene.project, "Cargo.lock") });
});
