import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  addTree,
  forgetHub,
  goneSince,
  type HubRoot,
  hubLockPath,
  hubOfDamagedRoot,
  hubsSharing,
  inodeOfDirectory,
  linkTree,
  listHubs,
  markGone,
  readHubLock,
  registerHub,
  type Store,
  unmarkOthers,
} from "../../src/store/index.ts";
import { digestOf } from "./sample.ts";
import { builder, freshStore, scratch, smallPackage } from "./scratch.ts";

const sha = digestOf("a crate");
const lockText = "the text of a hub.lock\n";
const lockDigest = digestOf(lockText);

/** A hub that holds the tree by hard link. */
async function hubWith(store: Store, mode: "hardlink" | "copy"): Promise<string> {
  const hub = madeHub(scratch());
  const sources = join(hub, "registry/src/index.example-0123456789abcdef");
  mkdirSync(sources, { recursive: true });
  const { list } = await addTree(store, sha, builder(smallPackage));
  linkTree(store, { sha, list, target: join(sources, "a-1.0.0"), mode });
  registerHub(store, { path: hub, lockText });
  return hub;
}

/** A hub's directory below `parent`. */
function madeHub(parent: string, name = "app"): string {
  const hub = join(parent, name, ".cargo");
  mkdirSync(hub, { recursive: true });
  return hub;
}

function rootFile(store: Store): string {
  const [id = ""] = readdirSync(join(store.root, "hubs"));
  return join(store.root, "hubs", id);
}

test("registered hubs are listed once, with their latest hub.lock, which is kept", () => {
  const store = freshStore();
  expect(listHubs(store)).toEqual({ hubs: [], damaged: [] });
  const parent = scratch();
  const [a, b] = [madeHub(parent, 'a "\n'), madeHub(parent, "b")];
  registerHub(store, { path: b, lockText: "old" });
  registerHub(store, { path: a, lockText });
  registerHub(store, { path: b, lockText });
  const { hubs, damaged } = listHubs(store);
  expect(damaged).toEqual([]);
  expect(hubs).toMatchObject([
    { path: a, lockDigest, inode: inodeOfDirectory(a) },
    { path: b, lockDigest, inode: inodeOfDirectory(b) },
  ]);
  expect(readHubLock(store, lockDigest)).toBe(lockText);
  expect(readHubLock(store, digestOf("old"))).toBe("old");
  writeFileSync(hubLockPath(store, lockDigest), "another text");
  expect(readHubLock(store, lockDigest)).toBeUndefined();
  registerHub(store, { path: a, lockText });
  expect(readHubLock(store, lockDigest)).toBe(lockText);
});

test("a hub that is reached by symbolic links is one hub", () => {
  const store = freshStore();
  const parent = scratch();
  const hub = madeHub(parent);
  symlinkSync(join(parent, "app"), join(parent, "other"));
  symlinkSync(hub, join(parent, ".cargo"));
  for (const path of [hub, join(parent, "other/.cargo"), join(parent, ".cargo")])
    registerHub(store, { path, lockText });
  expect(listHubs(store).hubs).toMatchObject([{ path: hub }]);
});

test("a directory that is not there can not be registered", () => {
  const path = join(scratch(), ".cargo");
  expect(() => registerHub(freshStore(), { path, lockText })).toThrow(
    expect.objectContaining({ code: "store/io-error", where: path }),
  );
});

function golden(version: number): string {
  return readFileSync(new URL(`../fixtures/formats/store-root-v${version}.txt`, import.meta.url), "utf8");
}

test("root files of versions 1 and 2 are read as they were written, and the next fill writes the newest", () => {
  const store = freshStore();
  const hub = madeHub(scratch());
  mkdirSync(join(store.root, "hubs"));
  for (const version of [1, 2]) writeFileSync(join(store.root, "hubs", `${version}`), golden(version));
  const common = { path: '/home/a "b"/app/.cargo', lockDigest: digestOf("") };
  expect(listHubs(store).hubs).toMatchObject([
    { ...common, inode: undefined },
    { ...common, inode: "2049:123456789" },
  ]);
  registerHub(store, { path: hub, lockText });
  const text = readFileSync(join(store.root, "hubs", digestOf(hub).slice(0, 16)), "utf8");
  expect(text.replace(/sha256 .*\n$/, "")).toBe(
    `cargo-hub root 2\n${lockDigest}\n${inodeOfDirectory(hub)}\n${JSON.stringify(hub)}\n`,
  );
});

test("a root file with any byte damaged or cut is reported as damaged; its hub is told while its path can be read", () => {
  const store = freshStore("/dev/shm");
  const hub = madeHub(scratch("/dev/shm"));
  registerHub(store, { path: hub, lockText });
  const path = rootFile(store);
  const bytes = readFileSync(path);
  const quoted = JSON.stringify(hub);
  const pathAt = bytes.indexOf(quoted);
  const told: [at: number, isRight: boolean][] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    writeFileSync(path, Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    expect(listHubs(store), `byte ${at}`).toEqual({ hubs: [], damaged: [path] });
    const isInPath = at > pathAt && at < pathAt + quoted.length - 1;
    const isAtEdge = [pathAt - 1, pathAt, pathAt + quoted.length - 1, pathAt + quoted.length].includes(at);
    if (!isAtEdge) told.push([at, hubOfDamagedRoot(path) === (isInPath ? undefined : hub)]);
    writeFileSync(path, bytes.subarray(0, at));
    expect(listHubs(store), `first ${at} bytes`).toEqual({ hubs: [], damaged: [path] });
  }
  expect(told.filter(([, isRight]) => !isRight)).toEqual([]);
  expect(told.length).toBeGreaterThan(100);
});

test("a hub that was missed is known to be missed until it is filled again", () => {
  const store = freshStore();
  const hub = madeHub(scratch());
  const only = (): HubRoot => {
    const [root] = listHubs(store).hubs;
    if (root === undefined) throw new Error("there is no hub");
    return root;
  };
  registerHub(store, { path: hub, lockText });
  expect(goneSince(store, only())).toBeUndefined();
  const now = Date.now() + 5000;
  markGone(store, only(), now);
  expect(goneSince(store, only())).toBeCloseTo(now, -1);
  unmarkOthers(store, [only()]);
  expect(goneSince(store, only())).toBeCloseTo(now, -1);
  utimesSync(only().file, (now + 1000) / 1000, (now + 1000) / 1000);
  expect(goneSince(store, only())).toBeUndefined();
  unmarkOthers(store, []);
  expect(readdirSync(join(store.root, "gone"))).toEqual([]);
});

test("a hub is forgotten unless it was filled meanwhile", () => {
  const store = freshStore();
  const hub = madeHub(scratch());
  registerHub(store, { path: hub, lockText });
  const [before] = listHubs(store).hubs;
  if (before === undefined) throw new Error("there is no hub");
  utimesSync(before.file, 1, 1);
  expect(forgetHub(store, before)).toBe(false);
  const [after] = listHubs(store).hubs;
  if (after === undefined) throw new Error("there is no hub");
  expect(forgetHub(store, after)).toBe(true);
  expect(listHubs(store)).toEqual({ hubs: [], damaged: [] });
  expect(forgetHub(store, after)).toBe(false);
});

test("the hubs that share a file's inode are named once, those with a copy or without it are not", async () => {
  const store = freshStore();
  const sharing = await hubWith(store, "hardlink");
  await hubWith(store, "copy");
  const gone = await hubWith(store, "hardlink");
  rmSync(gone, { recursive: true });
  const file = join(sharing, "registry/src/index.example-0123456789abcdef/a-1.0.0/src/lib.rs");
  const expected = [{ hub: { path: sharing, lockDigest }, file }];
  expect(hubsSharing(store, sha, ["src/lib.rs"])).toMatchObject(expected);
  expect(hubsSharing(store, sha, ["no/such/file", "src/", "src/lib.rs", "Cargo.toml"])).toMatchObject(expected);
  copyFileSync(file, `${file}.new`);
  rmSync(file);
  expect(hubsSharing(store, sha, ["src/lib.rs"])).toEqual([]);
  expect(hubsSharing(store, sha, ["no/such/file"])).toEqual([]);
  expect(hubsSharing(store, sha, [])).toEqual([]);
});

test("a hub shares a package that it put aside as well", async () => {
  const store = freshStore();
  const hub = await hubWith(store, "hardlink");
  const sources = join(hub, "registry/src/index.example-0123456789abcdef");
  mkdirSync(join(sources, ".quarantine"));
  renameSync(join(sources, "a-1.0.0"), join(sources, ".quarantine/a-1.0.0"));
  expect(hubsSharing(store, sha, ["src/lib.rs"])).toMatchObject([
    { hub: { path: hub }, file: join(sources, ".quarantine/a-1.0.0/src/lib.rs") },
  ]);
});
