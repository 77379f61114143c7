import { array, assert, constantFrom, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { checkManifest, readManifestTree } from "../../src/cargo/packaging/manifest-shape.ts";
import { parseExact } from "../../src/toml/index.ts";
import { LOAD_CASES } from "./lowest-cargo-cases.ts";

/** What an action throws, or "accepted". */
function outcome(action: () => unknown): string {
  try {
    action();
    return "accepted";
  } catch (error) {
    return String(error);
  }
}

/** What comes of looking at a manifest, and of building it anew. */
function outcomes(text: string): { readonly checked: string; readonly built: string } {
  return {
    checked: outcome(() => checkManifest(parseExact(text, "Cargo.toml"), { text, at: "Cargo.toml" })),
    built: outcome(() => readManifestTree(text, "Cargo.toml")),
  };
}

test.each(LOAD_CASES)("a manifest with %s is checked as it is built anew", (_name, manifest) => {
  const { checked, built } = outcomes(manifest);
  expect(checked).toBe(built);
});

const tables = (
  " package project lib [bin] [test] dependencies dependencies.x features badges.b target.t target.t.dependencies.x lints lints.rust " +
  "lints.rust.l profile profile.dev profile.dev.package.x profile.dev.build-override workspace workspace.package patch.p patch.p.x hints"
).split(" ");
const keys = (
  "name version authors build publish readme metadata links edition features optional path workspace level priority debug opt-level lto " +
  "codegen-units strip panic rustflags cargo-features required-features artifact default-features x members resolver mostly-unused"
).split(" ");
const values = (
  '"text"|" s "|"z"|"deny"|"full"|1|0|7|1.5|true|false|[]|["a"]|[1]|[["a"]]|{}|{ workspace = true }|{ workspace = 1 }|1979-05-27|' +
  '{ level = "warn" }|{ level = "warn", priority = 2 }|{ level = 1 }|{ version = "1" }|{ version = 1 }|{ x = { y = "z" } }'
).split("|");

test("any manifest is checked as it is built anew", () => {
  const line = tuple(constantFrom(...keys), constantFrom(...values));
  const section = tuple(constantFrom(...tables), array(line, { maxLength: 3 }));
  assert(
    property(array(section, { maxLength: 4 }), (sections) => {
      const text = sections
        .map(
          ([table, lines]) =>
            `${table === "" ? "" : `[${table}]\n`}${lines.map(([key, value]) => `${key} = ${value}\n`).join("")}`,
        )
        .join("");
      const { checked, built } = outcomes(text);
      expect(checked).toBe(built);
    }),
    { numRuns: 3000 },
  );
});
