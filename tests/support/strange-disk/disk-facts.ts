/** What a made-up disk can and can not do; the defaults are those of a Linux disk. */
export interface DiskFacts {
  /** Names that differ only in case are one, as on NTFS, APFS, exFAT. */
  readonly ignoresCase: boolean;
  /** Such a disk gives all names in lower case, as some do that serve others' disks. */
  readonly lowersNames: boolean;
  /** `ignored`: chmod(2) does nothing, as on vfat and exFAT; `refused`: it says EPERM, as on some network mounts. All files have mode 755 then. */
  readonly modes: "kept" | "ignored" | "refused";
  readonly hasSymlinks: boolean;
  /** How many names a file may have; 1: no hard links. */
  readonly mostLinks: number;
  /** Times are cut to multiples of this; FAT has 2 seconds. */
  readonly timeStepMs: number;
  /** Whoever renames, replaces or removes an open file is refused with EACCES, as on Windows. */
  readonly holdsOpenFiles: boolean;
}

/** A disk without any oddity. */
export const plainDisk: DiskFacts = {
  ignoresCase: false,
  lowersNames: false,
  modes: "kept",
  hasSymlinks: true,
  mostLinks: 65_000,
  timeStepMs: 0,
  holdsOpenFiles: false,
};

/** A memory stick: exFAT or FAT32 as Linux mounts it. */
export const stick: DiskFacts = {
  ignoresCase: true,
  lowersNames: false,
  modes: "ignored",
  hasSymlinks: false,
  mostLinks: 1,
  timeStepMs: 2000,
  holdsOpenFiles: false,
};
