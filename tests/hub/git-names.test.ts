import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { comparePackage } from "../../src/hub/git/compare-package.ts";
import type { PackageFiles } from "../../src/hub/git/package-files.ts";
import { stagePackage } from "../../src/hub/git/stage-package.ts";

function packageOf(...paths: readonly string[]): PackageFiles {
  const files = paths.map((path) => ({ path, executable: false, content: () => Buffer.from(path) }));
  return { files, manifest: "", checksumText: "", sizeBytes: 0, runs: [], license: "", leftOut: [] };
}

function scratch(): string {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-git-names-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

test.each(["src/aux.rs", "src/a:b", "docs/what?.md", "a\\b", "trailing./x"])(
  "a file %s of a git package is refused on Windows before anything is written, and written elsewhere",
  (path) => {
    const root = scratch();
    const { files } = packageOf("Cargo.toml", path);
    const stage = { directory: join(root, "a-1.0.0"), umask: 0o022 };
    const found = packageOf("Cargo.toml", path);
    expect(() => stagePackage(found, { ...stage, system: "windows" })).toThrow(
      expect.objectContaining({ code: "hub/name-unusable", what: expect.stringContaining(JSON.stringify(path)) }),
    );
    expect(readdirSync(root)).toEqual([]);
    for (const system of ["macos", "linux", "unix"] as const) {
      stagePackage(found, { ...stage, directory: join(root, system), system });
      expect(comparePackage(files, { directory: join(root, system), umask: 0o022 })).toEqual([]);
    }
  },
);
