import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type BuiltFile, openStore, type Store } from "../../src/store/index.ts";

/** A fresh directory that goes away with the test; on the disk of temporary files, or in memory. */
export function scratch(parent: string = tmpdir()): string {
  const path = mkdtempSync(join(parent, "cargo-hub-store-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A fresh, empty store. */
export function freshStore(parent?: string): Store {
  return openStore(join(scratch(parent), "store"), { umask: 0o022 });
}

/** Path → text of a small package. */
export const smallPackage: Readonly<Record<string, string>> = {
  "Cargo.toml": '[package]\nname = "a"\n',
  "src/lib.rs": "pub fn a() {}\n",
  "src/deep/mod.rs": "",
  "tests/it works.rs": "#[test]\nfn works() {}\n",
};

/** Writes a package as the archive room would: whole-second times, fixed modes. */
export function builder(files: Readonly<Record<string, string>>): (directory: string) => Promise<BuiltFile[]> {
  return async (directory) => {
    for (const [path, text] of Object.entries(files)) {
      const target = join(directory, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text, { mode: 0o644 });
      utimesSync(target, 1_153_704_088, 1_153_704_088);
    }
    return Object.entries(files).map(([path, text]) => ({ path, size: Buffer.byteLength(text) }));
  };
}

/** Path → text of everything below a directory. */
export function filesBelow(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.sort().map((path) => [path.slice(directory.length + 1), readFileSync(path, "utf8")]));
}

/** What lies in `partial/`. */
export function partialNames(store: Store): string[] {
  try {
    return readdirSync(join(store.root, "partial"));
  } catch {
    return [];
  }
}
