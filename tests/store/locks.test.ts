import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { acquireLock, acquireLocks, leaseStore, withLock } from "../../src/store/index.ts";
import { hasOwnerFiles, tryOwnerFile } from "../../src/store/owner-files.ts";
import { bundled, finish, start } from "./program.ts";
import { freshStore, scratch } from "./scratch.ts";

const program = bundled("store-process.ts");

/** A directory for PATH that holds `sh` and, when there is one, the flock of `from`. */
function searchPath(from: "util-linux" | "busybox" | "nothing"): string {
  const directory = scratch();
  const sh = spawnSync("sh", ["-c", "command -v sh"], { encoding: "utf8" }).stdout.trim();
  symlinkSync(sh, join(directory, "sh"));
  const flock = from === "nothing" ? undefined : flockOf(from);
  if (flock !== undefined) symlinkSync(flock, join(directory, "flock"));
  return directory;
}

function flockOf(from: "util-linux" | "busybox"): string | undefined {
  const name = from === "busybox" ? "busybox" : "flock";
  const path = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
  const usable = path !== "" && (name === "flock" || spawnSync(path, ["flock", "--help"]).status === 0);
  return usable ? path : undefined;
}

/** Which processes have the file open, as Linux sees it; not this one. */
function usersOf(path: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
    } catch {
      return false;
    }
  });
}

async function until(question: () => boolean): Promise<void> {
  while (!question()) await sleep(5);
}

const implementations = (["util-linux", "busybox", "nothing"] as const).filter(
  (from) => from !== "busybox" || flockOf("busybox") !== undefined,
);

describe.each(implementations)("with flock from %s", (from) => {
  const how = from === "nothing" ? "owner-files" : "flock";
  let env: Record<string, string> = {};
  beforeEach(() => {
    env = { PATH: searchPath(from) };
  });
  const hold = (requests: string) => start(process.execPath, [program(), "hold", requests], env);

  test("an exclusive lock is waited for, and its holder is named", async () => {
    const path = join(scratch(), "lock");
    const first = hold(`exclusive:${path}`);
    await first.saw(`held ${how}`);
    const second = hold(`exclusive:${path}`);
    expect(await second.saw("waiting")).toContain(`waiting ${path} ${first.child.pid}`);
    first.child.stdin?.end();
    await second.saw("held");
    second.child.stdin?.end();
    expect((await second.ended()).code).toBe(0);
  });

  test("shared locks stand beside each other, an exclusive one waits for all of them", async () => {
    const path = join(scratch(), "lock");
    const readers = [hold(`shared:${path}`), hold(`shared:${path}`)];
    for (const reader of readers) expect(await reader.saw("held")).not.toContain("waiting");
    const writer = hold(`exclusive:${path}`);
    await writer.saw("waiting");
    for (const reader of readers) reader.child.stdin?.end();
    await writer.saw("held");
    writer.child.kill("SIGKILL");
  });

  test("a holder that is killed gives its lock back", async () => {
    const path = join(scratch(), "lock");
    const first = hold(`exclusive:${path}`);
    await first.saw("held");
    const second = hold(`exclusive:${path}`);
    await second.saw("waiting");
    first.child.kill("SIGKILL");
    await second.saw("held");
    second.child.kill("SIGKILL");
    await second.ended();
    const third = hold(`exclusive:${path}`);
    expect(await third.saw("held")).not.toContain("waiting");
    third.child.kill("SIGKILL");
  });

  test("whoever is killed while waiting leaves no process behind and no lock", async () => {
    const path = join(scratch(), "lock");
    const first = hold(`exclusive:${path}`);
    await first.saw("held");
    const second = hold(`exclusive:${path}`);
    await second.saw("waiting");
    if (how === "flock") await until(() => usersOf(path).length > 2);
    second.child.kill("SIGKILL");
    await second.ended();
    await until(() => usersOf(path).every((pid) => pid === String(first.child.pid)));
    first.child.stdin?.end();
    await first.ended();
    const third = hold(`exclusive:${path}`);
    expect(await third.saw("held")).not.toContain("waiting");
    third.child.kill("SIGKILL");
  });

  test("several locks are taken together, and none is held while another is waited for", async () => {
    const [one, two, three] = ["one", "two", "three"].map((name) => join(scratch(), name));
    const blocker = hold(`exclusive:${two}`);
    await blocker.saw("held");
    const waiting = hold(`shared:${one},exclusive:${two},exclusive:${three}`);
    await waiting.saw(`waiting ${two}`);
    const others = hold(`exclusive:${one},exclusive:${three}`);
    // It may meet the first process while that one tries again, but must not have to wait for the blocker's end.
    expect(await others.saw("held")).toContain("held");
    blocker.child.stdin?.end();
    others.child.stdin?.end();
    await waiting.saw("held");
    const late = hold(`exclusive:${three}`);
    await late.saw("waiting");
    waiting.child.stdin?.end();
    expect(await late.saw("held")).toContain(`waiting ${three} ${waiting.child.pid}`);
    late.child.kill("SIGKILL");
  });

  test("five processes that count under two locks, in either order, lose nothing", async () => {
    const file = join(scratch(), "count");
    writeFileSync(file, "0");
    const runs = Array.from({ length: 5 }, () => finish(process.execPath, [program(), "count", file, "12"], env));
    await Promise.all(runs);
    expect(readFileSync(file, "utf8")).toBe("60");
  });
});

test("withLock runs the action under the lock, and gives it back when the action fails", async () => {
  const path = join(scratch(), "deep", "lock");
  const failing = withLock(path, { mode: "exclusive" }, async () => {
    let waited = false;
    const other = acquireLock(path, { mode: "shared", waitMessage: () => (waited = true) });
    await until(() => waited);
    void other.then((lock) => lock.release());
    throw new Error("the action");
  });
  await expect(failing).rejects.toThrow("the action");
  const lock = await acquireLock(path, { mode: "exclusive" });
  expect(lock).toMatchObject({ how: "flock", skipped: [] });
  lock.release();
  lock.release();
});

test("the store's lease is a flock that other programs see", async () => {
  const store = freshStore();
  const lease = await leaseStore(store, "shared");
  const path = join(store.root, "lease");
  expect(spawnSync("flock", ["-n", "-s", path, "true"]).status).toBe(0);
  expect(spawnSync("flock", ["-n", "-x", path, "true"]).status).toBe(1);
  lease.release();
  expect(spawnSync("flock", ["-n", "-x", path, "true"]).status).toBe(0);
});

test("a directory in the lock file's place is an error that names it", async () => {
  const path = join(scratch(), "lock");
  mkdirSync(path);
  await expect(acquireLock(path, { mode: "shared" })).rejects.toMatchObject({ code: "store/lock-failed", where: path });
});

test("the file of a holder that can not be asked, where there is no flock, stands in the way for a day", async () => {
  const path = join(scratch(), "lock");
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").replaceAll("-", "").slice(0, 8);
  const file = join(`${path}.owners`, `x-7.7.${boot}.1-aa-1`); // of another pid namespace
  mkdirSync(`${path}.owners`);
  writeFileSync(file, "");
  expect(tryOwnerFile(path, "shared")).toMatchObject({ holder: { pid: 7 } });
  expect(hasOwnerFiles(path)).toBe(true);
  const clock = Date.now;
  Date.now = () => clock() + 25 * 60 * 60 * 1000;
  try {
    expect(hasOwnerFiles(path)).toBe(false);
    expect(tryOwnerFile(path, "shared")).toHaveProperty("file");
  } finally {
    Date.now = clock;
  }
  expect(readdirSync(`${path}.owners`)).toHaveLength(1);
});

test("the file of a dead holder does not stand in the way where there is no flock", async () => {
  const directory = scratch();
  const path = join(directory, "lock");
  const env = { PATH: searchPath("nothing") };
  const first = start(process.execPath, [program(), "hold", `exclusive:${path}`], env);
  await first.saw("held owner-files");
  first.child.kill("SIGKILL");
  await first.ended();
  expect(readdirSync(`${path}.owners`)).toHaveLength(1);
  const second = start(process.execPath, [program(), "hold", `exclusive:${path}`], env);
  await second.saw("held owner-files");
  second.child.stdin?.end();
  await second.ended();
  expect(readdirSync(`${path}.owners`)).toEqual([]);
});

test("sixty-four locks at once are taken by one call", async () => {
  const directory = scratch();
  const requests = Array.from({ length: 64 }, (_, index) => ({
    path: join(directory, String(index)),
    mode: "exclusive" as const,
  }));
  const held = await acquireLocks(requests);
  expect(held.skipped).toEqual([]);
  expect(spawnSync("flock", ["-n", join(directory, "63"), "true"]).status).toBe(1);
  held.release();
});
