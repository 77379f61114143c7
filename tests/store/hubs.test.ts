import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addTree, hubsSharing, linkTree, listHubs, registerHub, type Store } from "../../src/store/index.ts";
import { digestOf } from "./sample.ts";
import { builder, freshStore, scratch, smallPackage } from "./scratch.ts";

const sha = digestOf("a crate");
const lockDigest = digestOf("hub.lock");

/** A hub that holds the tree by hard link. */
async function hubWith(store: Store, mode: "hardlink" | "copy"): Promise<string> {
  const hub = join(scratch(), ".cargo");
  const sources = join(hub, "registry/src/index.example-0123456789abcdef");
  mkdirSync(sources, { recursive: true });
  const { list } = await addTree(store, sha, builder(smallPackage));
  linkTree(store, { sha, list, target: join(sources, "a-1.0.0"), mode });
  registerHub(store, { path: hub, lockDigest });
  return hub;
}

test("registered hubs are listed once, with their latest lock digest", () => {
  const store = freshStore();
  expect(listHubs(store)).toEqual({ hubs: [], damaged: [] });
  registerHub(store, { path: "/p/b/.cargo", lockDigest: digestOf("old") });
  registerHub(store, { path: '/p/a "\n/.cargo', lockDigest });
  registerHub(store, { path: "/p/b/.cargo", lockDigest });
  expect(listHubs(store)).toEqual({
    hubs: [
      { path: '/p/a "\n/.cargo', lockDigest },
      { path: "/p/b/.cargo", lockDigest },
    ],
    damaged: [],
  });
});

test("a root file with any byte damaged or cut is reported as damaged", () => {
  const store = freshStore("/dev/shm");
  registerHub(store, { path: "/p/.cargo", lockDigest });
  const [id = ""] = readdirSync(join(store.root, "hubs"));
  expect(id).toBe(digestOf("/p/.cargo").slice(0, 16));
  const path = join(store.root, "hubs", id);
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at += 1) {
    writeFileSync(path, Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))));
    expect(listHubs(store), `byte ${at}`).toEqual({ hubs: [], damaged: [path] });
    writeFileSync(path, bytes.subarray(0, at));
    expect(listHubs(store), `first ${at} bytes`).toEqual({ hubs: [], damaged: [path] });
  }
});

test("the hubs that share a file's inode are named, those with a copy or without it are not", async () => {
  const store = freshStore();
  const sharing = await hubWith(store, "hardlink");
  await hubWith(store, "copy");
  const gone = await hubWith(store, "hardlink");
  rmSync(gone, { recursive: true });
  registerHub(store, { path: "/nowhere/.cargo", lockDigest });
  const file = join(sharing, "registry/src/index.example-0123456789abcdef/a-1.0.0/src/lib.rs");
  expect(hubsSharing(store, sha, "src/lib.rs")).toEqual([{ hub: { path: sharing, lockDigest }, file }]);
  copyFileSync(file, `${file}.new`);
  rmSync(file);
  expect(hubsSharing(store, sha, "src/lib.rs")).toEqual([]);
  expect(hubsSharing(store, sha, "no/such/file")).toEqual([]);
});
