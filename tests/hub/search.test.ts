import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Found, searchBelow } from "../../src/hub/search.ts";

function directoryWith(files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-search-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  return root;
}

/** Paths relative to `root`, each with what is there. */
function shown(root: string, { directories }: Found): string[] {
  return directories.map(({ path, manifest, lockfile, hub }) =>
    [path.slice(root.length + 1), manifest ? "manifest" : "", lockfile ? "lockfile" : "", hub]
      .filter(Boolean)
      .join(" "),
  );
}

test("directories come before what is in them, siblings by name, and say what they hold", () => {
  const root = directoryWith([
    "b/Cargo.toml",
    "b/Cargo.lock",
    "b/c/Cargo.toml",
    "b-2/.cargo/hub.toml",
    "a/x/y/Cargo.lock",
    "a/.cargo/hub.lock",
    "a/.cargo/registry/src/i/p-1.0.0/Cargo.toml",
    "none/.cargo/config.toml",
    "CACHEDIR.TAG",
  ]);
  expect(shown(root, searchBelow(root))).toEqual([
    "a filled",
    "a/x/y lockfile none",
    "b manifest lockfile none",
    "b/c manifest none",
    "b-2 asked",
  ]);
});

test.each(["target", "vendor", "node_modules", ".hidden"])(
  "%s is not looked into, but may be where the search starts",
  (name) => {
    const root = directoryWith([`${name}/x/Cargo.toml`]);
    expect(searchBelow(root).directories).toEqual([]);
    expect(shown(join(root, name), searchBelow(join(root, name)))).toEqual(["x manifest none"]);
  },
);

test.each(["CACHEDIR.TAG", ".cargo-checksum.json"])("a directory with a %s is not looked into", (mark) => {
  const root = directoryWith([`made/${mark}`, "made/Cargo.toml", "made/x/Cargo.toml"]);
  expect(searchBelow(root).directories).toEqual([]);
});

test("a search ends at its limit", () => {
  const root = directoryWith(["a/b/c/Cargo.toml"]);
  expect(searchBelow(root, 4).directories).toHaveLength(1);
  expect(() => searchBelow(root, 3)).toThrow(expect.objectContaining({ code: "hub/search-too-large" }));
});
