import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crateTopDirectory } from "../../src/archive/index.ts";
import { file, gnuLong, gzip, pax, tar } from "../support/archive-builder.ts";
import { LIBRARY, MANIFEST, TOP } from "./scene.ts";

test.each([
  ["its first file", [MANIFEST, LIBRARY]],
  ["its own entry", [{ name: `${TOP}/`, type: "5" }, MANIFEST]],
  ["a long name", [gnuLong("L", `${TOP}/${"x".repeat(200)}`), file("short"), MANIFEST]],
  ["a pax header", [pax({ path: `${TOP}/Cargo.toml` }), file("other")]],
  ["a global header in front", [pax({ comment: "x" }, { type: "g" }), MANIFEST]],
])("the top directory is known from %s", (_how, members) => {
  expect(crateTopDirectory(gzip(tar(members)))).toBe(TOP);
});

test("a large crate is not read to its end, and a path does as well", () => {
  const big = Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 256);
  const crate = gzip(tar([MANIFEST, file(`${TOP}/big.bin`, Uint8Array.from(big)), LIBRARY]));
  const directory = mkdtempSync(join(tmpdir(), "cargo-hub-top-"));
  try {
    const path = join(directory, "x.crate");
    writeFileSync(path, crate);
    expect(crateTopDirectory({ path })).toBe(TOP);
    // What comes behind is the business of whoever unpacks it.
    writeFileSync(path, crate.subarray(0, 40_000));
    expect(crateTopDirectory({ path })).toBe(TOP);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["no gzip file", Buffer.from("a text")],
  ["rubbish behind a gzip header", Buffer.concat([gzip(tar([MANIFEST])).subarray(0, 10), Buffer.alloc(100, 0xff)])],
  ["an empty archive", gzip(tar([]))],
  ["a name without a directory", gzip(tar([file("Cargo.toml")]))],
  ["a name that leads up", gzip(tar([file("../x/Cargo.toml")]))],
  ["an absolute name", gzip(tar([file("/etc/passwd")]))],
  ["a header with a wrong check sum", gzip(tar([file(`${TOP}/x`, "", { checksum: 1 })]))],
])("%s has no top directory", (_what, crate) => {
  expect(crateTopDirectory(crate)).toBeUndefined();
});

test("a file that is not there is an error", () => {
  expect(() => crateTopDirectory({ path: "/nowhere/x.crate" })).toThrow(
    expect.objectContaining({ code: "archive/unreadable" }),
  );
});
