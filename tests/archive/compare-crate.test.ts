import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ComparedDirectory } from "../../src/archive/compared-directory.ts";
import { type CompareJob, type CrateComparison, compareCrate } from "../../src/archive/index.ts";
import { crate, file, gzip, type Member, tar } from "../support/archive-builder.ts";
import { inScene, LIBRARY, MANIFEST, type Scene, TOP } from "./scene.ts";

const EXTRAS: readonly Member[] = [
  file(`${TOP}/data/big`, Buffer.alloc(700_000, "0123456789")),
  file(`${TOP}/empty`, ""),
  file(`${TOP}/run`, "#!/bin/sh\n", { mode: 0o755 }),
  { name: `${TOP}/stated`, type: "5", mode: 0o750 },
  { name: `${TOP}/link`, type: "2", linkName: "src/lib.rs" },
  { name: `${TOP}/hard`, type: "1", linkName: `${TOP}/run` },
];
const CRATE = crate([MANIFEST, LIBRARY, ...EXTRAS]);

/** Unpacks, lets `change` loose on the directory and compares. */
async function afterChange(change: (path: (name: string) => string) => void, bytes = CRATE): Promise<CrateComparison> {
  return inScene(async (scene) => {
    await scene.unpack(bytes);
    change((name) => join(scene.into, name));
    return compare(scene, { crate: bytes });
  });
}

function compare(scene: Scene, more: Partial<CompareJob> = {}): Promise<CrateComparison> {
  return compareCrate({ crate: CRATE, topDirectory: TOP, directories: [scene.into], umask: 0o022, ...more });
}

function brief({ differences }: CrateComparison): (readonly [number, string, string])[] {
  return differences.map(({ directory, path, kind }) => [directory, path, kind] as const);
}

test("a crate just unpacked has no differences, and the expected files are those it was unpacked to", async () => {
  await inScene(async (scene) => {
    const { files } = await scene.unpack(CRATE);
    const comparison = await compare(scene);
    expect(comparison).toEqual({ files, differences: [] });
  });
});

const changes: readonly (readonly [string, (path: (name: string) => string) => void, string, string])[] = [
  ["a byte changed", (at) => spoil(at("src/lib.rs"), 3), "src/lib.rs", "damaged"],
  ["the last byte of a large file changed", (at) => spoil(at("data/big"), 699_999), "data/big", "damaged"],
  ["a byte more", (at) => writeFileSync(at("run"), "#!/bin/sh\n\n"), "hard", "damaged"],
  ["a byte in an empty file", (at) => writeFileSync(at("empty"), "x"), "empty", "damaged"],
  ["a file cut", (at) => truncateSync(at("data/big"), 5), "data/big", "damaged"],
  ["a file far too big", (at) => truncateSync(at("empty"), 2 ** 40), "empty", "damaged"],
  ["a file gone", (at) => rmSync(at("src/lib.rs")), "src/lib.rs", "missing"],
  ["an execute bit gone", (at) => chmodSync(at("run"), 0o644), "run", "damaged"],
  ["a write bit more", (at) => chmodSync(at("empty"), 0o666), "empty", "damaged"],
  ["a set-user-id bit", (at) => chmodSync(at("empty"), 0o4644), "empty", "damaged"],
  ["a directory with another mode", (at) => chmodSync(at("src"), 0o777), "src", "damaged"],
  ["a stated directory with another mode", (at) => chmodSync(at("stated"), 0o755), "stated", "damaged"],
  ["an empty directory gone", (at) => rmSync(at("stated"), { recursive: true }), "stated", "missing"],
  ["a file more", (at) => writeFileSync(at("src/more.rs"), ""), "src/more.rs", "foreign"],
  ["another spelling of a name, by a hard link", (at) => linkSync(at("run"), at("RUN")), "RUN", "foreign"],
  ["a marker in the wrong place", (at) => writeFileSync(at("src/.cargo-ok"), ""), "src/.cargo-ok", "foreign"],
  ["a directory more", (at) => mkdirSync(at("more/below"), { recursive: true }), "more", "foreign"],
  ["a link more", (at) => symlinkSync("/etc/passwd", at("more")), "more", "foreign"],
  ["a symlink to the same content in place of a file", (at) => swapForLink(at("src/lib.rs")), "src/lib.rs", "damaged"],
  ["a directory in place of a file", (at) => swapForDirectory(at("empty")), "empty", "damaged"],
  ["a fifo in place of a file", (at) => swapForFifo(at("empty")), "empty", "damaged"],
  ["another target of a symlink", (at) => swapTarget(at("link"), "run"), "link", "damaged"],
  ["a file in place of a symlink", (at) => swapForFile(at("link")), "link", "damaged"],
  ["a symlink gone", (at) => rmSync(at("link")), "link", "missing"],
  ["a hard link gone", (at) => rmSync(at("hard")), "hard", "missing"],
];

test.each(changes)("%s is found at its path", async (...[, change, path, kind]) => {
  const found = brief(await afterChange(change));
  expect(found).toContainEqual([0, path, kind]);
  expect(new Set(found.map((each) => each[1])).size).toBe(found.length);
});

test("a symlink in place of a directory is not followed, though all is the same behind it", async () => {
  const comparison = await afterChange((at) => {
    renameSync(at("src"), at("../elsewhere"));
    symlinkSync("../elsewhere", at("src"));
  });
  expect(brief(comparison)).toEqual([
    [0, "src", "damaged"],
    [0, "src/lib.rs", "missing"],
  ]);
});

test("times and the markers at the top do not count", async () => {
  const comparison = await afterChange((at) => {
    utimesSync(at("src/lib.rs"), 1, 1);
    writeFileSync(at(".cargo-ok"), "anything");
    writeFileSync(at(".cargo-checksum.json"), "{}");
  });
  expect(comparison.differences).toEqual([]);
});

test("of several directories each has its own differences; what they share by hard links is judged alike", async () => {
  await inScene(async (scene) => {
    await scene.unpack(CRATE);
    const [copy, linked] = [join(scene.root, "copy"), join(scene.root, "linked")];
    cpSync(scene.into, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    cpSync(scene.into, linked, { recursive: true, verbatimSymlinks: true });
    for (const name of ["src/lib.rs", "data/big"]) {
      rmSync(join(linked, name));
      linkSync(join(scene.into, name), join(linked, name));
    }
    chmodSync(join(copy, "stated"), 0o750);
    chmodSync(join(linked, "stated"), 0o750);
    const directories = [scene.into, copy, linked, join(scene.root, "none")];
    spoil(join(scene.into, "src/lib.rs"), 0);
    rmSync(join(copy, "empty"));
    const found = brief(await compare(scene, { directories }));
    expect(found.filter(([directory]) => directory < 3)).toEqual([
      [0, "src/lib.rs", "damaged"],
      [1, "empty", "missing"],
      [2, "src/lib.rs", "damaged"],
    ]);
    expect(found.filter(([directory]) => directory === 3)).toContainEqual([3, "", "missing"]);
  });
});

test("of two files of one name the later is compared", async () => {
  const bytes = crate([MANIFEST, file(`${TOP}/x`, "first"), file(`${TOP}/x`, "later", { mode: 0o755 })]);
  expect((await afterChange(() => undefined, bytes)).differences).toEqual([]);
  const back = await afterChange((at) => writeFileSync(at("x"), "first"), bytes);
  expect(brief(back)).toEqual([[0, "x", "damaged"]]);
});

test("a crate too large for one go is compared as it streams", async () => {
  const bytes = gzip(tar([MANIFEST, file(`${TOP}/large`, Buffer.alloc(18 << 20, "0123456789abcdef…"))]), { level: 1 });
  expect((await afterChange(() => undefined, bytes)).differences).toEqual([]);
  const spoiled = await afterChange((at) => spoil(at("large"), 17 << 20), bytes);
  expect(brief(spoiled)).toEqual([[0, "large", "damaged"]]);
});

test("a crate that would not be unpacked is not compared either", async () => {
  await inScene(async (scene) => {
    const bytes = crate([file(`${TOP}/../x`)]);
    await expect(compare(scene, { crate: bytes })).rejects.toMatchObject({ code: "archive/outside" });
  });
});

function spoil(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function swapForLink(path: string): void {
  renameSync(path, `${path}.real`);
  symlinkSync(`${path}.real`, path);
}

function swapForDirectory(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

function swapForFifo(path: string): void {
  rmSync(path);
  execFileSync("mkfifo", [path]);
}

function swapTarget(path: string, target: string): void {
  rmSync(path);
  symlinkSync(target, path);
}

function swapForFile(path: string): void {
  const content = readFileSync(path);
  rmSync(path);
  writeFileSync(path, content);
}

test("where open(2) can not refuse links, a symlink in place of a file is found as well", async () => {
  await inScene(async (scene) => {
    await scene.unpack(CRATE);
    symlinkSync("run", join(scene.into, "other"));
    const directory = new ComparedDirectory(scene.into, 0);
    expect(directory.open("other", { sizeBytes: 10, mode: 0o755 })).toBeUndefined();
    expect(directory.verdicts.get("other")).toMatchObject({ kind: "damaged", reason: "is a symlink, not a file" });
  });
});
