import { join } from "node:path";
import { PACKAGE_CHECKSUM_NAME, parseManifest, parsePackageChecksum } from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import { packageDirectory, type WantedCrate } from "../../plan/index.ts";
import { readText } from "../files.ts";
import { list } from "../observe.ts";

/** Finds the packages of a directory source. */
export type FindUnpacked = (crate: WantedCrate) => string | undefined;

/**
 * Looks for a crate in a directory source: by the checksum that a package states for itself, else by name and version, so that a package
 * with a wrong checksum is looked at and not passed over. Directory names do not count, as with cargo.
 *
 * @param wanted Checksums of all wanted crates: a package with one of them is that crate.
 * @returns The package's directory, unchecked.
 */
export function openVendorFolder(root: string, wanted: ReadonlySet<string>): FindUnpacked {
  let byChecksum: ReadonlyMap<string, string> | undefined;
  return (crate) => {
    byChecksum ??= packagesOf(root);
    return byChecksum.get(crate.checksum) ?? byName(root, crate, wanted);
  };
}

function packagesOf(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of list(root)) {
    if (name.startsWith(".")) continue;
    const directory = join(root, name);
    const checksum = statedChecksum(directory);
    if (checksum !== undefined && !found.has(checksum)) found.set(checksum, directory);
  }
  return found;
}

function statedChecksum(directory: string): string | undefined {
  const path = join(directory, PACKAGE_CHECKSUM_NAME);
  const text = readText(path);
  return text === undefined ? undefined : readable(() => parsePackageChecksum(text, path).package ?? undefined);
}

function byName(root: string, crate: WantedCrate, wanted: ReadonlySet<string>): string | undefined {
  return [packageDirectory(crate), crate.name]
    .map((name) => join(root, name))
    .find((directory) => !wanted.has(statedChecksum(directory) ?? "") && isOf(directory, crate));
}

function isOf(directory: string, { name, version }: WantedCrate): boolean {
  const path = join(directory, "Cargo.toml");
  const text = readText(path);
  const facts = text === undefined ? undefined : readable(() => parseManifest(text, path));
  return facts?.name === name && facts.version === version;
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof HubError) return undefined;
    throw error;
  }
}
