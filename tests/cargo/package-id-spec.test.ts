import { expect, test } from "vitest";
import {
  CRATES_IO,
  matchesPackageIdSpec,
  PackageIdSpecError,
  parsePackageIdSpec,
  type SourceId,
} from "../../src/cargo/index.ts";
import { parseVersion } from "../../src/semver/index.ts";

const INDEX = "https://github.com/rust-lang/crates.io-index";
const dev: SourceId = {
  kind: "git",
  url: "ssh://git@host.example/a/b.git",
  reference: { kind: "branch", value: "dev" },
};
const local: SourceId = { kind: "path", url: "file:///p/foo" };

test.each([
  ["foo", "foo", "1.2.3", CRATES_IO, true],
  ["fo", "foo", "1.2.3", CRATES_IO, false],
  ["foo@1", "foo", "1.2.3", CRATES_IO, true],
  ["foo@1.2", "foo", "1.2.3", CRATES_IO, true],
  ["foo:1.2.3", "foo", "1.2.3", CRATES_IO, true],
  ["foo@1.3", "foo", "1.2.3", CRATES_IO, false],
  ["foo@1.2", "foo", "1.2.3-rc.1", CRATES_IO, false],
  ["foo@1.2.3-rc.1", "foo", "1.2.3-rc.1", CRATES_IO, true],
  ["foo", "foo", "1.2.3-rc.1", CRATES_IO, true],
  ["foo@1.2.3", "foo", "1.2.3+b", CRATES_IO, true],
  ["foo@1.2.3+a", "foo", "1.2.3+b", CRATES_IO, false],
  [`${INDEX}#foo`, "foo", "1.2.3", CRATES_IO, true],
  [`${INDEX}#foo@1.2.3`, "foo", "1.2.3", CRATES_IO, true],
  [`registry+${INDEX}#foo@1.2`, "foo", "1.2.3", CRATES_IO, true],
  [`sparse+${INDEX}#foo`, "foo", "1.2.3", CRATES_IO, false],
  [`git+${INDEX}#foo`, "foo", "1.2.3", CRATES_IO, false],
  ["https://other.example/i#foo", "foo", "1.2.3", CRATES_IO, false],
  ["ssh://git@host.example/a/b.git#foo", "foo", "1.2.3", dev, true],
  ["git+ssh://git@host.example/a/b.git?branch=dev#foo@1", "foo", "1.2.3", dev, true],
  ["git+ssh://git@host.example/a/b.git#foo", "foo", "1.2.3", dev, false],
  ["git+ssh://git@host.example/a/b.git?tag=dev#foo", "foo", "1.2.3", dev, false],
  ["file:///p/foo", "foo", "1.2.3", local, true],
  ["file:///p/foo#1.2.3", "foo", "1.2.3", local, true],
  ["path+file:///p/foo#1.2", "foo", "1.2.3", local, true],
  ["path+file:///p/foo#bar", "bar", "1.2.3", local, true],
  ["path+file:///p/foo#1.3", "foo", "1.2.3", local, false],
] as const)("%s means %s %s: %#", (...[spec, name, version, source, expected]) => {
  expect(matchesPackageIdSpec(parsePackageIdSpec(spec), { name, version: parseVersion(version), source })).toBe(
    expected,
  );
});

test.each([
  "baz:",
  "baz:*",
  "baz@",
  "baz@*",
  "baz@^1.0",
  "baz@1.0, 2",
  "",
  "a b",
  "https://baz:1.0",
  `foobar+${INDEX}`,
  "path+https://host.example/foo",
  "file:///p/foo?branch=dev",
  `${INDEX}?x=1#foo`,
])("%s is no specification", (text) => {
  expect(() => parsePackageIdSpec(text)).toThrow(
    expect.objectContaining({ code: "cargo/package-id-spec-invalid", name: PackageIdSpecError.name }),
  );
});
