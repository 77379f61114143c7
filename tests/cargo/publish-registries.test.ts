import { expect, test } from "vitest";
import { ManifestError, publishRegistries } from "../../src/cargo/index.ts";

const head = '[package]\nname = "x"\nversion = "1.0.0"\n';

test.each([
  ["", undefined],
  ["publish = true\n", undefined],
  ["publish = false\n", undefined],
  ["publish = []\n", undefined],
  ['publish = ["corp"]\n', ["corp"]],
  ['publish = ["a", "crates-io"]\n', ["a", "crates-io"]],
])("%j means the registries %j", (text, names) => {
  expect(publishRegistries(head + text, "Cargo.toml")).toEqual(names);
});

test("a number is no registry", () => {
  expect(() => publishRegistries(`${head}publish = 1\n`, "Cargo.toml")).toThrow(ManifestError);
});
