import { readdirSync } from "node:fs";
import { ArchiveError, type Complain } from "./archive-error.ts";
import { type CrateSource, complaintsForCrate } from "./crate-bytes.ts";
import { CrateWriter } from "./crate-writer.ts";
import { DEFAULT_LIMITS, type UnpackLimits } from "./limits.ts";
import { readCrate, type UnportableName } from "./read-crate.ts";
import type { UnpackedFile } from "./unpacked-file.ts";

/** What {@link unpackCrate} made. */
export interface UnpackedCrate {
  /** All regular files and hard links, in the archive's order. Symlinks are not among them. */
  readonly files: readonly UnpackedFile[];
  /** All symlinks, with their targets as the archive has them. */
  readonly symlinks: readonly UnpackedSymlink[];
  /** The files' sizes together. */
  readonly unpackedBytes: number;
  /** The content of Cargo.toml; absent when the archive has none. */
  readonly manifest?: Uint8Array;
  /** Names that some systems do not take; on Windows such a crate is refused. */
  readonly unportable: readonly UnportableName[];
}

/** A symlink as it lies in the package's directory. */
export interface UnpackedSymlink {
  /** Below the package's directory, separated by `/`. */
  readonly path: string;
  readonly target: string;
}

/** What {@link unpackCrate} shall do. */
export interface UnpackJob {
  readonly crate: CrateSource;
  /** `<name>-<version>`: the directory in the archive whose content is unpacked. */
  readonly topDirectory: string;
  /** An existing, empty directory; becomes the package's directory. */
  readonly into: string;
  /** Permission bits that no file or directory gets; cargo takes the process's. */
  readonly umask: number;
  /** {@link DEFAULT_LIMITS} unless told. */
  readonly limits?: UnpackLimits;
}

/**
 * Unpacks a crate file as cargo does: same content, permission bits and modification times.
 *
 * Stricter than cargo: names and links are decided before anything is created, nothing is written through a link, the
 * gzip check sum counts, and every doubtful archive is refused. `.cargo-ok` and `.cargo-checksum.json` are neither taken
 * from the archive nor written. A crate of up to 4 MiB of content is handled in one go without giving way to other
 * work; a larger one is streamed.
 *
 * @throws {ArchiveError} Then `into` holds a part of the crate and is to be removed; nothing outside it was touched.
 * @see cargo, `sources::registry`, unpacking of packages.
 */
export async function unpackCrate({ crate, topDirectory, into, umask, limits }: UnpackJob): Promise<UnpackedCrate> {
  const complain = complaintsForCrate(crate, topDirectory);
  const writer = new CrateWriter(into, umask, complain);
  try {
    expectEmpty(into, complain);
    const unportable = await readCrate({ crate, topDirectory, umask, limits: limits ?? DEFAULT_LIMITS }, writer);
    const { manifest } = writer;
    const files = [...writer.files.values()];
    const unpackedBytes = files.reduce((sum, { size }) => sum + size, 0);
    const symlinks = [...writer.symlinks].map(([path, target]) => ({ path, target }));
    return { files, symlinks, unpackedBytes, unportable, ...(manifest === undefined ? {} : { manifest }) };
  } catch (error) {
    throw error instanceof ArchiveError ? error : writeFailed(error, { into, writer, complain });
  } finally {
    writer.close();
  }
}

function expectEmpty(into: string, complain: Complain): void {
  if (readdirSync(into).length === 0) return;
  throw complain({ code: "archive/write-failed", what: `the directory to unpack into is not empty: ${into}` });
}

/** Errors of the file system become ours; anything else is a fault in the program and stays as it is. */
function writeFailed(error: unknown, at: { into: string; writer: CrateWriter; complain: Complain }): unknown {
  if (!(error instanceof Error && "syscall" in error)) return error;
  const entry = at.writer.current;
  const what = `cannot be written below ${at.into}: ${error.message}`;
  const place = entry === "" ? { what: `the crate ${what}` } : { what, entry };
  return at.complain({ code: "archive/write-failed", cause: error, ...place });
}
