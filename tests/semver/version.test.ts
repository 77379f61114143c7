import { readFileSync } from "node:fs";
import { assert, property } from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, formatVersion, parseVersion, VersionError } from "../../src/semver/index.ts";
import { anyVersionText } from "./any-version.ts";

const vectors: { versions: { version: string; ok: boolean }[]; total_order: string[] } = JSON.parse(
  readFileSync(new URL("../fixtures/semver/semver-vectors.json", import.meta.url), "utf8"),
);

test.each(vectors.versions.filter((vector) => vector.ok))(
  "parseVersion reads $version as cargo does",
  ({ version }) => {
    expect(formatVersion(parseVersion(version))).toBe(version);
  },
);

test.each(vectors.versions.filter((vector) => !vector.ok))(
  "parseVersion refuses $version as cargo does",
  ({ version }) => {
    expect(() => parseVersion(version)).toThrowError(VersionError);
  },
);

test("compareVersions puts the recorded versions in the recorded order", () => {
  const parsed = vectors.total_order.map(parseVersion);
  for (const [left, a] of parsed.entries()) {
    for (const [right, b] of parsed.entries()) {
      expect(Math.sign(compareVersions(a, b)), `${formatVersion(a)} : ${formatVersion(b)}`).toBe(
        Math.sign(left - right),
      );
    }
  }
});

test("a version is its five parts", () => {
  expect(parseVersion("1.20.300-alpha.1+build-5")).toEqual({
    major: 1,
    minor: 20,
    patch: 300,
    pre: "alpha.1",
    build: "build-5",
  });
});

test("numbers stay numbers up to 2^53-1 and are exact up to 2^64-1", () => {
  expect(parseVersion("9007199254740991.9007199254740992.18446744073709551615")).toEqual({
    major: 9007199254740991,
    minor: 9007199254740992n,
    patch: 18446744073709551615n,
    pre: "",
    build: "",
  });
  expect(() => parseVersion("0.0.18446744073709551616")).toThrowError(VersionError);
});

test.each([
  "1.2.3-",
  "1.2.3+",
  "1.2.3-a.",
  "1.2.3-.a",
  "1.2.3-a+",
  "1.2.3+a+b",
  "1.2.",
  "1..3",
  "1.2.3\n",
  " 1.2.3",
  "1.2.3-a_b",
  "１.2.3",
  "-1.2.3",
  "1.2.03",
])("parseVersion refuses %j", (text) => {
  expect(() => parseVersion(text)).toThrowError(expect.objectContaining({ code: "semver/bad-version" }));
});

test("a message about a hostile version stays short", () => {
  expect(() => parseVersion("1".repeat(1_000_000))).toThrowError(/^.{0,250}$/u);
});

test("formatVersion gives back what parseVersion read", () => {
  assert(
    property(anyVersionText(), (text) => {
      expect(formatVersion(parseVersion(text))).toBe(text);
    }),
  );
});

test("compareVersions is antisymmetric, and zero only for equal texts", () => {
  assert(
    property(anyVersionText(), anyVersionText(), (left, right) => {
      const a = parseVersion(left);
      const b = parseVersion(right);
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
      expect(compareVersions(a, b) === 0).toBe(left === right);
    }),
    { numRuns: 1000 },
  );
});

test("compareVersions is transitive", () => {
  assert(
    property(anyVersionText(), anyVersionText(), anyVersionText(), (...texts) => {
      const [a, b, c] = texts.map(parseVersion).sort(compareVersions);
      if (a === undefined || b === undefined || c === undefined) throw new Error("three versions went in");
      expect(compareVersions(a, b)).toBeLessThanOrEqual(0);
      expect(compareVersions(b, c)).toBeLessThanOrEqual(0);
      expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 1000 },
  );
});
