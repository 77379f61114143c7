import { expect, test } from "vitest";
import { gitIdent } from "../../src/cargo/index.ts";
import { type CommitPack, listSubmodules, openPack } from "../../src/git/index.ts";
import { type FileSpec, libraryFiles, makeRepository } from "../support/git-repository.ts";
import { openScene } from "../support/hub-runs.ts";
import { HandMade } from "./hand-made.ts";
import { errorOf, packOf, rejection, repository, scratch } from "./scene.ts";

const id = "12".repeat(20);

async function packWith(files: Readonly<Record<string, FileSpec>>): Promise<CommitPack> {
  const from = repository();
  from.commit({ a: "x", ...files });
  return packOf(from);
}

test("submodules come in the tree's order, with their URLs resolved", async () => {
  const pack = await packWith({
    "z/deep": { submodule: id, url: "../sibling.git" },
    b: { submodule: id, url: "https://other.example/b" },
    "skipped one": { submodule: id, url: "../nowhere", update: "none" },
  });
  const found = listSubmodules(pack, "https://me:s3cret@host.example/team/a");
  expect(found.map(({ path, url, commit }) => `${path} ${url.shown} ${commit}`)).toEqual([
    `b https://other.example/b ${id}`,
    `z/deep https://host.example/team/sibling.git ${id}`,
  ]);
});

test("a repository without submodules may say of some that are not there", async () => {
  const pack = await packWith({ ".gitmodules": '[submodule "x"]\n\tpath = gone\n\turl = ext::sh\n' });
  expect(listSubmodules(pack, "https://host.example/a")).toEqual([]);
});

test("the last of several settings counts, and a slash at the end of a path does not", async () => {
  const text = '[submodule "x"]\n\tpath = old\n\turl = ../one\n[submodule "x"]\n\tpath = sub/\n\turl = ../two\n';
  const pack = await packWith({ sub: { submodule: id, url: undefined }, ".gitmodules": text });
  expect(listSubmodules(pack, "https://host.example/a").map(({ url }) => url.href)).toEqual([
    "https://host.example/two",
  ]);
});

test.each<[string, Readonly<Record<string, FileSpec>>]>([
  ["no .gitmodules", { sub: { submodule: id, url: undefined } }],
  [
    "none for this path",
    { sub: { submodule: id, url: undefined }, ".gitmodules": '[submodule "x"]\n\tpath = other\n\turl = ../b\n' },
  ],
  ["no URL", { sub: { submodule: id, url: undefined }, ".gitmodules": '[submodule "x"]\n\tpath = sub\n' }],
  ["no configuration file", { sub: { submodule: id, url: undefined }, ".gitmodules": "[submodule\n" }],
  ["a directory as .gitmodules", { sub: { submodule: id, url: undefined }, ".gitmodules/x": "" }],
  ["a huge .gitmodules", { sub: { submodule: id, url: undefined }, ".gitmodules": "#".repeat(2_000_000) }],
])("with %s the submodules can not be told", async (_what, files) => {
  expect((await rejection(packWith(files))).code).toBe("git/submodule-refused");
});

/** A submodule `sub`, and a `.gitmodules` of any mode. */
function handMade(mode: string, gitmodules: string): CommitPack {
  const made = new HandMade();
  const file = made.add("blob", gitmodules);
  const commit = made.commit(
    made.tree([
      [mode, ".gitmodules", file],
      ["160000", "sub", id],
    ]),
  );
  return openPack(made.pack(), commit);
}

test("a link as .gitmodules is not followed", () => {
  const pack = handMade("120000", "a");
  const error = errorOf(() => listSubmodules(pack, "https://host.example/a"));
  expect(error).toMatchObject({ code: "git/submodule-refused", object: pack.commit });
});

test.each(["ext::sh -c x", "-x", "git@host.example:b", "file:///etc", "/etc"])(
  "a submodule at %s is refused",
  (url) => {
    const pack = handMade("100644", `[submodule "x"]\n\tpath = sub\n\turl = ${url}\n`);
    expect(errorOf(() => listSubmodules(pack, "https://host.example/a")).code).toBe("git/url-refused");
  },
);

test("more submodules than any repository has are refused, also when a few trees say them", () => {
  const made = new HandMade();
  let tree = made.tree([["160000", "s", id]]);
  for (let level = 0; level < 5; level += 1)
    tree = made.tree(Array.from({ length: 8 }, (_value, index) => ["40000", `d${index}`, tree] as const));
  const commit = made.commit(tree);
  const pack = openPack(made.pack(), commit);
  expect(errorOf(() => listSubmodules(pack, "https://host.example/a")).code).toBe("git/submodule-refused");
});

test("cargo fetches the submodules that we list, and keeps each under our ident", async () => {
  const root = scratch();
  const sub = makeRepository(`${root}/sub.git`);
  const commit = sub.commit({ "text.rs": 'pub const TEXT: &str = "sub";\n' });
  const one = makeRepository(`${root}/one`);
  one.commit({
    ...libraryFiles("one", 'include!("../parts/text.rs");'),
    parts: { submodule: commit, url: "../sub.git" },
    ignored: { submodule: id, url: "../nowhere", update: "none" },
  });
  const listed = listSubmodules(await packOf(one), one.url);
  const scene = await openScene({
    crates: [],
    files: {
      "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\none = { git = "${one.url}" }\n`,
    },
  });
  const built = await scene.cargo("build");
  expect(built.code, built.stderr).toBe(0);
  const { stdout } = await scene.run("ls", [`${scene.cargoHome}/git/db`]);
  const idents = [one.url, ...listed.map(({ url }) => url.href)].map(gitIdent);
  expect(stdout.trim().split("\n").sort()).toEqual(idents.sort());
});
