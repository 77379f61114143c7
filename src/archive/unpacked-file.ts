import type { Sha256 } from "../cargo/index.ts";

/** A file of an unpacked crate. */
export interface UnpackedFile {
  /** Below the package's directory, separated by `/`. */
  readonly path: string;
  readonly size: number;
  /** Permission bits, the mask applied. */
  readonly mode: number;
  readonly mtimeSeconds: number;
  readonly sha256: Sha256;
}
