import { createHash } from "node:crypto";
import { lstatSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crate, file, gnuLong, type Member, pax } from "../support/archive-builder.ts";
import { inScene, LIBRARY, list, MANIFEST, TOP } from "./scene.ts";

const GENERATED = 1_153_704_088;
const directory = (path: string, mode: number): Member => ({ name: `${TOP}/${path}`, type: "5", mode });

test("files come with content, digest, permission bits and times", async () => {
  await inScene(async (scene) => {
    const script = file(`${TOP}/run.sh`, "#!/bin/sh\n", { mode: 0o755, mtime: 1_234_567_890 });
    const result = await scene.unpack(crate([MANIFEST, script, LIBRARY]));
    expect(result.files).toEqual([
      { path: "Cargo.toml", size: 59, mode: 0o644, mtimeSeconds: GENERATED, sha256: sha256(MANIFEST.content) },
      { path: "run.sh", size: 10, mode: 0o755, mtimeSeconds: 1_234_567_890, sha256: sha256("#!/bin/sh\n") },
      { path: "src/lib.rs", size: 13, mode: 0o644, mtimeSeconds: 1_500_000_000, sha256: sha256("// a library\n") },
    ]);
    expect(result.unpackedBytes).toBe(59 + 10 + 13);
    expect(Buffer.from(result.manifest ?? []).toString()).toBe(MANIFEST.content);
    expect(list(scene.into)).toEqual([
      { path: "Cargo.toml", kind: "file", mode: "644", mtime: GENERATED, content: MANIFEST.content },
      { path: "run.sh", kind: "file", mode: "755", mtime: 1_234_567_890, content: "#!/bin/sh\n" },
      { path: "src", kind: "directory", mode: "755" },
      { path: "src/lib.rs", kind: "file", mode: "644", mtime: 1_500_000_000, content: "// a library\n" },
    ]);
  });
});

test.each([1, 2, 1_000_000_001, 1_500_000_003, 2_147_483_647])(
  "the time %i is set to the exact second",
  async (mtime) => {
    await inScene(async (scene) => {
      await scene.unpack(crate([file(`${TOP}/x`, "", { mtime })]));
      expect(lstatSync(join(scene.into, "x"), { bigint: true }).mtimeNs).toBe(BigInt(mtime) * 1_000_000_000n);
    });
  },
);

test("a time of 0, or none at all, becomes 1", async () => {
  await inScene(async (scene) => {
    const none = file(`${TOP}/none`, "", { patch: { 136: new Uint8Array(12) } });
    const { files } = await scene.unpack(crate([file(`${TOP}/zero`, "", { mtime: 0 }), none]));
    expect(files.map((each) => each.mtimeSeconds)).toEqual([1, 1]);
    expect(list(scene.into).map((each) => each.mtime)).toEqual([1, 1]);
  });
});

test("the three files that cargo generates get its own time at the top only", async () => {
  await inScene(async (scene) => {
    const names = ["Cargo.toml", "Cargo.lock", ".cargo_vcs_info.json", "Cargo.toml.orig", "sub/Cargo.toml"];
    const { files } = await scene.unpack(crate(names.map((name) => file(`${TOP}/${name}`, "", { mtime: 77 }))));
    expect(files.map((each) => each.mtimeSeconds)).toEqual([GENERATED, GENERATED, GENERATED, 77, 77]);
  });
});

test.each([
  [0o4777, 0o022, "755"],
  [0o2755, 0o022, "755"],
  [0o1666, 0o022, "644"],
  [0o400, 0o022, "400"],
  [0o100664, 0o022, "644"],
  [0o666, 0o077, "600"],
  [0o755, 0o027, "750"],
  [0o666, 0o002, "664"],
  [0o666, 0o000, "666"],
])("mode %o under the mask %o becomes %s, whatever mask the process has", async (mode, umask, expected) => {
  await inScene(async (scene) => {
    const members = [file(`${TOP}/d/x`, "x", { mode }), file(`${TOP}/d/y`, "y", { mode })];
    const { files } = await scene.unpack(crate(members), { umask });
    expect(files.map((each) => each.mode.toString(8))).toEqual([expected, expected]);
    expect(list(scene.into).map((each) => each.mode)).toEqual([(0o777 & ~umask).toString(8), expected, expected]);
  });
});

test("directories get the mode that the archive states, also before and above what they hold", async () => {
  await inScene(async (scene) => {
    const members = [
      { name: `${TOP}/`, type: "5", mode: 0o750 },
      directory("early/", 0o700),
      file(`${TOP}/early/x`, "x"),
      file(`${TOP}/late/x`, "x"),
      directory("late", 0o711),
      directory("empty", 0o2777),
    ];
    await scene.unpack(crate([MANIFEST, ...members]));
    const directories = list(scene.into).filter((each) => each.kind === "directory");
    expect(directories.map(({ path, mode }) => [path, mode])).toEqual([
      ["early", "700"],
      ["empty", "755"],
      ["late", "711"],
    ]);
    expect(statSync(scene.into).mode & 0o7777).toBe(0o750);
  });
});

test("every way to say a long name is read", async () => {
  const long = `${TOP}/${"directory/".repeat(15)}file`;
  const ways: Record<string, readonly Member[]> = {
    "GNU, ended": [gnuLong("L", `${long}\0`), file(long)],
    "GNU, not ended": [gnuLong("L", long), file("whatever")],
    pax: [pax({ path: long }), file("whatever", "", { format: "ustar" })],
    "pax with other keys": [pax({ mtime: "1.5", comment: "=", path: long, uid: "7" }), file("whatever")],
    "ustar prefix": [file(long.slice(121), "", { format: "ustar", prefix: long.slice(0, 120) })],
  };
  for (const [way, members] of Object.entries(ways)) {
    await inScene(async (scene) => {
      const { files } = await scene.unpack(crate(members));
      expect(
        files.map((each) => `${TOP}/${each.path}`),
        way,
      ).toEqual([long]);
    });
  }
});

test("a name of exactly 100 bytes that is cut inside a longer one does not make a directory", async () => {
  const long = `${TOP}/${"a".repeat(88)}/name.h`;
  await inScene(async (scene) => {
    const { files } = await scene.unpack(crate([gnuLong("L", `${long}\0`), file(long, "x")]));
    expect(files).toHaveLength(1);
  });
});

test("old formats are read: no magic, directories by a slash, numbers with blanks or in base 256", async () => {
  await inScene(async (scene) => {
    const members = [
      { name: `${TOP}/old/`, type: "\0", format: "v7" as const, mode: 0o755 },
      file(`${TOP}/old/a`, "a", { format: "v7", type: "\0" }),
      file(`${TOP}/old/b`, "b", { patch: { 124: "          1 ", 100: "   644 \0" } }),
      file(`${TOP}/old/c`, "c", { patch: { 124: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]) } }),
      file(`${TOP}/old/d`, "d", { type: "7" }),
    ];
    await scene.unpack(crate(members));
    expect(list(scene.into).map((each) => each.content ?? each.kind)).toEqual(["directory", "a", "b", "c", "d"]);
  });
});

test("slashes and dots that mean nothing are taken out of names", async () => {
  await inScene(async (scene) => {
    const { files } = await scene.unpack(crate([file(`${TOP}//a/./b`, "x"), file(`${TOP}/a/b`, "later")]));
    expect(files.map((each) => [each.path, each.size])).toEqual([["a/b", 5]]);
  });
});

test("of two files of one name the later counts, with its own mode and time", async () => {
  await inScene(async (scene) => {
    const first = file(`${TOP}/x`, "first", { mode: 0o755, mtime: 5 });
    const { files, unpackedBytes } = await scene.unpack(crate([first, LIBRARY, file(`${TOP}/x`, "2nd", { mtime: 6 })]));
    expect(files.map((each) => each.path)).toEqual(["x", "src/lib.rs"]);
    expect(unpackedBytes).toBe(3 + 13);
    expect(list(scene.into).at(-1)).toMatchObject({ content: "2nd", mode: "644", mtime: 6 });
  });
});

test("links inside the package are made; a hard link has the file's own mode and time", async () => {
  await inScene(async (scene) => {
    const members: Member[] = [
      MANIFEST,
      LIBRARY,
      { name: `${TOP}/src/up`, type: "2", linkName: "../Cargo.toml", mtime: 99 },
      { name: `${TOP}/dangling`, type: "2", linkName: "none", mtime: 99 },
      { name: `${TOP}/src/up`, type: "2", linkName: "./lib.rs", mtime: 98 },
      { name: `${TOP}/hard`, type: "1", linkName: `${TOP}/src/lib.rs`, mtime: 5, mode: 0o777 },
    ];
    const { files } = await scene.unpack(crate(members));
    const listed = Object.fromEntries(list(scene.into).map((each) => [each.path, each]));
    expect(listed["src/up"]).toMatchObject({ kind: "symlink", content: "./lib.rs", mtime: 98 });
    expect(listed["dangling"]).toMatchObject({ kind: "symlink", content: "none", mtime: 99 });
    expect(listed["hard"]).toMatchObject({ mode: "644", mtime: 1_500_000_000, content: "// a library\n" });
    expect(files.map((each) => each.path)).toEqual(["Cargo.toml", "src/lib.rs", "hard"]);
    expect(lstatSync(join(scene.into, "hard")).ino).toBe(lstatSync(join(scene.into, "src/lib.rs")).ino);
  });
});

test("a file replaced after it was linked leaves the link as it was", async () => {
  await inScene(async (scene) => {
    const link: Member = { name: `${TOP}/link`, type: "1", linkName: `${TOP}/x` };
    await scene.unpack(crate([file(`${TOP}/x`, "old"), link, file(`${TOP}/x`, "new")]));
    expect(list(scene.into).map((each) => each.content)).toEqual(["old", "new"]);
  });
});

test("markers in the archive are passed over: .cargo-ok everywhere, .cargo-checksum.json at the top", async () => {
  await inScene(async (scene) => {
    const names = [".cargo-ok", "sub/.cargo-ok", ".cargo-checksum.json", "sub/.cargo-checksum.json", ".cargo-okay"];
    const link: Member = { name: `${TOP}/.cargo-ok`, type: "2", linkName: "/etc/passwd" };
    const { files } = await scene.unpack(crate([MANIFEST, link, ...names.map((name) => file(`${TOP}/${name}`, "{}"))]));
    expect(files.map((each) => each.path)).toEqual(["Cargo.toml", "sub/.cargo-checksum.json", ".cargo-okay"]);
    expect(list(scene.into).map((each) => each.path)).toEqual([
      ".cargo-okay",
      "Cargo.toml",
      "sub",
      "sub/.cargo-checksum.json",
    ]);
  });
});

test("names that only some systems refuse are unpacked and reported", async () => {
  await inScene(async (scene) => {
    const names = ["README.md", "readme.md", "src/aux.rs", "a:b", "dot.", "Cafe\u0301", "Caf\u00e9", "fine.rs"];
    const { files, unportable } = await scene.unpack(crate(names.map((name) => file(`${TOP}/${name}`, name))));
    expect(files).toHaveLength(names.length);
    expect(unportable.map((each) => each.path)).toEqual(["readme.md", "src/aux.rs", "a:b", "dot.", "Caf\u00e9"]);
  });
});

test("a directory that is not empty, or not there, is refused before anything is written", async () => {
  await inScene(async (scene) => {
    writeFileSync(join(scene.into, "mine"), "mine");
    expect((await scene.refusal(crate([MANIFEST]))).code).toBe("archive/write-failed");
    expect(list(scene.into).map((each) => each.path)).toEqual(["mine"]);
    const none = await scene.refusal(crate([MANIFEST]), { into: join(scene.root, "none") });
    expect(none).toMatchObject({ code: "archive/write-failed", cause: { code: "ENOENT" } });
  });
});

function sha256(content: string | Uint8Array | undefined): string {
  return createHash("sha256")
    .update(content ?? "")
    .digest("hex");
}
