import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GitError, listWorkTree } from "../../src/git/index.ts";
import { gitTestEnvironment } from "../support/git-repository.ts";
import { repository, scratch } from "./scene.ts";

const settings = { env: gitTestEnvironment };

function checkout(): string {
  const made = repository();
  made.commit({
    "Cargo.toml": "",
    "p/Cargo.toml": "",
    "p/src/lib.rs": "",
    "p/target/kept": "",
    ".gitignore": "*.log\n",
    other: "",
  });
  for (const name of ["p/new.rs", "p/old.log", "p/target/built", "p/ü b"]) writeFileSync(join(made.path, name), "");
  return made.path;
}

test("a directory's files are those of the index and new ones that are not ignored", async () => {
  const top = checkout();
  const found = await listWorkTree(settings, join(top, "p"), "Cargo.toml");
  expect(found?.top).toBe(top);
  expect([...(found?.paths ?? [])].sort()).toEqual(["Cargo.toml", "new.rs", "src/lib.rs", "target/kept", "ü b"]);
});

test("without a checkout, or with a manifest that is not in it, there is no list", async () => {
  expect(await listWorkTree(settings, scratch(), "Cargo.toml")).toBeUndefined();
  const top = checkout();
  mkdirSync(join(top, "q"));
  writeFileSync(join(top, "q/Cargo.toml"), "");
  expect(await listWorkTree(settings, join(top, "q"), "Cargo.toml")).toBeUndefined();
  expect(await listWorkTree(settings, join(top, "p"), "[C]argo.toml")).toBeUndefined();
});

test("a link to a directory is one path, and what is gone from the disk is still listed", async () => {
  const top = checkout();
  symlinkSync("src", join(top, "p/linked"));
  rmSync(join(top, "p/src/lib.rs"));
  const found = await listWorkTree(settings, join(top, "p"), "Cargo.toml");
  expect(found?.paths).toContain("linked");
  expect(found?.paths).toContain("src/lib.rs");
});

test("nothing that the repository's configuration names is run", async () => {
  const top = checkout();
  const proof = join(scratch(), "ran");
  writeFileSync(
    join(top, ".git/config"),
    `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = "touch ${proof}; false"\n`,
  );
  expect(await listWorkTree(settings, join(top, "p"), "Cargo.toml")).toBeDefined();
  expect(() => rmSync(proof)).toThrow("ENOENT");
});

test("a damaged index is an error that says so", async () => {
  const top = checkout();
  writeFileSync(join(top, ".git/index"), "no index");
  const failure: unknown = await listWorkTree(settings, join(top, "p"), "Cargo.toml").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(GitError);
  expect(failure).toMatchObject({ code: "git/failed", where: join(top, "p") });
});
