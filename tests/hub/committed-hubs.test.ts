import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { git } from "../support/git.ts";
import { cratesIoIdent, documentOf, hub, hubIn, must, offline, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";

/** Crates that would like to have a say in what git does, and one whose name many people ignore. */
const crates = [
  {
    name: "alpha",
    version: "1.0.0",
    files: {
      ".gitignore": "*\n",
      ".gitattributes": "* text eol=crlf\n",
      "notes.txt": "one\r\ntwo\n",
      "src/.gitignore": "lib.rs\n",
    },
  },
  { name: "target", version: "2.0.0" },
];
const ignoredByTheUser = "*.crate\ntarget\nregistry/\nindex\n*.lo[gG]\n/.cargo/registry/cache/*\n";

/** A filled project that commits its crates, in a repository with one commit. */
async function openCommitted(more: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const scene = await openScene({
    crates,
    files: { ".cargo/hub.toml": 'version = 1\ncommit = "crates"\n', ".gitignore": ignoredByTheUser, ...more },
  });
  await must(hub(scene, "fill"));
  await git(scene, {}, "init", "-q", "-b", "main");
  await commitAll(scene);
  return scene;
}

async function commitAll(scene: Scene): Promise<void> {
  await git(scene, {}, "add", "--all");
  await git(scene, {}, "commit", "-q", "-m", "state");
}

/** A new directory in which nothing of the first one's store is known, and no registry can be reached. */
function elsewhere(scene: Scene, cwd: string): { cwd: string; env: Record<string, string> } {
  return { cwd, env: { CARGO_HUB_STORE: join(scene.root, `store-of-${cwd}`) } };
}

/** What a hub holds; the same hub.lock has to give the same. */
function held(scene: Scene, project: string): Record<string, unknown> {
  return treeFacts(join(scene.root, project, ".cargo"), /^(?:config\.toml|hub\.toml|\.gitignore|\.gitattributes)$/);
}

test.each([
  { settings: [] },
  { settings: ["core.autocrlf=true"] },
  { settings: ["core.autocrlf=true", "core.eol=crlf"] },
  { settings: ["core.autocrlf=input"] },
  { settings: ["core.eol=crlf"] },
])("a clone with $settings is made whole again offline, byte for byte, and builds", async ({ settings }) => {
  const scene = await openCommitted();
  const flags = settings.flatMap((setting) => ["-c", setting]);
  await git(scene, { cwd: "." }, "clone", "-q", ...flags, "app", "clone");
  await scene.registry.close();
  const there = elsewhere(scene, "clone");
  await must(hubIn(scene, there, "fill", "--frozen"));
  expect(differences(held(scene, "app"), held(scene, "clone"))).toEqual([]);
  expect(documentOf(await must(hubIn(scene, there, "verify", "--json")))).toMatchObject({ problems: 0, foreign: [] });
  expect((await git(scene, there, "status", "--porcelain")).stdout).toBe("");
  const built = await offline(scene, there, ["cargo", "build", "--frozen"]);
  expect(built.code, built.stderr).toBe(0);
});

test("what git holds is the crates and what pins them, whatever a .gitignore further up says", async () => {
  const scene = await openCommitted();
  const files = (await git(scene, {}, "ls-files", ".cargo")).stdout.trim().split("\n");
  const index = `.cargo/registry/index/${cratesIoIdent}`;
  expect(files.toSorted()).toEqual(
    [
      ".cargo/.gitattributes",
      ".cargo/.gitignore",
      ".cargo/config.toml",
      ".cargo/hub.config.toml",
      ".cargo/hub.lock",
      ".cargo/hub.toml",
      `.cargo/registry/cache/${cratesIoIdent}/alpha-1.0.0.crate`,
      `.cargo/registry/cache/${cratesIoIdent}/target-2.0.0.crate`,
      `${index}/al/ph/alpha`,
      `${index}/config.json`,
      `${index}/config.json.sha256`,
      `${index}/ta/rg/target`,
    ].toSorted(),
  );
  expect(documentOf(await must(hub(scene, "status", "--json")))).toMatchObject({
    committed: { files: 6, hidden: [] },
  });
});

test("git clean takes what can be made again, and fill --offline makes it from what is committed", async () => {
  const scene = await openCommitted();
  const before = held(scene, "app");
  await git(scene, {}, "clean", "-xfdq");
  expect(existsSync(join(scene.project, ".cargo/registry/src"))).toBe(false);
  await must(hubIn(scene, elsewhere(scene, "app"), "fill", "--frozen"));
  expect(differences(before, held(scene, "app"))).toEqual([]);
});

test.each(["crates", "none"])(
  'old and new commits can be checked out and filled in turn, with commit = "%s"',
  async (commit) => {
    const scene = await openCommitted({ ".cargo/hub.toml": `version = 1\ncommit = "${commit}"\n` });
    const first = held(scene, "app");
    scene.registry.add({ name: "alpha", version: "1.1.0" });
    scene.registry.add({ name: "beta", version: "0.2.1" });
    const manifest = readFileSync(join(scene.project, "Cargo.toml"), "utf8");
    scene.write("app/Cargo.toml", `${manifest.replace('alpha = "=1.0.0"', 'alpha = "1"')}beta = "0.2"\n`);
    await must(hub(scene, "off"));
    await must(scene.cargo("update"));
    await must(hub(scene, "on"));
    await must(hub(scene, "fill"));
    const second = held(scene, "app");
    expect(differences(first, second).length).toBeGreaterThan(10);
    await commitAll(scene);
    await scene.registry.close();

    for (const [revision, expected] of [
      ["main~1", first],
      ["main", second],
      ["main~1", first],
    ] as const) {
      await git(scene, {}, "checkout", "-q", revision);
      await must(hub(scene, "fill", "--frozen"));
      expect(differences(expected, held(scene, "app")), revision).toEqual([]);
      expect(documentOf(await must(hub(scene, "verify", "--json")))).toMatchObject({ problems: 0, foreign: [] });
      expect((await git(scene, {}, "status", "--porcelain")).stdout).toBe("");
    }
  },
);

test("a hub without .gitattributes whose texts got CRLF from git is right as it is", async () => {
  const scene = await openScene({
    crates,
    files: { ".cargo/hub.toml": "version = 1\ncompat = true\n", ".cargo/config.toml": "" },
  });
  scene.write(
    "cargo-home/config.toml",
    `[source.crates-io]\nreplace-with = "loopback"\n\n[source.loopback]\nregistry = "sparse+${scene.registry.url}"\n`,
  );
  await must(hub(scene, "fill"));
  rmSync(join(scene.project, ".cargo/.gitattributes"));
  await git(scene, {}, "init", "-q", "-b", "main");
  await commitAll(scene);
  await git(scene, { cwd: "." }, "clone", "-q", "-c", "core.autocrlf=true", "app", "clone");
  for (const name of ["hub.lock", "hub.config.toml", "config.toml"])
    expect(readFileSync(join(scene.root, "clone/.cargo", name), "utf8"), name).toContain("\r\n");

  const there = { cwd: "clone" };
  await must(hubIn(scene, there, "fill", "--frozen"));
  expect(await hubIn(scene, there, "verify")).toMatchObject({ code: 0 });
  expect((await git(scene, there, "status", "--porcelain")).stdout).toBe("?? .cargo/.gitattributes\n");
  expect(readFileSync(join(scene.root, "clone/.cargo/hub.lock"), "utf8")).toContain("\r\n");
  const checked = await offline(scene, there, ["cargo", "check", "--frozen"]);
  expect(checked.code, checked.stderr).toBe(0);
});

test("switching between the two ways to commit changes what git takes", async () => {
  const scene = await openCommitted();
  const untracked = async (): Promise<string[]> =>
    (await git(scene, {}, "ls-files", "-o", "--exclude-standard", ".cargo")).stdout
      .split("\n")
      .filter((line) => line !== "");
  scene.write("app/.cargo/hub.toml", "version = 1\n");
  await must(hub(scene, "fill"));
  await git(scene, {}, "rm", "-rq", "--cached", ".cargo/registry");
  expect(await untracked()).toEqual([]);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  scene.write("app/.cargo/hub.toml", 'version = 1\ncommit = "crates"\n');
  expect((await hub(scene, "verify")).code).toBe(1);
  await must(hub(scene, "fill"));
  expect(await untracked()).toHaveLength(6);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("files that git would not take are named with the rule, until it takes them", async () => {
  const scene = await openCommitted();
  await git(scene, {}, "rm", "-rq", "--cached", ".cargo");
  scene.write("app/.gitignore", "target/\n.cargo/\n");
  for (const round of ["first", "second"]) {
    const filled = await must(hub(scene, "fill"));
    expect(filled.stderr, round).toMatch(
      /warning: git ignores 12 files .*: \.cargo\/hub\.toml by \.gitignore:2: \.cargo\/;/,
    );
  }
  const { committed } = documentOf(await must(hub(scene, "status", "--json")));
  expect(committed).toMatchObject({
    files: 6,
    hidden: expect.arrayContaining([{ path: ".cargo/hub.lock", rule: ".gitignore:2: .cargo/" }]),
  });
  scene.write("app/.gitignore", "target/\n");
  expect((await must(hub(scene, "fill"))).stderr).not.toContain("warning");
});

test("without git, or outside of a repository, nothing is hidden", async () => {
  const scene = await openScene({ crates, files: { ".cargo/hub.toml": 'version = 1\ncommit = "crates"\n' } });
  const filled = documentOf(await must(hub(scene, "fill", "--json")));
  expect(filled["committed"]).toMatchObject({ files: 6, hidden: [] });
  mkdirSync(join(scene.root, "no-git"));
  const blind = await must(hubIn(scene, { env: { PATH: join(scene.root, "no-git") } }, "status", "--json"));
  expect(documentOf(blind)["committed"]).toEqual(filled["committed"]);
});
