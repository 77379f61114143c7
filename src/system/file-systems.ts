const NFS = 0x6969;

/** `f_type` of Linux's own file systems, and of Apple's on macOS: each file there has the permission bits that it was given. */
const keepModes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // btrfs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
  0x73717368, // squashfs
  0xe0f5e1e2, // EROFS
  NFS,
  0x1a, // APFS
  0x11, // HFS+
]);

/** `f_type` of file systems that only one machine works on: disks and memory. 0 is what Windows says of all. */
const ofOneMachine: ReadonlySet<number> = new Set([
  ...[...keepModes].filter((type) => type !== NFS),
  0,
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x5346544e, // NTFS
  0x7366746e, // NTFS, the newer driver
]);

/**
 * Whether no other machine can be at work on a file system, as far as its kind tells: others may mount what a network, a virtual machine or
 * a program behind FUSE serves.
 *
 * @param fileSystemType `f_type` of statfs(2).
 */
export function isOfOneMachine(fileSystemType: number): boolean {
  return ofOneMachine.has(fileSystemType);
}

/** What a directory and the files in it look like. */
export interface ModesSeen {
  /** `f_type` of statfs(2); Windows says 0. */
  readonly fileSystemType: number;
  /** The different permission bits of the files that were looked at. */
  readonly fileModes: Iterable<number>;
}

const READ_AND_EXECUTE = 0o555;

/**
 * Whether permission bits say anything on a file system. Where they are not kept (FAT, exFAT, many network and FUSE mounts, Windows), the
 * mount gives all files the same ones, but for the write bits of those that are marked read-only.
 *
 * @returns true for file systems that are known to keep them, and for others where two files differ.
 */
export function modesCount({ fileSystemType, fileModes }: ModesSeen): boolean {
  return keepModes.has(fileSystemType) || new Set([...fileModes].map((mode) => mode & READ_AND_EXECUTE)).size > 1;
}

const FAT_STEP_MS = 2000;

/**
 * Whether a time that was read back is the one that was written. FAT keeps every second second only; Linux shows the exact time until it
 * forgets the file, and the rounded one from then on.
 *
 * @param listedMs As it was seen once. @param actualMs As it is seen now. Milliseconds since 1970.
 */
export function isSameTime(listedMs: number, actualMs: number): boolean {
  return listedMs === actualMs || (actualMs % FAT_STEP_MS === 0 && Math.abs(listedMs - actualMs) <= FAT_STEP_MS);
}

/** Errors of link(2), symlink(2), chmod(2) and their kin that mean: this file system, or this user on this system, has no such thing. */
export function isNotOffered(code: string | undefined): boolean {
  return code !== undefined && notOffered.has(code);
}

const notOffered: ReadonlySet<string> = new Set(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"]);
