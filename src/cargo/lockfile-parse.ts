import type { Lockfile } from "./lockfile.ts";
import { readCanonicalLockfile } from "./lockfile-canonical.ts";
import { checkLockfile } from "./lockfile-check.ts";
import { readLockfileTable } from "./lockfile-table.ts";

/**
 * Reads a Cargo.lock of version 1 to 4.
 *
 * Text as cargo writes it is read by a reader of its own; anything else that is TOML (edited by hand) by the TOML reader, with
 * the same result. Keys that cargo does not know are ignored, as cargo does. Every name, version, source and checksum
 * is checked. A dependency whose package is absent is not an error here, because people delete packages to have them
 * updated: `lockedDependencies` tells.
 *
 * @param at The file's path, for error messages.
 * @throws {LockfileError} `cargo/lockfile-syntax`, `-version`, `-checksum`, `-duplicate` or `-merge`, with the line
 * where it is known.
 * @throws {SourceIdError} `cargo/source-id-invalid`.
 * @see The Cargo Book, "Cargo.toml vs Cargo.lock"; the format is defined by cargo's own reader.
 */
export function parseLockfile(text: string, at: string): Lockfile {
  const written = readCanonicalLockfile(text) ?? readLockfileTable(text, at);
  return checkLockfile(written, { text, at });
}
