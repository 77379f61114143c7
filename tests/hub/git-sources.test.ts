import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gitIdent } from "../../src/cargo/index.ts";
import { documentOf, errorOf, hub, hubIn, must, offline, privateRoots } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { type GitScene, openGitScene, projectText } from "./git-scene.ts";

/** Fills with what cargo itself locked from the same servers; then nothing of the servers is left. */
async function filledAndAlone(hubToml = ""): Promise<GitScene> {
  const git = await openGitScene(hubToml);
  await must(git.scene.cargo("generate-lockfile"));
  await must(hub(git.scene, "fill"));
  await git.server.close();
  return git;
}

/** A home in which cargo has fetched nothing yet. */
function emptyHome(scene: Scene): string {
  const home = mkdtempSync(join(scene.root, "home-"));
  copyFileSync(join(scene.cargoHome, "config.toml"), join(home, "config.toml"));
  return home;
}

const built = "7 branched tagged part helper\n";

test("a hub in mode directory builds git dependencies of every kind with no network, and the lockfile stays", async () => {
  const { scene, commits } = await filledAndAlone();
  const lockfile = projectText(scene, "Cargo.lock");
  const run = await must(offline(scene, {}, ["cargo", "run", "--frozen", "--quiet"]));
  expect(run.stdout).toBe(built);
  expect(projectText(scene, "Cargo.lock")).toBe(lockfile);
  const { problems, gitPackages } = documentOf(await must(hub(scene, "verify", "--json")));
  expect({ problems, gitPackages }).toEqual({ problems: 0, gitPackages: 4 });
  const hubLock = projectText(scene, ".cargo/hub.lock");
  for (const commit of Object.values(commits)) expect(hubLock).toContain(`commit = "${commit}"`);
});

test("mode cargo-home builds the same from bare repositories, and cargo would lock the same again", async () => {
  const { scene } = await filledAndAlone('mode = "cargo-home"\n');
  const lockfile = projectText(scene, "Cargo.lock");
  const home = { env: { CARGO_HOME: join(scene.project, ".cargo") } };
  const run = await must(offline(scene, home, ["cargo", "run", "--frozen", "--quiet"]));
  expect(run.stdout).toBe(built);
  rmSync(join(scene.project, "Cargo.lock"));
  await must(offline(scene, home, ["cargo", "generate-lockfile", "--offline"]));
  expect(projectText(scene, "Cargo.lock")).toBe(lockfile);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
});

test("switching the mode takes the other shape away and needs no network", async () => {
  const { scene, server } = await filledAndAlone();
  const sources = join(scene.project, ".cargo/registry/src", gitIdent(`${server.origin}/space`));
  const database = join(scene.project, ".cargo/git/db", gitIdent(`${server.origin}/space`));
  expect([existsSync(sources), existsSync(database)]).toEqual([true, false]);
  scene.write("app/.cargo/hub.toml", 'version = 1\nmode = "cargo-home"\n');
  await must(hub(scene, "fill", "--offline"));
  expect([existsSync(sources), existsSync(database)]).toEqual([false, true]);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
  rmSync(join(scene.project, ".cargo/hub.toml"));
  await must(hub(scene, "fill", "--offline"));
  expect([existsSync(sources), existsSync(join(scene.project, ".cargo/git"))]).toEqual([true, false]);
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
});

test("a second fill changes nothing and asks nobody", async () => {
  const { scene } = await filledAndAlone();
  for (const args of [["fill"], ["fill", "--frozen"], ["fill", "--offline", "--json"]]) {
    const run = await must(hub(scene, ...args));
    expect(run.stderr).toContain("Fresh");
    expect(run.stderr).not.toContain("Updating");
  }
});

test("a package that is not wanted any more goes, with its repository and its submodule", async () => {
  const { scene, server } = await openGitScene();
  await must(scene.cargo("generate-lockfile"));
  await must(hub(scene, "fill"));
  const manifest = projectText(scene, "Cargo.toml");
  scene.write("app/Cargo.toml", manifest.replace(/^member.*\n/m, ""));
  await must(scene.cargo("update", "--workspace", "--offline"));
  await must(hub(scene, "fill", "--offline"));
  for (const name of ["space", "part"]) {
    const gident = gitIdent(`${server.origin}/${name}`);
    expect(existsSync(join(scene.project, ".cargo/registry/cache", gident))).toBe(false);
    expect(existsSync(join(scene.project, ".cargo/registry/src", gident))).toBe(false);
  }
  expect(documentOf(await must(hub(scene, "verify", "--json")))["problems"]).toBe(0);
});

test("a repository that cargo has fetched already is taken from CARGO_HOME", async () => {
  const { scene, server } = await openGitScene();
  await must(scene.cargo("fetch"));
  await server.close();
  const run = await must(hub(scene, "fill"));
  expect(run.stderr).toContain("Updating git repository");
  await must(offline(scene, {}, ["cargo", "check", "--frozen", "--quiet"]));
});

describe("one clear error", () => {
  test("when the host is gone and nobody has the commit", async () => {
    const { scene, server } = await openGitScene();
    await must(scene.cargo("generate-lockfile"));
    await server.close();
    const run = await hubIn(scene, { env: { CARGO_HOME: emptyHome(scene) } }, "fill", "--message-format", "json");
    expect(errorOf(run)).toMatchObject({ code: "git/unreachable", where: expect.stringContaining(server.origin) });
    expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
  });

  test("offline, naming the repository", async () => {
    const { scene, server } = await openGitScene();
    await must(scene.cargo("generate-lockfile"));
    const env = { CARGO_HOME: emptyHome(scene) };
    const run = await hubIn(scene, { env }, "fill", "--offline", "--message-format", "json");
    const { code } = errorOf(run);
    expect(["git/offline", "registry/offline"]).toContain(code);
    expect(server.requests.filter((line) => line.includes("upload-pack") && line.startsWith("POST"))).not.toHaveLength(
      0,
    );
  });

  test("when the commit was taken out of the repository", async () => {
    const { scene, repositories, commits } = await openGitScene();
    await must(scene.cargo("generate-lockfile"));
    rmSync(join(repositories.tagged.path, ".git"), { recursive: true });
    repositories.tagged.git("init", "--quiet", "--initial-branch=main");
    repositories.tagged.commit({ a: "b" });
    const env = { CARGO_HOME: emptyHome(scene) };
    const run = await hubIn(scene, { env }, "fill", "--message-format", "json");
    expect(errorOf(run)).toMatchObject({ code: "git/commit-missing", what: expect.stringContaining(commits.tagged) });
  });

  test("when a lockfile asks for a package that the commit does not have", async () => {
    const { scene } = await openGitScene();
    await must(scene.cargo("generate-lockfile"));
    scene.write(
      "app/Cargo.lock",
      projectText(scene, "Cargo.lock").replace(
        'name = "helper"\nversion = "0.1.0"',
        'name = "helper"\nversion = "0.2.0"',
      ),
    );
    const run = await hub(scene, "fill", "--message-format", "json");
    expect(errorOf(run)).toMatchObject({
      code: "hub/git-package-missing",
      what: expect.stringContaining("helper 0.1.0"),
    });
  });
});

test("the store keeps one pack for two hubs, and a fill from it needs no network", async () => {
  const { scene } = await filledAndAlone();
  const other = join(scene.root, "other");
  await must(scene.run("cp", ["-r", scene.project, other]));
  rmSync(join(other, ".cargo/registry"), { recursive: true });
  await must(hubIn(scene, { cwd: other }, "fill", "--frozen"));
  expect(projectText({ ...scene, project: other }, ".cargo/hub.lock")).toBe(projectText(scene, ".cargo/hub.lock"));
  const packs = join(privateRoots(scene)["CARGO_HUB_STORE"] ?? "", "packs");
  expect(readdirSync(packs, { recursive: true, encoding: "utf8" }).filter((name) => name.length > 40)).toHaveLength(4);
  await must(offline(scene, { cwd: other }, ["cargo", "check", "--frozen", "--quiet"]));
});
