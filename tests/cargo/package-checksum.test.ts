import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import {
  type ChecksummedFile,
  formatPackageChecksum,
  isSha256,
  PACKAGE_CHECKSUM_NAME,
  PackageChecksumError,
  parsePackageChecksum,
  type Sha256,
} from "../../src/cargo/index.ts";
import { stage } from "../support/stage.ts";
import { checksum } from "./index-line-cases.ts";

function digest(content: Uint8Array): Sha256 {
  const hex = createHash("sha256").update(content).digest("hex");
  if (!isSha256(hex)) throw new Error("not a digest");
  return hex;
}

const hash = digest(new Uint8Array());

test("the files are sorted by the bytes of their paths", () => {
  const files = ["b", "a/b", "a.rs", "é", "\u{1f980}", "\uffee", 'q"\\\n'].map((path) => ({ path, sha256: hash }));
  const names = [...formatPackageChecksum(files, null).matchAll(/"((?:[^"\\]|\\.)*)":"[0-9a-f]/g)].map(
    ([, name]) => name,
  );
  expect(names).toEqual(["a.rs", "a/b", "b", 'q\\"\\\\\\n', "é", "\uffee", "\u{1f980}"]);
});

test("a package without a crate file has null for its checksum", () => {
  expect(formatPackageChecksum([], null)).toBe('{"files":{},"package":null}');
  expect(formatPackageChecksum([{ path: "a", sha256: hash }], hash)).toBe(
    `{"files":{"a":"${hash}"},"package":"${hash}"}`,
  );
});

test("parsePackageChecksum gives back what formatPackageChecksum wrote, and forgives what cargo forgives", () => {
  const files = [{ path: "__proto__", sha256: hash }];
  expect(parsePackageChecksum(formatPackageChecksum(files, hash), "f")).toEqual({
    files: new Map([["__proto__", hash]]),
    package: hash,
  });
  expect(parsePackageChecksum('{"files":{},"more":1}', "f").package).toBeNull();
});

test.each([
  "",
  "[]",
  "{}",
  '{"files":[]}',
  '{"files":{"a":1}}',
  `{"files":{"a":"${hash.toUpperCase()}"}}`,
  '{"files":{},"package":"x"}',
])("parsePackageChecksum refuses %s", (text) => {
  expect(() => parsePackageChecksum(text, "f")).toThrow(PackageChecksumError);
});

test("we write the checksum file that cargo vendor writes", async () => {
  const scene = await stage({
    crates: [
      {
        name: "lab",
        version: "1.0.0",
        files: {
          "src/lib.rs": "",
          "src/Über.rs": "//",
          "a-b.txt": "1",
          "a/b.txt": "2",
          "a.txt": "3",
          ".gitignore": "x",
          "a/.hidden": "",
        },
      },
    ],
  });
  try {
    const run = await scene.cargo("vendor", "--respect-source-config", "--versioned-dirs", "vendored");
    expect(run.stderr).not.toContain("error");
    const directory = join(scene.project, "vendored", "lab-1.0.0");
    const written = readFileSync(join(directory, PACKAGE_CHECKSUM_NAME), "utf8");
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== PACKAGE_CHECKSUM_NAME)
      .map((entry): ChecksummedFile => {
        const path = join(entry.parentPath, entry.name);
        return { path: relative(directory, path), sha256: digest(readFileSync(path)) };
      });
    expect(files.length).toBeGreaterThan(5);
    const { checksum: crate } = scene.registry.built("lab", "1.0.0");
    if (!isSha256(crate)) throw new Error("not a digest");
    expect(formatPackageChecksum(files, crate)).toBe(written);
    expect(crate).not.toBe(checksum);
  } finally {
    await scene.close();
  }
});
