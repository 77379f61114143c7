import { cpSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { gitIdent } from "../../src/cargo/index.ts";
import { compareRepository, databaseFiles, type ExpectedRepository } from "../../src/git/index.ts";
import { libraryFiles, makeRepository } from "../support/git-repository.ts";
import { must, openScene } from "../support/hub-runs.ts";
import { packOf, repository, scratch, server, writeRepository } from "./scene.ts";

const nothing = { missing: [], changed: [], added: [], foreign: [] };

async function database(): Promise<{ directory: string; expected: ExpectedRepository }> {
  const one = repository();
  const commit = one.commit(libraryFiles("one"));
  const packs = [await packOf(one)];
  const expected = {
    packs,
    files: databaseFiles({ packs, references: [{ name: "refs/remotes/origin/HEAD", commit }] }),
  };
  const directory = join(scratch(), "db");
  writeRepository(directory, expected.files, packs);
  return { directory, expected };
}

test("what was written is what is expected, whether the pack is a copy or a link", async () => {
  const { directory, expected } = await database();
  expect(compareRepository(directory, expected)).toEqual(nothing);
  const pack = join(directory, expected.files.find(({ path }) => path.endsWith(".pack"))?.path ?? "");
  const from = join(dirname(directory), "cache.pack");
  cpSync(pack, from);
  rmSync(pack);
  linkSync(from, pack);
  expect(compareRepository(directory, expected)).toEqual(nothing);
});

test("a flipped bit in any byte of any file is found", async () => {
  const { directory, expected } = await database();
  for (const { path } of expected.files) {
    const file = join(directory, path);
    const bytes = readFileSync(file);
    const step = Math.max(1, Math.floor(bytes.length / 40));
    for (let at = 0; at < bytes.length; at += step) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(file, flipped);
      expect(compareRepository(directory, expected)).toEqual({ ...nothing, changed: [path] });
    }
    writeFileSync(file, bytes.subarray(0, -1));
    expect(compareRepository(directory, expected)).toEqual({ ...nothing, changed: [path] });
    rmSync(file);
    expect(compareRepository(directory, expected)).toEqual({ ...nothing, missing: [path] });
    mkdirSync(file);
    expect(compareRepository(directory, expected)).toEqual({ ...nothing, changed: [path] });
    rmSync(file, { recursive: true });
    const elsewhere = join(dirname(directory), "elsewhere");
    writeFileSync(elsewhere, bytes);
    symlinkSync(elsewhere, file);
    expect(compareRepository(directory, expected)).toEqual({ ...nothing, changed: [path] });
    rmSync(file);
    writeFileSync(file, bytes);
  }
  expect(compareRepository(directory, expected)).toEqual(nothing);
});

test.each([
  ["FETCH_HEAD", "added"],
  ["shallow", "added"],
  ["refs/remotes/origin/main", "added"],
  ["objects/ab/cdefabcdefabcdefabcdefabcdefabcdefabcd", "added"],
  [`objects/pack/pack-${"0".repeat(40)}.idx`, "added"],
  ["logs/refs/remotes/origin/HEAD", "added"],
  ["hooks/post-checkout", "foreign"],
  ["config.worktree", "foreign"],
  ["objects/info/alternates", "foreign"],
  ["commondir", "foreign"],
  ["objects/pack/x", "foreign"],
  ["strange", "foreign"],
])("%s in a database is %s", async (path, kind) => {
  const { directory, expected } = await database();
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), "x");
  expect(compareRepository(directory, expected)).toEqual({ ...nothing, [kind]: [path] });
});

test("a database that is not there lacks everything", async () => {
  const { expected } = await database();
  const found = compareRepository(join(scratch(), "nowhere"), expected);
  expect(found).toEqual({ ...nothing, missing: expected.files.map(({ path }) => path) });
});

test("what cargo adds when it goes online is told from damage", async () => {
  const root = scratch();
  const one = makeRepository(join(root, "one"));
  const locked = one.commit(libraryFiles("one"));
  const url = `${(await server({ root })).origin}/one`;
  const packs = [await packOf(one)];
  const files = databaseFiles({ packs, references: [{ name: "refs/remotes/origin/HEAD", commit: locked }] });
  one.commit(libraryFiles("one", "// newer"));
  const scene = await openScene({
    crates: [],
    files: {
      "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\none = { git = "${url}" }\n`,
    },
  });
  const directory = join(scene.cargoHome, "git/db", gitIdent(url));
  writeRepository(directory, files, packs);
  await must(scene.cargo("generate-lockfile"));
  await must(scene.cargo("build"));
  const found = compareRepository(directory, { files, packs });
  expect(found).toMatchObject({ missing: [], changed: [], foreign: [] });
  expect(found.added).toContain("FETCH_HEAD");
});
