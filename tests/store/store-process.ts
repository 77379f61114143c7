import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import {
  acquireLocks,
  addTree,
  checkTree,
  leaseStore,
  linkTree,
  openStore,
  putCrate,
  putLines,
  readCrate,
  registerHub,
  type Store,
  StoreError,
  sweepPartial,
} from "../../src/store/index.ts";
import { builderOf, crateOf, lineOf } from "./sample.ts";

/*
 * A process that works on a store; tests run several, kill them, or give them strange file systems.
 * Its arguments: what to do, then its own. What it found goes to stdout.
 */
const [task = "", first = "", second = ""] = process.argv.slice(2);

/** Puts samples 0 … count-1, crates, trees and lines, from another starting point in each process. */
async function fill(store: Store, count: number): Promise<void> {
  const from = process.pid % count;
  const order = Array.from({ length: count }, (_, index) => (index + from) % count);
  for (const number of order) {
    const { sha, bytes } = crateOf(number);
    if (readCrate(store, sha).kind !== "intact") putCrate(store, sha, bytes);
    await addTree(store, sha, builderOf(number));
    if (number % 20 === 0)
      putLines(
        store,
        Array.from({ length: 20 }, (_, index) => lineOf(number + index)),
      );
  }
}

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return "done";
  } catch (error) {
    return error instanceof StoreError ? error.code : String(error);
  }
}

/** What still works in a store that can not be written to, and how the rest is refused. */
async function useReadOnly(root: string, target: string): Promise<void> {
  const store = openStore(root, { umask: 0o022 });
  const { sha } = crateOf(0);
  const fresh = crateOf(1);
  const tree = checkTree(store, sha);
  const lease = await leaseStore(store, "shared");
  const report = {
    read: readCrate(store, sha).kind,
    tree: tree.kind,
    linked: await codeOf(() => {
      if (tree.kind === "intact") linkTree(store, { sha, list: tree.list, target, mode: "auto" });
    }),
    lease: lease.skipped.length === 1 ? "skipped" : "held",
    sweep: await codeOf(() => sweepPartial(store, Date.now())),
    put: await codeOf(() => putCrate(store, fresh.sha, fresh.bytes)),
    addTree: await codeOf(() => addTree(store, fresh.sha, builderOf(1))),
    putLines: await codeOf(() => putLines(store, [lineOf(1)])),
    registerHub: await codeOf(() => registerHub(store, { path: root, lockText: "lock" })),
    open: await codeOf(() => openStore(join(root, "other"), { umask: 0o022 })),
  };
  process.stdout.write(JSON.stringify(report));
}

/** Puts crates, then lines, until the disk is full; reports the codes and what the store looks like then. */
async function useFullDisk(root: string): Promise<void> {
  const store = openStore(root, { umask: 0o022 });
  const crates = await codeOf(() => {
    for (let number = 0; ; number += 1) {
      const { sha, bytes } = crateOf(number, 100_000);
      putCrate(store, sha, bytes);
    }
  });
  const lines = await codeOf(() => {
    for (let number = 0; ; number += 1000)
      putLines(
        store,
        Array.from({ length: 1000 }, (_, index) => lineOf(number + index)),
      );
  });
  const trees = await codeOf(async () => {
    for (let number = 0; ; number += 1) await addTree(store, crateOf(number).sha, builderOf(number));
  });
  process.stdout.write(JSON.stringify({ crates, lines, trees }));
}

/** Takes locks given as `mode:path,…`, says so, and holds them until stdin ends. */
async function hold(requests: string): Promise<void> {
  const wanted = requests.split(",").map((request) => {
    const [mode, path = ""] = request.split(":");
    return { mode: mode === "shared" ? ("shared" as const) : ("exclusive" as const), path };
  });
  const held = await acquireLocks(wanted, (path, holder) =>
    process.stdout.write(`waiting ${path} ${holder?.pid ?? "?"} ${holder?.program ?? "?"}\n`),
  );
  process.stdout.write(`held ${held.how}\n`);
  await finished(process.stdin.resume());
  held.release();
}

/** Adds one to the number in a file, many times, each time under two locks, in either order. */
async function count(file: string, times: number): Promise<void> {
  const paths = [`${file}.one`, `${file}.two`];
  for (let time = 0; time < times; time += 1) {
    const order = (process.pid + time) % 2 === 0 ? paths : paths.toReversed();
    const held = await acquireLocks(order.map((path) => ({ path, mode: "exclusive" })));
    writeFileSync(file, String(Number(readFileSync(file, "utf8")) + 1));
    held.release();
  }
}

const tasks: Readonly<Record<string, () => Promise<void>>> = {
  fill: () => {
    mkdirSync(first, { recursive: true });
    return fill(openStore(first, { umask: 0o022 }), Number(second));
  },
  "read-only": () => useReadOnly(first, second),
  "full-disk": () => useFullDisk(first),
  hold: () => hold(first),
  count: () => count(first, Number(second)),
};
await tasks[task]?.();
