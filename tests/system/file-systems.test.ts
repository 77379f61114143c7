import { expect, test } from "vitest";
import { isNotOffered, isOfOneMachine, isSameTime, modesCount } from "../../src/system/index.ts";

const EXT4 = 0xef53;
const FUSE = 0x65735546;

test.each([
  { what: "ext4, all alike", fileSystemType: EXT4, fileModes: [0o755, 0o755], count: true },
  { what: "APFS, all alike", fileSystemType: 0x1a, fileModes: [0o600], count: true },
  { what: "exFAT, all alike", fileSystemType: 0x2011bab0, fileModes: [0o755, 0o755], count: false },
  { what: "FAT with a read-only file", fileSystemType: 0x4d44, fileModes: [0o755, 0o555], count: false },
  { what: "FUSE, all alike", fileSystemType: FUSE, fileModes: [0o777, 0o777, 0o777], count: false },
  { what: "FUSE with differences", fileSystemType: FUSE, fileModes: [0o644, 0o755], count: true },
  { what: "Windows with a read-only file", fileSystemType: 0, fileModes: [0o666, 0o444], count: false },
  { what: "nothing looked at", fileSystemType: FUSE, fileModes: [], count: false },
])("$what: that permission bits count is $count", ({ fileSystemType, fileModes, count }) => {
  expect(modesCount({ fileSystemType, fileModes })).toBe(count);
});

test.each([
  ["ext4", EXT4, true],
  ["tmpfs", 0x01021994, true],
  ["overlayfs", 0x794c7630, true],
  ["APFS", 0x1a, true],
  ["FAT", 0x4d44, true],
  ["Windows", 0, true],
  ["NFS", 0x6969, false],
  ["SMB", 0xfe534d42, false],
  ["9p", 0x01021997, false],
  ["FUSE", FUSE, false],
])("that only one machine works on %s (%d) is %s", (_name, type, is) => {
  expect(isOfOneMachine(type)).toBe(is);
});

const noon = 1_500_000_000_000;

test.each([
  { what: "the same", listed: noon + 1, actual: noon + 1, isSame: true },
  { what: "cut to two seconds", listed: noon + 1999, actual: noon, isSame: true },
  { what: "rounded up to two seconds", listed: noon + 1, actual: noon + 2000, isSame: true },
  { what: "another even second", listed: noon, actual: noon + 4000, isSame: false },
  { what: "a little later, not rounded", listed: noon, actual: noon + 1, isSame: false },
  { what: "a second later", listed: noon, actual: noon + 1000, isSame: false },
])("a time that is $what is the same: $isSame", ({ listed, actual, isSame }) => {
  expect(isSameTime(listed, actual)).toBe(isSame);
});

test.each(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])(
  "%s says that something is not offered here",
  (code) => {
    expect(isNotOffered(code)).toBe(true);
  },
);

test.each(["ENOSPC", "ENOENT", "EEXIST", "EIO", undefined])("%s says something else", (code) => {
  expect(isNotOffered(code)).toBe(false);
});
