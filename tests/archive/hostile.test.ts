import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS, type UnpackLimits } from "../../src/archive/index.ts";
import { crate, file, gnuLong, gzip, type Member, pax, paxRecord, tar } from "../support/archive-builder.ts";
import { inScene, LIBRARY, list, MANIFEST, TOP } from "./scene.ts";

/** What a bad archive holds after a good manifest and library, and how it is refused. */
type Row = readonly [what: string, members: readonly Member[], code: string, entry: string | undefined];

const symlink = (name: string, linkName: string): Member => ({ name: `${TOP}/${name}`, type: "2", linkName });
const hardLink = (name: string, linkName: string): Member => ({ name: `${TOP}/${name}`, type: "1", linkName });
const special = (type: string): Member => ({ name: `${TOP}/odd`, type });
const NUL_FIELD = new Uint8Array(12);

const names: readonly Row[] = [
  ["a name that climbs out", [file(`${TOP}/../secret`, "x")], "outside", `${TOP}/../secret`],
  ["a name that climbs out and back", [file(`${TOP}/../${TOP}/x`)], "outside", `${TOP}/../${TOP}/x`],
  ["`..` deep inside", [file(`${TOP}/a/b/../../c`)], "outside", `${TOP}/a/b/../../c`],
  ["an absolute name", [file("/etc/passwd", "x")], "outside", "/etc/passwd"],
  ["an absolute name with the top directory", [file(`/${TOP}/x`)], "outside", `/${TOP}/x`],
  ["a `./` in front", [file(`./${TOP}/x`)], "outside", `./${TOP}/x`],
  ["another top directory", [file("other-1.0.0/x")], "outside", "other-1.0.0/x"],
  ["a sibling's file", [file("sibling-1.0.0/src/lib.rs", "bad")], "outside", "sibling-1.0.0/src/lib.rs"],
  ["a top directory that only starts alike", [file(`${TOP}0/x`)], "outside", `${TOP}0/x`],
  ["no top directory", [file("Cargo.toml")], "outside", "Cargo.toml"],
  ["an empty name", [file("")], "outside", ""],
  ["a drive", [file("C:/x")], "outside", "C:/x"],
  ["a file in place of the top directory", [file(TOP, "x")], "conflict", TOP],
  ["backslashes", [file(`${TOP}/..\\..\\secret`)], "bad-name", `${TOP}/..\\..\\secret`],
  ["a line break", [file(`${TOP}/a\nb`)], "bad-name", `${TOP}/a\nb`],
  ["an escape sequence", [file(`${TOP}/\u001b[2J`)], "bad-name", `${TOP}/\u001b[2J`],
  ["a C1 control character", [file(`${TOP}/\u009b2J`)], "bad-name", `${TOP}/\u009b2J`],
  ["three dots", [file(`${TOP}/.../x`)], "bad-name", `${TOP}/.../x`],
  ["dots and a blank, which Windows takes for dots", [file(`${TOP}/.. /x`)], "bad-name", `${TOP}/.. /x`],
  ["bytes that are not UTF-8", [file(Buffer.from(`${TOP}/\xff`, "latin1"))], "bad-name", `${TOP}/\ufffd`],
  [
    "a component over 255 bytes",
    [gnuLong("L", `${TOP}/${"é".repeat(128)}\0`), file("x")],
    "bad-name",
    `${TOP}/${"é".repeat(128)}`,
  ],
  ["a file whose name ends in a slash", [file(`${TOP}/x/`, "x", { format: "ustar" })], "bad-name", `${TOP}/x/`],
  [".cargo-ok as a directory", [file(`${TOP}/.cargo-ok/x`)], "bad-name", `${TOP}/.cargo-ok/x`],
  [".cargo-ok in other letters", [file(`${TOP}/.Cargo-OK`)], "bad-name", `${TOP}/.Cargo-OK`],
  [
    ".cargo-ok with a character that HFS+ ignores",
    [file(`${TOP}/.cargo\u200d-ok`)],
    "bad-name",
    `${TOP}/.cargo\u200d-ok`,
  ],
  [
    ".cargo-checksum.json as a directory",
    [file(`${TOP}/.cargo-checksum.json/x`)],
    "bad-name",
    `${TOP}/.cargo-checksum.json/x`,
  ],
];

const links: readonly Row[] = [
  ["a symlink out", [symlink("l", "../../secret")], "bad-link", `${TOP}/l`],
  ["a symlink to a sibling", [symlink("l", "../sibling-1.0.0/src/lib.rs")], "bad-link", `${TOP}/l`],
  ["a symlink out and back", [symlink("l", `../${TOP}/Cargo.toml`)], "bad-link", `${TOP}/l`],
  ["an absolute symlink", [symlink("l", "/etc/passwd")], "bad-link", `${TOP}/l`],
  ["a symlink to nothing", [symlink("l", "")], "bad-link", `${TOP}/l`],
  ["a symlink with `..` after a name", [symlink("a", "."), symlink("l", "a/../../secret")], "bad-link", `${TOP}/l`],
  [
    "a chain of symlinks that would climb out",
    [symlink("d/up", ".."), symlink("d/out", "up/../../secret")],
    "bad-link",
    `${TOP}/d/out`,
  ],
  ["a symlink with a backslash", [symlink("l", "..\\secret")], "bad-link", `${TOP}/l`],
  [
    "a long link target that climbs out",
    [gnuLong("K", `${"../".repeat(60)}etc/passwd\0`), symlink("l", "src")],
    "bad-link",
    `${TOP}/l`,
  ],
  [
    "a pax link target that climbs out",
    [pax({ linkpath: "../../secret" }), symlink("l", "src")],
    "bad-link",
    `${TOP}/l`,
  ],
  ["a symlink in place of Cargo.lock", [symlink("Cargo.lock", "src/lib.rs")], "bad-link", `${TOP}/Cargo.lock`],
  ["writing through a symlink", [symlink("l", "src"), file(`${TOP}/l/lib.rs`, "bad")], "conflict", `${TOP}/l/lib.rs`],
  ["a directory through a symlink", [symlink("l", "src"), { name: `${TOP}/l/d`, type: "5" }], "conflict", `${TOP}/l/d`],
  [
    "a directory over a symlink, to change the mode behind it",
    [symlink("l", "src"), { name: `${TOP}/l`, type: "5", mode: 0o777 }],
    "conflict",
    `${TOP}/l`,
  ],
  [
    "writing through a symlink in other letters",
    [symlink("L", "src"), file(`${TOP}/l/lib.rs`, "bad")],
    "conflict",
    `${TOP}/l/lib.rs`,
  ],
  ["a hard link out", [hardLink("h", "../../secret")], "bad-link", `${TOP}/h`],
  ["a hard link to an absolute path", [hardLink("h", "/etc/passwd")], "bad-link", `${TOP}/h`],
  ["a hard link to a sibling crate", [hardLink("h", "sibling-1.0.0/src/lib.rs")], "bad-link", `${TOP}/h`],
  ["a hard link that climbs", [hardLink("h", `${TOP}/../sibling-1.0.0/src/lib.rs`)], "bad-link", `${TOP}/h`],
  ["a hard link to what is not there", [hardLink("h", `${TOP}/none`)], "bad-link", `${TOP}/h`],
  ["a hard link to itself", [hardLink("h", `${TOP}/h`)], "bad-link", `${TOP}/h`],
  ["a hard link to a directory", [hardLink("h", `${TOP}/src`)], "bad-link", `${TOP}/h`],
  ["a hard link to a symlink", [symlink("l", "src/lib.rs"), hardLink("h", `${TOP}/l`)], "bad-link", `${TOP}/h`],
  ["a hard link to the marker", [hardLink("h", `${TOP}/.cargo-ok`)], "bad-link", `${TOP}/h`],
  ["a hard link over a file", [file(`${TOP}/h`, "x"), hardLink("h", `${TOP}/src/lib.rs`)], "conflict", `${TOP}/h`],
  ["a hard link with content", [{ ...hardLink("h", `${TOP}/src/lib.rs`), content: "x" }], "bad-header", `${TOP}/h`],
];

const kinds: readonly Row[] = [
  ["a fifo", [special("6")], "unsupported-entry", `${TOP}/odd`],
  ["a character device", [special("3")], "unsupported-entry", `${TOP}/odd`],
  ["a block device", [special("4")], "unsupported-entry", `${TOP}/odd`],
  ["a sparse file", [special("S")], "unsupported-entry", `${TOP}/odd`],
  ["an unknown kind", [special("Z")], "unsupported-entry", `${TOP}/odd`],
  ["a file that becomes a symlink", [file(`${TOP}/x`), symlink("x", "src")], "conflict", `${TOP}/x`],
  ["a symlink that becomes a file", [symlink("x", "src"), file(`${TOP}/x`)], "conflict", `${TOP}/x`],
  ["a file that becomes a directory", [file(`${TOP}/x`), { name: `${TOP}/x/`, type: "5" }], "conflict", `${TOP}/x/`],
  ["a directory that becomes a file", [{ name: `${TOP}/x`, type: "5" }, file(`${TOP}/x`)], "conflict", `${TOP}/x`],
  ["a file below a file", [file(`${TOP}/x`), file(`${TOP}/x/y`)], "conflict", `${TOP}/x/y`],
  ["a file and a directory that differ in case", [file(`${TOP}/X`), file(`${TOP}/x/y`)], "conflict", `${TOP}/x/y`],
  ["a file and a symlink that differ in case", [file(`${TOP}/X`), symlink("x", "src")], "conflict", `${TOP}/x`],
  ["two symlinks that differ in case", [symlink("X", "src"), symlink("x", "src")], "conflict", `${TOP}/x`],
  ["a directory that locks its owner out", [{ name: `${TOP}/d`, type: "5", mode: 0o500 }], "bad-header", `${TOP}/d`],
  ["a directory with content", [{ name: `${TOP}/d`, type: "5", content: "x" }], "bad-header", `${TOP}/d`],
];

const headers: readonly Row[] = [
  ["a wrong header sum", [file(`${TOP}/x`, "x", { checksum: 1 })], "bad-header", `${TOP}/x`],
  ["a negative size", [file(`${TOP}/x`, "x", { size: -1 })], "bad-header", `${TOP}/x`],
  [
    "a size beyond all numbers",
    [file(`${TOP}/x`, "x", { patch: { 124: Buffer.alloc(12, 0xfe) } })],
    "bad-header",
    `${TOP}/x`,
  ],
  ["a size of many terabytes", [file(`${TOP}/x`, "x", { size: 2 ** 50 })], "too-large", `${TOP}/x`],
  ["a size that is no number", [file(`${TOP}/x`, "x", { patch: { 124: "12x45678901" } })], "bad-header", `${TOP}/x`],
  ["an empty size", [file(`${TOP}/x`, "", { patch: { 124: NUL_FIELD } })], "bad-header", `${TOP}/x`],
  ["a mode that is no number", [file(`${TOP}/x`, "x", { patch: { 100: "rwxr-xr-" } })], "bad-header", `${TOP}/x`],
  ["a time beyond all dates", [file(`${TOP}/x`, "x", { mtime: 2 ** 40 })], "bad-header", `${TOP}/x`],
  ["an unknown format", [file(`${TOP}/x`, "x", { patch: { 257: "mystery!" } })], "bad-header", `${TOP}/x`],
  ["a pax path that climbs out", [pax({ path: `${TOP}/../x` }), file(`${TOP}/x`)], "outside", `${TOP}/../x`],
  ["a pax path with a NUL", [pax({ path: `${TOP}/x\0y` }), file(`${TOP}/x`)], "bad-name", `${TOP}/x\0y`],
  [
    "a pax path given twice",
    [pax({}, { content: paxRecord("path", `${TOP}/a`) + paxRecord("path", "b") }), file("x")],
    "bad-header",
    undefined,
  ],
  [
    "a pax record over two lines",
    [pax({ comment: "x\n20 path=../../secret" }), file(`${TOP}/x`)],
    "bad-header",
    undefined,
  ],
  [
    "a pax record that lies about its length",
    [pax({}, { content: `99 path=${TOP}/x\n` }), file(`${TOP}/x`)],
    "bad-header",
    undefined,
  ],
  ["a pax size that differs", [pax({ size: "3" }), file(`${TOP}/x`, "abcdef")], "bad-header", `${TOP}/x`],
  ["a pax size that is negative", [pax({ size: "-3" }), file(`${TOP}/x`, "abcdef")], "bad-header", undefined],
  ["pax keys of sparse files", [pax({ "GNU.sparse.major": "1" }), file(`${TOP}/x`)], "bad-header", undefined],
  [
    "a pax path beside a GNU long name",
    [pax({ path: `${TOP}/a` }), gnuLong("L", `${TOP}/b\0`), file("x")],
    "bad-header",
    `${TOP}/b`,
  ],
  [
    "two pax headers for one entry",
    [pax({ path: `${TOP}/a` }), pax({ path: `${TOP}/b` }), file("x")],
    "bad-header",
    undefined,
  ],
  [
    "a global pax header outside",
    [pax({ comment: "x" }, { type: "g", name: "pax_global_header" })],
    "outside",
    "pax_global_header",
  ],
  [
    "a global pax header that renames",
    [pax({ path: "../x" }, { type: "g", name: `${TOP}/g` })],
    "bad-header",
    undefined,
  ],
  ["a huge pax header", [pax({ comment: "x".repeat(70_000) }), file(`${TOP}/x`)], "too-large", "PaxHeaders/entry"],
  [
    "a long name that climbs out",
    [gnuLong("L", `${TOP}/${"a/../".repeat(40)}../x\0`), file("x")],
    "outside",
    `${TOP}/${"a/../".repeat(40)}../x`,
  ],
  [
    "a long name with a NUL inside",
    [gnuLong("L", `${TOP}/a\0/../../secret\0`), file("x")],
    "bad-name",
    `${TOP}/a\0/../../secret`,
  ],
  ["an empty long name", [gnuLong("L", ""), file(`${TOP}/x`)], "outside", ""],
  ["a huge long name", [gnuLong("L", `${TOP}/${"a".repeat(70_000)}\0`), file("x")], "too-large", "././@LongLink"],
  [
    "two long names for one entry",
    [gnuLong("L", `${TOP}/a\0`), gnuLong("L", `${TOP}/b\0`), file("x")],
    "bad-header",
    undefined,
  ],
  ["a long name without an entry", [gnuLong("L", `${TOP}/a\0`)], "bad-header", undefined],
  [
    "a long name in the oldest format",
    [{ ...gnuLong("L", `${TOP}/a\0`), format: "v7" }, file("x")],
    "unsupported-entry",
    "././@LongLink",
  ],
];

test.each([...names, ...links, ...kinds, ...headers])(
  "a crate with %s is refused, and nothing outside is touched",
  async (...[, members, code, entry]) => {
    await inScene(async (scene) => {
      const error = await scene.refusal(crate([MANIFEST, LIBRARY, ...members]));
      expect(error).toMatchObject({ code: `archive/${code}`, entry, where: `${TOP}.crate` });
      expect(error.help).not.toBe("");
    });
  },
);

const bombs: readonly (readonly [string, () => Uint8Array, Partial<UnpackLimits>])[] = [
  [
    "zeros at a ratio of a thousand",
    () => gzip(tar([file(`${TOP}/zeros`, Buffer.alloc(30 << 20))])),
    { unpackedBytes: 25 << 20 },
  ],
  [
    "zeros over cargo's limit, promised by the header",
    () => gzip(tar([file(`${TOP}/zeros`, "", { size: 513 << 20 })])),
    {},
  ],
  ["zeros after the end mark", () => gzip(tar([MANIFEST], Buffer.alloc(30 << 20))), { unpackedBytes: 25 << 20 }],
  ["many entries", () => crate(Array.from({ length: 300 }, (_, at) => file(`${TOP}/${at}`))), { entries: 299 }],
  ["one entry again and again", () => crate(Array.from({ length: 300 }, () => file(`${TOP}/x`))), { entries: 299 }],
  [
    "directories in one deep name",
    () => crate([gnuLong("L", `${TOP}/${"a/".repeat(500)}x\0`), file("x")]),
    { entries: 400 },
  ],
  ["a long path", () => crate([gnuLong("L", `${TOP}/${"a/".repeat(600)}x\0`), file("x")]), {}],
  [
    "long paths together",
    () => crate(Array.from({ length: 50 }, (_, at) => file(`${TOP}/${"a".repeat(80)}${at}`))),
    { totalPathBytes: 4000 },
  ],
  ["a manifest of many megabytes", () => crate([file(`${TOP}/Cargo.toml`, Buffer.alloc(9 << 20))]), {}],
];

test.each(bombs)("a bomb of %s is refused at its limit", async (_what, build, limits) => {
  await inScene(async (scene) => {
    const error = await scene.refusal(build(), { limits: { ...DEFAULT_LIMITS, ...limits } });
    expect(error.code).toBe("archive/too-large");
  });
});

test("a symlink loop is contained: it is made, and leads nowhere", async () => {
  await inScene(async (scene) => {
    await scene.unpack(crate([MANIFEST, symlink("a", "b"), symlink("b", "a"), symlink("c", "c")]));
    expect(list(scene.into).map(({ path, content }) => [path, content])).toContainEqual(["c", "c"]);
    expect(() => readFileSync(`${scene.into}/a`)).toThrow("ELOOP");
  });
});

test("an archive without files is refused", async () => {
  await inScene(async (scene) => {
    expect((await scene.refusal(crate([]))).code).toBe("archive/empty");
    expect((await scene.refusal(crate([{ name: `${TOP}/`, type: "5" }]))).code).toBe("archive/empty");
  });
});
