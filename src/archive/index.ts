export { ArchiveError, type ArchiveErrorCode } from "./archive-error.ts";
export { type CompareJob, type CrateComparison, type CrateDifference, compareCrate } from "./compare-crate.ts";
export type { CrateSource } from "./crate-bytes.ts";
export { type CrateManifest, readCrateManifest } from "./crate-manifest.ts";
export { DEFAULT_LIMITS, type UnpackLimits } from "./limits.ts";
export { type FileToPack, packCrate } from "./pack-crate.ts";
export type { UnportableName } from "./read-crate.ts";
export { type UnpackedCrate, type UnpackedSymlink, type UnpackJob, unpackCrate } from "./unpack-crate.ts";
export type { UnpackedFile } from "./unpacked-file.ts";
