import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type GitReference, gitIdent } from "../../src/cargo/index.ts";
import { type CommitPack, databaseFiles, databaseReference } from "../../src/git/index.ts";
import { libraryFiles, makeRepository, runTestGit } from "../support/git-repository.ts";
import { must, offline, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { opened, pack, packOf, repository, scratch, server, writeRepository } from "./scene.ts";

interface Dependency {
  readonly url: string;
  readonly commit: string;
  readonly reference?: GitReference;
}

/** Writes `git/db` of a CARGO_HOME as a hub would: what the lockfile names, and the submodules of that. */
async function writeDatabases(home: string, dependencies: readonly Dependency[]): Promise<void> {
  const wanted = dependencies.map(({ url, commit, reference }) => ({
    url,
    commit,
    reference: databaseReference(reference, commit),
  }));
  const packs = new Map<string, { url: string; pack: CommitPack }>();
  for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
    const { url, commit } = next;
    const packed = await pack({ url, commit });
    packs.set(`${url} ${commit}`, { url, pack: opened(packed.path, commit) });
    for (const submodule of packed.submodules)
      wanted.push({ url: submodule.url.href, commit: submodule.commit, reference: undefined });
  }
  for (const url of new Set([...packs.values()].map((entry) => entry.url))) {
    const own = [...packs.values()].filter((entry) => entry.url === url).map((entry) => entry.pack);
    const references = dependencies.flatMap((dependency) => {
      const found = databaseReference(dependency.reference, dependency.commit);
      return dependency.url === url && found !== undefined ? [found] : [];
    });
    writeRepository(join(home, "git/db", gitIdent(url)), databaseFiles({ packs: own, references }), own);
  }
}

/** A project with git dependencies of every kind, whose lockfile cargo made from a server. */
async function gitProject(): Promise<{ scene: Scene; lockfile: string; dependencies: Dependency[] }> {
  const root = scratch();
  const one = makeRepository(join(root, "one"));
  const old = one.commit(libraryFiles("one", "pub fn number() -> u32 { 1 }"));
  const light = one.commit(libraryFiles("one", "pub fn number() -> u32 { 2 }"));
  one.git("tag", "light");
  one.git("checkout", "-q", "-b", "feature/x+1#2");
  const branch = one.commit(libraryFiles("one", "pub fn number() -> u32 { 10 }"));
  const tagged = one.commit(libraryFiles("one", "pub fn number() -> u32 { 20 }"));
  one.git("tag", "-a", "v1", "-m", "one");
  one.git("reset", "-q", "--hard", branch);
  one.git("checkout", "-q", "main");
  const newest = one.commit(libraryFiles("one", "pub fn number() -> u32 { 3 }"));
  const inner = makeRepository(join(root, "inner"));
  const innermost = makeRepository(join(root, "deep/innermost"));
  const leaf = innermost.commit({ "leaf.rs": "pub fn leaf() -> u32 { 7000 }\n" });
  const text = inner.commit({
    "text.rs": 'include!("more/leaf.rs");\npub fn text() -> u32 { 400 + leaf() }\n',
    more: { submodule: leaf, url: "../deep/innermost" },
  });
  const space = makeRepository(join(root, "space"));
  const member = space.commit({
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n\n[workspace.package]\nversion = "1.2.3"\nedition = "2021"\n',
    "crates/member/Cargo.toml":
      '[package]\nname = "member"\nversion.workspace = true\nedition.workspace = true\n\n[dependencies]\nside = { path = "../side" }\n',
    "crates/member/src/lib.rs": 'include!("../parts/text.rs");\npub fn number() -> u32 { side::number() + text() }\n',
    "crates/member/parts": { submodule: text, url: "../inner" },
    "crates/side/Cargo.toml": '[package]\nname = "side"\nversion = "0.3.0"\n',
    "crates/side/src/lib.rs": "pub fn number() -> u32 { 50 }\n",
  });
  space.git("tag", "v1");
  const { origin } = await server({ root });
  const dependencies: Dependency[] = [
    { url: `${origin}/one`, commit: newest },
    { url: `${origin}/one`, commit: branch, reference: { kind: "branch", value: "feature/x+1#2" } },
    { url: `${origin}/one`, commit: tagged, reference: { kind: "tag", value: "v1" } },
    { url: `${origin}/one`, commit: light, reference: { kind: "rev", value: "light" } },
    { url: `${origin}/one`, commit: old, reference: { kind: "rev", value: old.slice(0, 8) } },
    { url: `${origin}/space`, commit: member, reference: { kind: "tag", value: "v1" } },
  ];
  const lines = dependencies.map(({ url, reference }, index) => {
    const asked = reference === undefined ? "" : `, ${reference.kind} = "${reference.value}"`;
    const isMember = url.endsWith("space");
    return `${isMember ? "member" : `d${index}`} = { ${isMember ? "" : 'package = "one", '}git = "${url}"${asked} }\n`;
  });
  const names = ["d0", "d1", "d2", "d3", "d4", "member"];
  const scene = await openScene({
    crates: [],
    files: {
      "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${lines.join("")}`,
      "src/main.rs": `fn main() {\n    println!("{}", ${names.map((name) => `${name}::number()`).join(" + ")});\n}\n`,
    },
  });
  await must(scene.cargo("generate-lockfile"));
  return { scene, lockfile: readFileSync(join(scene.project, "Cargo.lock"), "utf8"), dependencies };
}

test("cargo builds offline from our databases, makes the same lockfile from them, and changes nothing in them", async () => {
  const { scene, lockfile, dependencies } = await gitProject();
  const home = join(scene.root, "hub-home");
  await writeDatabases(home, dependencies);
  const before = join(scene.root, "before");
  cpSync(join(home, "git/db"), before, { recursive: true });
  const env = { CARGO_HOME: home };
  const run = await must(offline(scene, { env }, ["cargo", "run", "--frozen"]));
  expect(run.stdout).toBe("7486\n");
  await must(offline(scene, { env }, ["cargo", "tree", "--offline", "--locked"]));
  await must(offline(scene, { env }, ["rm", "Cargo.lock"]));
  await must(offline(scene, { env }, ["cargo", "generate-lockfile", "--offline"]));
  expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).toBe(lockfile);
  await must(offline(scene, {}, ["diff", "-r", before, join(home, "git/db")]));
  expect(readdirSync(before)).toHaveLength(4);
  for (const ident of readdirSync(before)) {
    const database = join(before, ident);
    // Told that histories end here, git finds nothing wrong.
    writeFileSync(join(database, "shallow"), `${readdirSync(join(database, "refs/commit")).join("\n")}\n`);
    expect(runTestGit(database, ["fsck", "--full", "--strict"])).toBe("");
  }
});

test.each([
  ["its built-in client", "http", []],
  ["its built-in client", "file", []],
  ["git", "http", ["--config", "net.git-fetch-with-cli=true"]],
])(
  "cargo goes online with our databases by %s over %s, for newer and for older commits",
  async (_by, over, options) => {
    const root = scratch();
    const one = makeRepository(join(root, "one"));
    const first = one.commit(libraryFiles("one", "// first"));
    one.commit(libraryFiles("one", "// second"));
    const locked = one.commit(libraryFiles("one", "// locked"));
    const url = over === "file" ? one.url : `${(await server({ root })).origin}/one`;
    const scene = await openScene({
      crates: [],
      files: {
        "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\none = { git = "${url}" }\n`,
      },
    });
    await must(scene.cargo("generate-lockfile"));
    const cargo = (...args: string[]) => must(scene.cargo(...args, ...options));
    const lockfile = () => readFileSync(join(scene.project, "Cargo.lock"), "utf8");
    await must(scene.run("rm", ["-r", scene.cargoHome]));
    await writeDatabases(scene.cargoHome, [{ url, commit: locked }]);
    await cargo("build", "--frozen");
    await cargo("update", "one", "--precise", first);
    await cargo("build", "--locked");
    expect(lockfile()).toContain(`#${first}`);
    await must(scene.run("rm", ["-r", scene.cargoHome]));
    await writeDatabases(scene.cargoHome, [{ url, commit: locked }]);
    const newest = one.commit(libraryFiles("one", "// newest"));
    await cargo("update", "one");
    await cargo("build", "--locked");
    expect(lockfile()).toContain(`#${newest}`);
  },
);

test("the files of a database depend on its commits alone, in whatever order they come", async () => {
  const one = repository();
  one.commit(libraryFiles("one"));
  one.commit(libraryFiles("one", "// more"));
  const packs = [await packOf(one, one.git("rev-parse", "HEAD")), await packOf(one, one.git("rev-parse", "HEAD~1"))];
  const references = packs.flatMap(({ commit }, index) => [
    { name: `refs/remotes/origin/${index}`, commit },
    { name: "refs/remotes/origin/HEAD", commit },
  ]);
  const files = databaseFiles({ packs, references });
  const again = databaseFiles({
    packs: [...packs, ...packs].toReversed(),
    references: [...references, ...references].toReversed(),
  });
  expect(again).toEqual(files);
  expect(files.map(({ path }) => path)).toEqual(files.map(({ path }) => path).sort());
});

test.each<[GitReference | undefined, string | undefined]>([
  [undefined, "refs/remotes/origin/HEAD"],
  [{ kind: "branch", value: "a/b" }, "refs/remotes/origin/a/b"],
  [{ kind: "tag", value: "v1" }, "refs/remotes/origin/tags/v1"],
  [{ kind: "rev", value: "refs/pull/1/head" }, "refs/pull/1/head"],
  [{ kind: "rev", value: "origin/main" }, "refs/remotes/origin/main"],
  [{ kind: "rev", value: "v1" }, "refs/tags/v1"],
  [{ kind: "rev", value: "ABCD" }, undefined],
  [{ kind: "rev", value: "abcd".repeat(10) }, undefined],
])("the reference for %j is %s", (reference, name) => {
  const commit = "abcd".repeat(10);
  expect(databaseReference(reference, commit)).toEqual(name === undefined ? undefined : { name, commit });
});
