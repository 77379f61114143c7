import { constants } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { LockMode, LockRequest } from "../../src/store/flock.ts";
import { type LockFiles, openLocking } from "../../src/store/open-locks.ts";
import { attemptByOpening, takeAll } from "../../src/store/polled-locks.ts";

const systems = ["macos", "windows"] as const;

function lockingOf(system: (typeof systems)[number]) {
  const locking = openLocking(system);
  if (locking === undefined) throw new Error(`${system} locks by opening`);
  return locking;
}

/** A table of who has which file open, by the rules of the system: what the kernel keeps there. */
function openFiles(system: (typeof systems)[number]): LockFiles & { readonly held: () => number } {
  const holders = new Map<number, { readonly path: string; readonly exclusive: boolean }>();
  const { flags } = lockingOf(system);
  let next = 100;
  return {
    held: () => holders.size,
    open(path, given) {
      const exclusive = (given & flags.exclusive & ~constants.O_NONBLOCK) !== 0;
      const others = [...holders.values()].filter((holder) => holder.path === path);
      if (others.some((holder) => holder.exclusive || exclusive))
        throw Object.assign(new Error("held"), { code: system === "macos" ? "EAGAIN" : "EBUSY" });
      next += 1;
      holders.set(next, { path, exclusive });
      return next;
    },
    close: (descriptor) => void holders.delete(descriptor),
  };
}

function request(path: string, mode: LockMode): LockRequest {
  return { path, mode };
}

test.each(systems)("on %s readers stand beside each other, a writer waits for all of them", async (system) => {
  const files = openFiles(system);
  const attempt = attemptByOpening(lockingOf(system), files);
  const waited: string[] = [];
  const announce = (path: string): void => void waited.push(path);
  const readers = [
    await takeAll([request("/l", "shared")], attempt, announce),
    await takeAll([request("/l", "shared")], attempt, announce),
  ];
  expect(waited).toEqual([]);
  const order: string[] = [];
  const writer = takeAll([request("/l", "exclusive")], attempt, announce).then((held) => {
    order.push("writer");
    return held;
  });
  while (waited.length === 0) await sleep(1);
  for (const reader of readers) {
    order.push("reader");
    reader.release();
  }
  (await writer).release();
  expect(order).toEqual(["reader", "reader", "writer"]);
  expect(files.held()).toBe(0);
});

test.each(systems)("on %s nothing is held while one of several locks is waited for", async (system) => {
  const files = openFiles(system);
  const attempt = attemptByOpening(lockingOf(system), files);
  const first = await takeAll([request("/b", "exclusive")], attempt, () => undefined);
  const counts: number[] = [];
  const both = takeAll([request("/a", "exclusive"), request("/b", "shared")], attempt, () => {
    counts.push(files.held());
  });
  while (counts.length === 0) await sleep(1);
  expect(counts[0]).toBe(1);
  first.release();
  const held = await both;
  expect(held.locked).toEqual(["/a", "/b"]);
  held.release();
  expect(files.held()).toBe(0);
});

test("cargo's own lock files are locked where cargo sees it, and left alone elsewhere", async () => {
  const requests = [request("/h/.package-cache", "exclusive"), request("/h/.package-cache-mutate", "shared")];
  const lockedOn = async (system: (typeof systems)[number]): Promise<readonly string[]> =>
    (await takeAll(requests, attemptByOpening(lockingOf(system), openFiles(system)), () => undefined)).locked;
  expect(await lockedOn("macos")).toEqual(requests.map(({ path }) => path));
  expect(await lockedOn("windows")).toEqual([]);
});

test.each(["EROFS", "EACCES", "EPERM", "ENOTSUP"])("a place that says %s is passed over", async (code) => {
  const refusing: LockFiles = {
    open() {
      throw Object.assign(new Error(code), { code });
    },
    close: () => undefined,
  };
  const held = await takeAll(
    [request("/l", "shared")],
    attemptByOpening(lockingOf("macos"), refusing),
    () => undefined,
  );
  expect(held.locked).toEqual([]);
});

test("any other error is thrown, and what was taken before is given back", async () => {
  const files = openFiles("windows");
  const failing: LockFiles = {
    open(path, flags, mode) {
      if (path === "/bad") throw Object.assign(new Error("EIO"), { code: "EIO" });
      return files.open(path, flags, mode);
    },
    close: files.close,
  };
  const attempt = attemptByOpening(lockingOf("windows"), failing);
  const taken = takeAll([request("/good", "shared"), request("/bad", "shared")], attempt, () => undefined);
  await expect(taken).rejects.toMatchObject({ code: "EIO" });
  expect(files.held()).toBe(0);
});

test.each(["linux", "unix"] as const)("on %s nothing is locked by opening it", (system) => {
  expect(openLocking(system)).toBeUndefined();
});
