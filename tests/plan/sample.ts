import { createHash } from "node:crypto";
import { CRATES_IO, type LockedPackage, type Lockfile, parseLockfile, parseSourceId } from "../../src/cargo/index.ts";
import type { PlacedLockfile } from "../../src/plan/index.ts";

export const cratesIo = "registry+https://github.com/rust-lang/crates.io-index";
export const corp = "sparse+https://registry.example/index/";

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** A package of a lockfile, as far as a test cares about it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly source?: string;
  readonly checksum?: string;
}

/** A lockfile of these packages as cargo writes it, read back. */
export function lockfile(path: string, packages: readonly Package[]): PlacedLockfile {
  const blocks = packages.map(({ name, version, source, checksum }) => {
    const lines = [`name = ${JSON.stringify(name)}`, `version = ${JSON.stringify(version)}`];
    if (source !== undefined) lines.push(`source = ${JSON.stringify(source)}`);
    if (checksum !== undefined) lines.push(`checksum = "${checksum}"`);
    return `[[package]]\n${lines.join("\n")}\n`;
  });
  return { path, lockfile: parseLockfile(`version = 4\n\n${blocks.join("\n")}`, path) };
}

/** A lockfile with one package that no parser would let through: what the plan checks does not rest on the parser. */
export function unchecked(path: string, { name, version }: Package): PlacedLockfile {
  const base = lockfile(path, [{ name: "a", version: "1.0.0", source: cratesIo, checksum: sha256("a") }]).lockfile;
  const packages: LockedPackage[] = base.packages.map((locked) => ({ ...locked, name, version, source: CRATES_IO }));
  const hostile: Lockfile = { ...base, packages };
  return { path, lockfile: hostile };
}

/** A source's id from its text. */
export function sourceId(text: string): ReturnType<typeof parseSourceId> {
  return parseSourceId(text, "a test");
}
