import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { array, check, constantFrom, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { ArchiveError, type FileToPack, packCrate } from "../../src/archive/index.ts";
import { unpackWithCargo } from "./real-cargo.ts";
import { inScene, list, TOP } from "./scene.ts";

const NAME = TOP.replace(/-\d.*/, "");
const MANIFEST = `[package]\nname = "${NAME}"\nversion = "${TOP.slice(NAME.length + 1)}"\n`;
const LONG = `src/${"directory/".repeat(9)}ö${"file".repeat(20)}.rs`;

function text(path: string, content = "", isExecutable = false): FileToPack & { readonly content: Buffer } {
  return { path, content: Buffer.from(content), isExecutable };
}

const FILES = [
  text("Cargo.toml", MANIFEST),
  text("run.sh", "#!/bin/sh\n", true),
  text(LONG, "long\n"),
  text("src/lib.rs", "// a library\n"),
  text("zero"),
];

function packed(files: readonly FileToPack[]): Buffer {
  return Buffer.concat([...packCrate(TOP, files)]);
}

test("the bytes of a crate never change", () => {
  const digest = createHash("sha256").update(packed(FILES)).digest("hex");
  expect(digest).toBe("7462a003ce39a7dfec7f55c3a4597c6103e4ffb07db699d806be87155ff93d92");
});

test("our unpacker and cargo's give back what was packed", async () => {
  const crate = packed(FILES);
  const theirs = unpackWithCargo(crate, NAME, TOP.slice(NAME.length + 1));
  expect(theirs.succeeded, theirs.stderr).toBe(true);
  await inScene(async (scene) => {
    await scene.unpack(crate);
    const entries = list(scene.into);
    const shown = entries.filter(({ kind }) => kind === "file").map(({ path, content, mode }) => [path, content, mode]);
    const wanted = FILES.map(({ path, content, isExecutable }) => [
      path,
      Buffer.from(content).toString(),
      isExecutable ? "755" : "644",
    ]);
    expect(shown.length).toBe(wanted.length);
    expect(shown).toEqual(expect.arrayContaining(wanted));
    expect(list(theirs.directory).filter(({ path }) => path !== ".cargo-ok")).toEqual(entries);
  });
  theirs.remove();
});

test("any files come back, also where blocks end", async () => {
  const size = constantFrom(0, 1, 511, 512, 513, 65_535 - 1024, 65_534, 65_535, 65_536, 200_000, 300_001);
  const lists: (readonly [number, number])[][] = [];
  check(
    property(
      array(tuple(size, constantFrom(0, 65, 255)), { minLength: 1, maxLength: 5 }),
      (one) => void lists.push(one),
    ),
    {
      numRuns: 40,
    },
  );
  for (const sizes of lists) {
    const files = sizes.map(([bytes, fill], at) => ({
      path: `f${at}`,
      content: Buffer.alloc(bytes, fill),
      isExecutable: false,
    }));
    const crate = packed(files);
    expect(gunzipSync(crate).length % 512).toBe(0);
    await inScene(async (scene) => {
      const result = await scene.unpack(crate);
      expect(result.files.map(({ path, size }) => [path, size])).toEqual(
        files.map(({ path, content }) => [path, content.length]),
      );
      for (const { path, content } of files) expect(readFileSync(join(scene.into, path)).equals(content)).toBe(true);
    });
  }
});

test("the archive lists as the one that cargo packs from the same files", () => {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-pack-"));
  for (const { path, content, isExecutable } of FILES) {
    const target = join(root, "p", path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    if (isExecutable) chmodSync(target, 0o744);
  }
  const env = { ...process.env, CARGO_HOME: join(root, "home"), CARGO_TARGET_DIR: join(root, "target") };
  const args = ["package", "--no-verify", "--offline", "--exclude-lockfile"];
  const run = spawnSync("cargo", args, { cwd: join(root, "p"), env, encoding: "utf8" });
  expect(run.status, run.stderr).toBe(0);
  const theirs = join(root, "target/package", `${TOP}.crate`);
  const read = (path: string): Buffer => spawnSync("tar", ["xzOf", theirs, `${TOP}/${path}`]).stdout;
  const own = FILES.map((file) => ({ ...file, content: read(file.path) }));
  const original = { path: "Cargo.toml.orig", content: read("Cargo.toml.orig"), isExecutable: false };
  const [manifest, ...others] = own;
  writeFileSync(join(root, "ours.crate"), packed([...(manifest === undefined ? [] : [manifest]), original, ...others]));
  expect(listed(join(root, "ours.crate"))).toEqual(listed(theirs));
  expect(readdirSync(join(root, "target/package"))).toContain(`${TOP}.crate`);
  rmSync(root, { recursive: true });
});

function listed(crate: string): string[] {
  const shown = spawnSync("tar", ["tvzf", crate, "--numeric-owner", "--full-time", "--utc"], { encoding: "utf8" });
  return shown.stdout.split("\n");
}

test("content may lie on disk", () => {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-pack-"));
  const path = join(root, "big");
  writeFileSync(path, Buffer.alloc(1_000_000, "abc"));
  const onDisk = packed([{ path: "big", content: { path }, isExecutable: false }]);
  expect(onDisk.equals(packed([{ path: "big", content: readFileSync(path), isExecutable: false }]))).toBe(true);
  rmSync(root, { recursive: true });
});

test.each([
  ["no files", [], "archive/empty"],
  ["one path twice", [text("a"), text("a")], "archive/conflict"],
  ["a path that leaves the package", [text("../a")], "archive/bad-name"],
  ["a path that is not plain", [text("a//b")], "archive/bad-name"],
  ["a directory", [text("a/")], "archive/bad-name"],
  ["no name", [text("")], "archive/bad-name"],
  ["a control character", [text("a\nb")], "archive/bad-name"],
  ["a path that is too long", [text(`${"d/".repeat(600)}a`)], "archive/too-large"],
  [
    "a file that is not there",
    [{ path: "a", content: { path: "/nowhere/at/all" }, isExecutable: false }],
    "archive/unreadable",
  ],
] satisfies readonly (readonly [string, readonly FileToPack[], string])[])(
  "%s can not be packed",
  (_name, files, code) => {
    let found: unknown;
    try {
      packed(files);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(ArchiveError);
    expect(found).toMatchObject({ code });
  },
);
