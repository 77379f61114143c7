import { join } from "node:path";
import { expect, test } from "vitest";
import { git } from "../support/git.ts";
import { documentOf, hub, hubIn, must, offline } from "../support/hub-runs.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";
import { openEverySource, said } from "./every-source-world.ts";
import { projectText } from "./git-scene.ts";

const users = /^(?:config\.toml|hub\.toml|\.gitignore|\.gitattributes)$/;

test.each(["directory", "cargo-home"])(
  "a hub in mode %s with everything Cargo can depend on is made whole from a clone, with no server left",
  async (mode) => {
    const world = await openEverySource(`mode = "${mode}"\ncommit = "crates"\n`);
    const { scene } = world;
    // In mode cargo-home the hub is cargo's home, so what a project needs of registries' names stands with the project.
    const home = projectText({ ...scene, project: scene.cargoHome }, "config.toml");
    scene.write("app/.cargo/config.toml", home.slice(home.indexOf("[registries")));
    await must(scene.cargo("generate-lockfile"));
    await must(hub(scene, "fill"));
    await git(scene, {}, "init", "-q", "-b", "main");
    await git(scene, {}, "add", "--all");
    await git(scene, {}, "commit", "-q", "-m", "state");
    const tracked = (await git(scene, {}, "ls-files", "-s", ".cargo")).stdout;
    expect(tracked).not.toMatch(/^160000/m);
    expect(tracked.match(/\.pack$/gm)).toHaveLength(4);
    await world.alone();

    await git(scene, { cwd: "." }, "clone", "-q", "-c", "core.autocrlf=true", "app", "clone");
    const there = { cwd: "clone", env: { CARGO_HUB_STORE: join(scene.root, "another-store") } };
    await must(hubIn(scene, there, "fill", "--frozen"));
    const facts = (project: string) => treeFacts(join(scene.root, project, ".cargo"), users);
    expect(differences(facts("app"), facts("clone"))).toEqual([]);
    expect(documentOf(await must(hubIn(scene, there, "verify", "--json")))).toMatchObject({ problems: 0, foreign: [] });
    expect((await git(scene, there, "status", "--porcelain")).stdout).toBe("");
    const env: Record<string, string> = mode === "directory" ? {} : { CARGO_HOME: join(scene.root, "clone/.cargo") };
    const run = await offline(scene, { cwd: "clone", env }, ["cargo", "run", "--frozen", "--quiet"]);
    expect(run.stderr).toBe("");
    expect(run.stdout).toBe(said);
  },
);
