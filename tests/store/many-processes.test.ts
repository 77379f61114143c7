import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  checkCrate,
  checkTree,
  cratePath,
  listCrates,
  listTrees,
  openStore,
  readLines,
  type Store,
  sweepPartial,
  treePath,
} from "../../src/store/index.ts";
import { bundled, finish, start } from "./program.ts";
import { crateOf, lineOf } from "./sample.ts";
import { partialNames, scratch } from "./scratch.ts";

const program = bundled("store-process.ts");
const COUNT = 200;
const samples = Array.from({ length: COUNT }, (_, number) => crateOf(number).sha).sort();
const lines = Array.from({ length: COUNT }, (_, number) => lineOf(number));

function openIn(parent: string): Store {
  return openStore(join(parent, "store"), { umask: 0o022 });
}

/** Whatever is there must be whole: each crate hashes to its name, each tree is as its list says. */
function expectSound(store: Store): void {
  for (const sha of listCrates(store)) expect(checkCrate(store, sha).kind).toBe("intact");
  for (const sha of listTrees(store)) expect(checkTree(store, sha).kind).toBe("intact");
}

function expectComplete(store: Store): void {
  expect(listCrates(store)).toEqual(samples);
  expect(listTrees(store)).toEqual(samples);
  expectSound(store);
  const found = readLines(
    store,
    lines.map(({ digest }) => digest),
  );
  expect(lines.map(({ digest }) => found.get(digest))).toEqual(lines.map(({ text }) => text));
}

test("eight processes put the same crates, trees and lines into one empty store, and all succeed", async () => {
  const parent = scratch();
  const args = [program(), "fill", join(parent, "store"), String(COUNT)];
  await Promise.all(Array.from({ length: 8 }, () => finish(process.execPath, args)));
  const store = openIn(parent);
  expectComplete(store);
  expect(partialNames(store)).toEqual([]);
  expect(readdirSync(store.root).sort()).toEqual(["crates", "lines", "partial", "trees", "version"]);
});

test("writers killed at forty random instants leave only whole things, and the next one completes the store", async () => {
  const parent = scratch();
  const args = [program(), "fill", join(parent, "store"), String(COUNT)];
  for (let round = 0; round < 20; round += 1) {
    const writers = [start(process.execPath, args), start(process.execPath, args)];
    for (const { child } of writers) {
      await sleep(30 + Math.random() * 80);
      child.kill("SIGKILL");
    }
    await Promise.all(writers.map((writer) => writer.ended()));
    expectSound(openIn(parent));
  }
  await finish(process.execPath, args);
  const store = openIn(parent);
  expectComplete(store);
  sweepPartial(store, Date.now());
  expect(partialNames(store)).toEqual([]);
});

test("eight processes that find every crate and tree damaged heal them at once, and all succeed", async () => {
  const parent = scratch();
  const args = [program(), "fill", join(parent, "store"), String(COUNT)];
  await finish(process.execPath, args);
  const store = openIn(parent);
  for (const sha of samples) {
    writeFileSync(cratePath(store, sha), "damaged");
    appendFileSync(join(treePath(store, sha), "src/lib.rs"), "// edited");
  }
  const ends = await Promise.all(Array.from({ length: 8 }, () => finish(process.execPath, args)));
  expect(ends).toHaveLength(8);
  expectComplete(store);
});
