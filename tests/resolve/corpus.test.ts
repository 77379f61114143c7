import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { IndexPackage } from "../../src/resolve/index.ts";
import { resolveDirectory } from "../support/resolve-driver.ts";
import { corpus } from "./corpus.ts";

const found = corpus();
/** Read once for all projects. */
const known = new Map<string, IndexPackage | undefined>();

test.each(found?.projects ?? [])("$name has cargo's lockfile, byte for byte", ({ directory }) => {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "cargo-hub-corpus-")));
  try {
    cpSync(join(directory, "Cargo.toml"), join(project, "Cargo.toml"));
    const { lock, failure } = resolveDirectory(project, { registry: found?.registry ?? "", known });
    expect(failure).toBeUndefined();
    expect(lock).toBe(readFileSync(join(directory, "Cargo.lock.golden"), "utf8"));
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});

test("the corpus has projects when it is there", () => {
  expect(found?.projects.length ?? 1).toBeGreaterThan(0);
});
