import { join } from "node:path";
import { expect, test } from "vitest";
import { addTree, leaseStore, openStore, putCrate } from "../../src/store/index.ts";
import { bundled, finish, inMounts, needMounts } from "./program.ts";
import { builderOf, crateOf } from "./sample.ts";
import { scratch } from "./scratch.ts";

const program = bundled("store-process.ts");
const MOUNT_READ_ONLY = 'mount -o bind "$1" "$1" && mount -o remount,bind,ro "$1"; shift; exec "$@"';
const MOUNT_SMALL =
  'mount -t tmpfs -o "$1" none "$2"; shift 2; "$@"; ls -R "$4/partial" >&2; test -z "$(ls "$4/partial")"';

test("a store on a read-only file system can be read and linked from; writing is refused with a code", async (context) => {
  needMounts(context);
  const parent = scratch();
  const root = join(parent, "store");
  const store = openStore(root, { umask: 0o022 });
  const { sha, bytes } = crateOf(0);
  putCrate(store, sha, bytes);
  await addTree(store, sha, builderOf(0));
  (await leaseStore(store, "shared")).release();
  const target = join(scratch("/dev/shm"), "linked");
  const task = [process.execPath, program(), "read-only", root, target];
  const report: unknown = JSON.parse(await finish("unshare", inMounts(MOUNT_READ_ONLY, root, ...task)));
  expect(report).toEqual({
    read: "intact",
    tree: "intact",
    linked: "done",
    lease: "skipped",
    sweep: "done",
    put: "store/not-writable",
    addTree: "store/not-writable",
    putLines: "store/not-writable",
    registerHub: "store/not-writable",
    open: "store/not-writable",
  });
});

test.for([
  ["bytes", "size=4m"],
  ["inodes", "size=400m,nr_inodes=300"],
])(
  "on a disk that runs out of %s everything ends in a code, with no private file left",
  async ([, limit = ""], context) => {
    needMounts(context);
    const mountPoint = scratch();
    const root = join(mountPoint, "store");
    const task = [process.execPath, program(), "full-disk", root];
    const report: unknown = JSON.parse(await finish("unshare", inMounts(MOUNT_SMALL, limit, mountPoint, ...task)));
    expect(report).toEqual({ crates: "store/disk-full", lines: "store/disk-full", trees: "store/disk-full" });
  },
);
