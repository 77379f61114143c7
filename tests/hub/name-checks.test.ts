import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseLockfile } from "../../src/cargo/index.ts";
import { checkNames } from "../../src/hub/name-checks.ts";
import { wantedCrates } from "../../src/plan/index.ts";
import type { System } from "../../src/system/index.ts";

const systems: readonly System[] = ["windows", "macos", "linux", "unix"];

/** The error code for a hub with these crates on a real disk, which tells upper from lower case, as each system would judge it. */
function codesFor(...names: readonly string[]): (string | undefined)[] {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-names-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const place = { root, dotCargo: join(root, ".cargo") };
  mkdirSync(join(place.dotCargo, "registry"), { recursive: true });
  const tables = names.map(
    (name) =>
      `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${"0".repeat(64)}"\n`,
  );
  const lockfile = parseLockfile(`version = 4\n\n${tables.join("\n")}`, "Cargo.lock");
  const wanted = wantedCrates([{ path: "Cargo.lock", lockfile }]);
  return systems.map((system) => {
    try {
      checkNames({ place, wanted, wantedGit: [] }, system);
      return undefined;
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    }
  });
}

test("a crate that is named after a device is refused on Windows only", () => {
  expect(codesFor("alpha", "nul")).toEqual(["hub/name-unusable", undefined, undefined, undefined]);
  expect(codesFor("alpha", "null")).toEqual([undefined, undefined, undefined, undefined]);
});

test("names that differ in case are no matter of the system, but of the disk", () => {
  expect(codesFor("Foo", "foo")).toEqual([undefined, undefined, undefined, undefined]);
});
