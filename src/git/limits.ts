const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const GIBIBYTE = 1024 * MEBIBYTE;

/** Bounds of what one commit may hold; past one of them it is refused with `git/too-large`. See docs/formats/git.md. */
export interface GitLimits {
  readonly packBytes: number;
  readonly objects: number;
  readonly blobBytes: number;
  readonly treeBytes: number;
  readonly commitBytes: number;
  /** Files, links and directories, counting a tree as often as it is named. */
  readonly entries: number;
  /** Bytes of all files, counted likewise. */
  readonly fileBytes: number;
  /** Bytes of one path. */
  readonly pathBytes: number;
  /** Bytes of all paths together. */
  readonly totalPathBytes: number;
}

/** Far above what packages have: the largest of the popular ones are below a tenth of each. */
export const GIT_LIMITS: GitLimits = {
  packBytes: 2 * GIBIBYTE - 1, // offsets in an index of version 2 have 31 bits
  objects: 500_000,
  blobBytes: 512 * MEBIBYTE,
  treeBytes: 32 * MEBIBYTE,
  commitBytes: MEBIBYTE,
  entries: 1_000_000,
  fileBytes: 8 * GIBIBYTE,
  pathBytes: 4 * KIBIBYTE,
  totalPathBytes: 256 * MEBIBYTE,
};

/** `.gitmodules` is read into memory and parsed. */
export const GITMODULES_BYTES = MEBIBYTE;
export const SUBMODULES = 1_000;

/** What git may fetch into one private repository. History counts where a server gives no single commits. */
export const FETCHED_BYTES = 16 * GIBIBYTE;
