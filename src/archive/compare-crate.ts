import type { Verdict } from "./compared-directory.ts";
import type { CrateSource } from "./crate-bytes.ts";
import { CrateComparer } from "./crate-comparer.ts";
import { DEFAULT_LIMITS, type UnpackLimits } from "./limits.ts";
import { readCrate } from "./read-crate.ts";
import type { UnpackedFile } from "./unpacked-file.ts";

/** One path at which a directory is not what the crate file unpacks to. A path has at most one difference. */
export interface CrateDifference extends Verdict {
  /** Which of the compared directories, by its index. */
  readonly directory: number;
  /** Below that directory, separated by `/`; "" for the directory itself. */
  readonly path: string;
}

/** What {@link compareCrate} found. */
export interface CrateComparison {
  /** The files that the crate file unpacks to, whatever the directories hold. */
  readonly files: readonly UnpackedFile[];
  /** By directory, in no particular order within one. */
  readonly differences: readonly CrateDifference[];
}

/** What {@link compareCrate} shall do. */
export interface CompareJob {
  readonly crate: CrateSource;
  /** `<name>-<version>`. */
  readonly topDirectory: string;
  /** Directories that should hold the unpacked crate. */
  readonly directories: readonly string[];
  /** The mask with which the crate was unpacked. */
  readonly umask: number;
  /** {@link DEFAULT_LIMITS} unless told. */
  readonly limits?: UnpackLimits;
}

/**
 * Compares directories with what a crate file unpacks to: every byte, permission bits, kinds and names.
 *
 * Modification times do not count, nor does the mode of the directory itself. A file that several directories share by
 * hard links is read once. A file of the wrong size is not read. Links are never followed. `.cargo-ok` and
 * `.cargo-checksum.json` at the top are left to the caller.
 *
 * @throws {ArchiveError} when the crate file itself is refused; differences are the result, not an error.
 */
export async function compareCrate(job: CompareJob): Promise<CrateComparison> {
  const { crate, topDirectory, directories, umask, limits } = job;
  const comparer = new CrateComparer(directories, umask);
  try {
    await readCrate({ crate, topDirectory, umask, limits: limits ?? DEFAULT_LIMITS }, comparer);
    return { files: [...comparer.files.values()], differences: comparer.finish() };
  } finally {
    comparer.close();
  }
}
