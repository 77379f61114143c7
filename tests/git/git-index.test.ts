import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { formatIndexCache, indexPath, registryIdent } from "../../src/cargo/index.ts";
import { indexRepository, openGitIndex } from "../../src/git/index.ts";
import { buildCrate } from "../support/crate-builder.ts";
import { type GitRepository, makeRepository, runTestGit } from "../support/git-repository.ts";
import { must, offline, openScene } from "../support/hub-runs.ts";
import { rejection, scratch, server, settings } from "./scene.ts";

const crates = ["0.1.0", "0.2.0"].map((version) => buildCrate({ name: "plain", version }));

/** A registry whose index is a git repository on loopback; crate files come from a directory. */
async function gitRegistry(options: { oldProtocol?: boolean; dumb?: boolean } = {}) {
  const root = scratch();
  const index = makeRepository(join(root, "index"));
  for (const crate of crates) writeFileSync(join(root, `plain-${crate.version}.crate`), crate.crate);
  const files = {
    "config.json": `{"dl":"file://${root}/{crate}-{version}.crate"}\n`,
    [indexPath("plain")]: crates.map(({ line }) => `${line}\n`).join(""),
  };
  index.commit(files);
  if (options.dumb === true) index.git("update-server-info");
  const served = await server({ root, ...options });
  const url = `${served.origin}/index${options.dumb === true ? "/.git" : ""}`;
  return { root, index, files, served, url };
}

function publish(index: GitRepository, files: Readonly<Record<string, string>>): string {
  const commit = index.commit(files);
  index.git("update-server-info");
  return commit;
}

test.each([
  ["of today", {}],
  ["of before", { oldProtocol: true }],
  ["that is a plain web server", { dumb: true }],
])("an index on a server %s is read, and read again when it has grown", async (_what, options) => {
  const { index, files, url } = await gitRegistry(options);
  const repository = join(scratch(), "kept");
  const first = await openGitIndex(settings(), { url, repository });
  expect(first.commit).toBe(index.git("rev-parse", "HEAD"));
  const read = await first.read(["config.json", indexPath("plain"), indexPath("other"), "pl", "a\nb"]);
  expect(Object.fromEntries([...read].map(([path, { content }]) => [path, content.toString()]))).toEqual(files);
  expect(read.get(indexPath("plain"))?.blob).toBe(index.git("rev-parse", `HEAD:${indexPath("plain")}`));
  const newest = publish(index, { ...files, [indexPath("other")]: "{}\n" });
  const second = await openGitIndex(settings(), { url, repository });
  expect(second.commit).toBe(newest);
  expect((await second.read([indexPath("other")])).get(indexPath("other"))?.content.toString()).toBe("{}\n");
});

test("offline the last state is read, and a host that is gone does not matter", async () => {
  const { served, url } = await gitRegistry();
  const repository = join(scratch(), "kept");
  const { commit } = await openGitIndex(settings(), { url, repository });
  await served.close();
  const again = await openGitIndex(settings({ network: "offline" }), { url, repository });
  expect(again.commit).toBe(commit);
  expect((await again.read(["config.json"])).size).toBe(1);
  expect((await rejection(openGitIndex(settings(), { url, repository }))).code).toBe("git/unreachable");
  const nothing = join(scratch(), "kept");
  expect((await rejection(openGitIndex(settings({ network: "offline" }), { url, repository: nothing }))).code).toBe(
    "git/offline",
  );
});

test("an index that was rewritten is followed", async () => {
  const { index, files, url } = await gitRegistry();
  const repository = join(scratch(), "kept");
  await openGitIndex(settings(), { url, repository });
  index.git("checkout", "-q", "--orphan", "anew");
  index.commit({ "config.json": '{"dl":"other"}\n' });
  index.git("branch", "-M", "main");
  const opened = await openGitIndex(settings(), { url, repository });
  expect(opened.commit).toBe(index.git("rev-parse", "main"));
  expect([...(await opened.read(Object.keys(files))).keys()]).toEqual(["config.json"]);
});

test("a repository that a killed git or a full disk has left is mended", async () => {
  const { index, files, url } = await gitRegistry();
  const repository = join(scratch(), "kept");
  await openGitIndex(settings(), { url, repository });
  publish(index, { ...files, more: "x" });
  for (const name of ["shallow.lock", "refs/remotes/origin/HEAD.lock", "objects/pack/tmp_pack_abc"])
    writeFileSync(join(repository, name), "");
  expect((await openGitIndex(settings(), { url, repository })).commit).toBe(index.git("rev-parse", "HEAD"));
  expect(readdirSync(repository, { recursive: true }).filter((name) => /lock$|tmp_/.test(String(name)))).toEqual([]);
  publish(index, { ...files, more: "y" });
  for (const name of readdirSync(join(repository, "objects/pack"))) {
    const path = join(repository, "objects/pack", name);
    const start = readFileSync(path).subarray(0, 40);
    rmSync(path);
    writeFileSync(path, start);
  }
  expect((await openGitIndex(settings(), { url, repository })).commit).toBe(index.git("rev-parse", "HEAD"));
});

test("many updates do not leave many packs", async () => {
  const { index, files, url } = await gitRegistry();
  const repository = join(scratch(), "kept");
  for (let count = 0; count < 45; count += 1) {
    publish(index, { ...files, more: `${count}` });
    await openGitIndex(settings(), { url: index.url, repository });
  }
  const packs = readdirSync(join(repository, "objects/pack")).filter((name) => name.endsWith(".pack"));
  expect(packs.length).toBeLessThan(10);
  const opened = await openGitIndex(settings(), { url, repository });
  expect(opened.commit).toBe(index.git("rev-parse", "HEAD"));
  expect((await opened.read(["more"])).get("more")?.content.toString()).toBe("44");
});

test("an empty repository is no index", async () => {
  const root = scratch();
  makeRepository(join(root, "index"));
  const { origin } = await server({ root });
  const error = await rejection(
    openGitIndex(settings(), { url: `${origin}/index`, repository: join(scratch(), "kept") }),
  );
  expect(error.code).toBe("git/reference-missing");
});

/** Writes a registry into a CARGO_HOME as a hub would, with the first version only. */
function writeHome(home: string, url: string, config: string): { readonly ident: string; readonly blob: string } {
  const ident = registryIdent({ kind: "registry", url });
  const [crate] = crates;
  if (crate === undefined) throw new Error("no crate");
  const path = indexPath("plain");
  const made = indexRepository(
    new Map([
      ["config.json", Buffer.from(config)],
      [path, Buffer.from(`${crate.line}\n`)],
    ]),
  );
  const index = join(home, "registry/index", ident);
  for (const file of made.files) {
    mkdirSync(dirname(join(index, ".git", file.path)), { recursive: true });
    writeFileSync(join(index, ".git", file.path), file.content);
  }
  const blob = made.blobs.get(path) ?? "";
  mkdirSync(dirname(join(index, ".cache", path)), { recursive: true });
  writeFileSync(
    join(index, ".cache", path),
    formatIndexCache({ indexVersion: blob, lines: [{ version: crate.version, line: crate.line }] }),
  );
  mkdirSync(join(home, "registry/cache", ident), { recursive: true });
  writeFileSync(join(home, "registry/cache", ident, `plain-${crate.version}.crate`), crate.crate);
  return { ident, blob };
}

test("cargo builds offline from our index repository, makes the same lockfile, and later goes online with it", async () => {
  const { url, files } = await gitRegistry();
  const scene = await openScene({
    crates: [],
    files: {
      ".cargo/config.toml": `[registries.corp]\nindex = "${url}"\n`,
      "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nplain = { version = "0.1", registry = "corp" }\n`,
    },
  });
  await must(scene.cargo("generate-lockfile"));
  const lockfile = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  const home = join(scene.root, "hub-home");
  const { ident } = writeHome(home, url, files["config.json"] ?? "");
  const cache = join(home, "registry/index", ident, ".cache", indexPath("plain"));
  const before = readFileSync(cache);
  const env = { CARGO_HOME: home };
  await must(offline(scene, { env }, ["cargo", "build", "--frozen"]));
  expect(readFileSync(cache)).toEqual(before);
  await must(offline(scene, { env }, ["rm", "Cargo.lock"]));
  await must(offline(scene, { env }, ["cargo", "generate-lockfile", "--offline"]));
  expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).toBe(lockfile);
  await must(offline(scene, { env }, ["rm", cache]));
  await must(offline(scene, { env }, ["cargo", "build", "--frozen"]));
  expect(readFileSync(cache)).toEqual(before);
  expect(runTestGit(join(home, "registry/index", ident), ["fsck", "--full", "--strict"])).toBe("");
  await must(scene.run("cargo", ["add", "--registry", "corp", "plain@0.2.0"], env));
  await must(scene.run("cargo", ["build"], env));
});

test("an index repository is a function of its files, in whatever order they come", () => {
  const files: [string, Buffer][] = [
    ["config.json", Buffer.from("{}")],
    ["pl/ai/plain", Buffer.from("x\n")],
    ["3/s/syn", Buffer.from("y\n")],
    ["1/a", Buffer.from("z\n")],
    ["pl/ai/plainer", Buffer.from("x\n")],
  ];
  const made = indexRepository(new Map(files));
  expect(indexRepository(new Map(files.toReversed()))).toEqual(made);
  expect(made.files.map(({ path }) => path.replace(/[0-9a-f]{40}/, "…"))).toEqual([
    "HEAD",
    "config",
    "objects/pack/pack-….idx",
    "objects/pack/pack-….pack",
    "refs/remotes/origin/HEAD",
  ]);
  expect(made.commit).toBe("65a2fd1773bd7a51f3caa4a698b322782e7388af");
});
