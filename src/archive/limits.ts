/** How much one crate file may unpack to. Past a limit the archive is refused with `archive/too-large`. */
export interface UnpackLimits {
  /** Entries of the archive, and also files, links and directories, counting those that a path only implies. */
  readonly entries: number;
  /** UTF-8 bytes of one entry's name, the top directory included. */
  readonly pathBytes: number;
  /** UTF-8 bytes of all names together. */
  readonly totalPathBytes: number;
  /** Bytes of the tar stream, headers and padding included, that every crate file may have. */
  readonly unpackedBytes: number;
  /** A crate file whose size times `ratio` is above `unpackedBytes` may unpack to that many bytes instead. */
  readonly ratio: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Bytes and ratio are cargo's own (512 MiB or 20 times the crate file). Cargo has no limit on entries and names; the
 * largest of 1,426 popular packages has 2,436 entries and names of 190 bytes.
 */
export const DEFAULT_LIMITS: UnpackLimits = {
  entries: 100_000,
  pathBytes: 1024,
  totalPathBytes: 16 * MEBIBYTE,
  unpackedBytes: 512 * MEBIBYTE,
  ratio: 20,
};

/** The most bytes that the tar stream of a crate file of `crateBytes` bytes may have. */
export function streamLimit(limits: UnpackLimits, crateBytes: number): number {
  return Math.max(limits.unpackedBytes, limits.ratio * crateBytes);
}
