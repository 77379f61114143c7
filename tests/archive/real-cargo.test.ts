import { cpSync } from "node:fs";
import { expect, test } from "vitest";
import { compareCrate } from "../../src/archive/index.ts";
import { crate, file, gnuLong, gzip, type Member, pax, tar } from "../support/archive-builder.ts";
import { unpackWithCargo } from "./real-cargo.ts";
import { inScene, LIBRARY, type Listed, list, MANIFEST, TOP } from "./scene.ts";

const base: readonly Member[] = [MANIFEST, LIBRARY];
const at = (name: string): string => `${TOP}/${name}`;
const directory = (name: string, mode: number): Member => ({ name: at(name), type: "5", mode });
const symlink = (name: string, linkName: string): Member => ({ name: at(name), type: "2", linkName, mtime: 99 });
const long = at(`${"directory/".repeat(15)}file`);

const alike: readonly (readonly [string, Uint8Array])[] = [
  ["a plain crate", crate(base)],
  [
    "generated files with other times",
    crate([...base, file(at("Cargo.lock"), "", { mtime: 7 }), file(at(".cargo_vcs_info.json"), "{}", { mtime: 8 })]),
  ],
  [
    "all kinds of permission bits",
    crate([
      ...base,
      ...[0o755, 0o4755, 0o666, 0o400, 0o777, 0o100664].map((mode) => file(at(`m${mode}`), "x", { mode })),
    ]),
  ],
  [
    "odd times",
    crate([
      ...base,
      file(at("zero"), "", { mtime: 0 }),
      file(at("one"), "", { mtime: 1 }),
      file(at("late"), "", { mtime: 2_147_483_647 }),
    ]),
  ],
  ["GNU long names", crate([...base, gnuLong("L", `${long}\0`), file("x", "long")])],
  ["a long name that is not ended", crate([...base, gnuLong("L", long), file("x", "long")])],
  [
    "pax paths and times",
    crate([...base, pax({ path: long, mtime: "1234567890.5" }), file("x", "pax", { format: "ustar", mtime: 777 })]),
  ],
  [
    "a global pax header under the top directory",
    crate([pax({ comment: "x" }, { type: "g", name: at("header") }), ...base]),
  ],
  ["a ustar prefix", crate([...base, file("file", "x", { format: "ustar", prefix: at("deep/deeper") })])],
  [
    "the oldest format",
    crate([
      ...base,
      { name: at("old/"), type: "\0", format: "v7", mode: 0o755 },
      file(at("old/x"), "x", { format: "v7", type: "\0" }),
    ]),
  ],
  [
    "directories with modes",
    crate([...base, directory("a/", 0o700), file(at("a/x"), "x"), directory("b", 0o2777), directory("src", 0o711)]),
  ],
  ["a mode for the top directory", crate([{ name: `${TOP}/`, type: "5", mode: 0o750 }, ...base])],
  ["meaningless slashes and dots", crate([...base, file(at("/a/.//b"), "x")])],
  ["duplicates", crate([...base, file(at("x"), "first", { mode: 0o755 }), file(at("x"), "second", { mtime: 5 })])],
  [
    "symlinks inside",
    crate([...base, symlink("link", "src/lib.rs"), symlink("src/up", "../Cargo.toml"), symlink("loop", "loop")]),
  ],
  [
    "hard links inside",
    crate([...base, { name: at("hard"), type: "1", linkName: at("src/lib.rs"), mode: 0o777, mtime: 9 }]),
  ],
  [
    "a hard link to the manifest",
    crate([...base, { name: at("hard"), type: "1", linkName: at("Cargo.toml"), mtime: 9 }]),
  ],
  [
    "names for some systems only",
    crate([...base, file(at("aux.rs"), "x"), file(at("a:b")), file(at("README")), file(at("readme"))]),
  ],
  [
    "markers",
    crate([
      ...base,
      file(at(".cargo-ok"), "x"),
      file(at("src/.cargo-ok"), "x"),
      file(at("src/.cargo-checksum.json"), "x"),
    ]),
  ],
  [
    "a size in base 256",
    crate([...base, file(at("x"), "x", { patch: { 124: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]) } })]),
  ],
  ["one zero block as end mark", gzip(tar(base, Buffer.alloc(512)))],
  [
    "more content than is inflated at once",
    gzip(tar([...base, file(at("large"), Buffer.alloc(17 << 20, "0123456789abcdef…"))]), { level: 1 }),
  ],
];

test.each(alike)("cargo unpacks %s to the same content, modes and times as we do", async (_what, bytes) => {
  await inScene(async (scene) => {
    await scene.unpack(bytes, { umask: process.umask() });
    const cargo = unpackWithCargo(bytes, "demo", "1.0.0");
    try {
      expect(cargo.stderr).not.toContain("error");
      expect(withoutMarker(list(scene.into))).toEqual(withoutMarker(list(cargo.directory)));
      const job = { crate: bytes, topDirectory: TOP, directories: [cargo.directory], umask: process.umask() };
      expect((await compareCrate(job)).differences).toEqual([]);
    } finally {
      cargo.remove();
    }
  });
});

test("the crate that cargo 1.95 packed is unpacked as cargo unpacks it", async () => {
  const path = new URL("../fixtures/archives/packed-by-cargo-0.1.0.crate", import.meta.url).pathname;
  await inScene(async (scene) => {
    const { files } = await scene.unpack({ path }, { topDirectory: "packed-by-cargo-0.1.0" });
    expect(files.map((each) => [each.path, each.mode.toString(8), each.mtimeSeconds])).toEqual([
      ["Cargo.lock", "644", 1_153_704_088],
      ["Cargo.toml", "644", 1_153_704_088],
      ["Cargo.toml.orig", "644", 1_153_704_088],
      ["examples/run.sh", "755", 1_153_704_088],
      [`src/${"a_very_long_directory_name/".repeat(5)}mod.rs`, "644", 1_153_704_088],
      ["src/lib.rs", "644", 1_153_704_088],
    ]);
  });
});

const stricter: readonly (readonly [string, Uint8Array])[] = [
  ["bytes after the gzip data", Buffer.concat([crate(base), Buffer.from("garbage")])],
  ["a wrong check sum", gzip(tar(base), { crc: 1 })],
  ["no end mark", gzip(tar(base, Buffer.alloc(0)))],
  ["entries after a zero block", gzip(tar(base, Buffer.concat([Buffer.alloc(512), tar([file(at("late"), "x")])])))],
  ["a fifo", crate([...base, { name: at("fifo"), type: "6" }])],
  ["writing through a symlink", crate([...base, symlink("link", "src"), file(at("link/x"), "x")])],
  ["a symlink outside", crate([...base, symlink("link", "/etc/passwd")])],
  ["`..` in a name", crate([...base, file(at("../x"), "x")])],
];

test.each(stricter)("cargo takes a crate with %s, we do not", async (_what, bytes) => {
  await inScene(async (scene) => {
    const cargo = unpackWithCargo(bytes, "demo", "1.0.0");
    cargo.remove();
    expect(cargo.succeeded).toBe(true);
    await scene.refusal(bytes);
  });
});

const refusedByBoth: readonly (readonly [string, Uint8Array])[] = [
  ["an entry outside the top directory", crate([...base, file("other/x", "x")])],
  ["a global pax header outside", crate([pax({ comment: "x" }, { type: "g", name: "pax_global_header" }), ...base])],
  ["writing through a symlink outside", crate([...base, symlink("link", "/tmp"), file(at("link/x"), "x")])],
  ["a hard link outside", crate([...base, { name: at("hard"), type: "1", linkName: "/etc/passwd" }])],
  ["a wrong header sum", crate([...base, file(at("x"), "x", { checksum: 7 })])],
  ["a cut archive", gzip(tar(base).subarray(0, 700))],
  [
    "members split over gzip streams",
    Buffer.concat([gzip(tar(base).subarray(0, 1024)), gzip(tar(base).subarray(1024))]),
  ],
];

test.each(refusedByBoth)("cargo refuses a crate with %s, and so do we", async (_what, bytes) => {
  await inScene(async (scene) => {
    const cargo = unpackWithCargo(bytes, "demo", "1.0.0");
    cargo.remove();
    expect(cargo.succeeded).toBe(false);
    await scene.refusal(bytes);
  });
});

test("a hub beside cargo's own directory compares equal to the same crate", async () => {
  await inScene(async (scene) => {
    const bytes = crate(base);
    const cargo = unpackWithCargo(bytes, "demo", "1.0.0");
    try {
      cpSync(cargo.directory, `${scene.root}/copy`, { recursive: true });
      const directories = [cargo.directory, `${scene.root}/copy`];
      const job = { crate: bytes, topDirectory: TOP, directories, umask: process.umask() };
      expect((await compareCrate(job)).differences).toEqual([]);
    } finally {
      cargo.remove();
    }
  });
});

function withoutMarker(listed: readonly Listed[]): readonly Listed[] {
  return listed.filter(({ path }) => path !== ".cargo-ok");
}
