import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, listing } from "../faults/disk.ts";
import type { World } from "../faults/world.ts";
import { bundled, lacking, needMounts, start } from "../store/program.ts";
import {
  cargoHubPath,
  documentOf,
  errorOf,
  hub,
  must,
  openFilled,
  privateRoots,
  runIn,
  withMounts,
} from "../support/hub-runs.ts";
import { DAY_MS, deletedKinds, dropDependencies, gcAfter, openWorld, statusAfter } from "./store-scene.ts";

const locker = bundled("store-process.ts");

/** A world whose store holds garbage of every kind. */
async function worldWithGarbage(): Promise<World> {
  const world = await openWorld();
  await world.fillHub();
  const other = join(world.scene.root, "other");
  mkdirSync(other);
  const copied = spawnSync("cp", ["-a", `${world.project}/.`, other]);
  if (copied.status !== 0) throw new Error(String(copied.stderr));
  await world.fillHub({ cwd: other });
  rmSync(other, { recursive: true });
  await dropDependencies(world, ["bulky", "deep", "dots"]);
  await world.fillHub();
  const roots = filesBelow(join(world.store, "hubs"));
  for (const root of roots) utimesSync(root, (Date.now() - 30 * DAY_MS) / 1000, (Date.now() - 30 * DAY_MS) / 1000);
  await gcAfter(world, -20); // misses the other hub
  writeFileSync(join(world.store, "partial/1.1.00000000.1-aa-1"), "left");
  return world;
}

test("a dry run deletes nothing, and lists exactly what the next run deletes", async () => {
  const world = await worldWithGarbage();
  const before = listing(world.store);
  const nowMs = Date.now() + 15 * DAY_MS;
  const dry = await gcAfter(world, 0, { nowMs, dryRun: true });
  expect(listing(world.store)).toEqual(before);
  expect(deletedKinds(dry)).toBe("3 crate, 1 hub-lock, 3 index-file, 1 left-over, 1 lines, 1 root, 1 stamp, 3 tree");
  expect(statusAfter(world, 15).gc).toMatchObject({
    deletions: dry.deleted.length,
    bytes: dry.bytes,
    freedBytes: dry.freedBytes,
  });
  const real = await gcAfter(world, 0, { nowMs });
  expect(real.deleted).toEqual(dry.deleted);
  expect(real).toMatchObject({ dryRun: false, bytes: dry.bytes, freedBytes: dry.freedBytes });
  const there = real.deleted.filter(({ path }) => existsSync(join(world.store, path)));
  expect(there.map(({ kind }) => kind)).toEqual(["lines"]);
  expect((await gcAfter(world, 0, { nowMs })).deleted).toEqual([]);
  expect(await world.verify()).toMatchObject({ problems: 0, foreign: [] });
});

test("where there is no store, there is nothing to do, and none is made", async () => {
  const world = await openWorld();
  expect(await gcAfter(world, 0)).toMatchObject({ deleted: [], blockedBy: [] });
  expect(statusAfter(world, 0)).toMatchObject({ exists: false, bytes: 0, hubs: [] });
  for (const verb of ["status", "gc", "verify"])
    expect(await world.hubCommand(["store", verb])).toMatchObject({ code: 0 });
  expect(existsSync(world.store)).toBe(false);
});

test("gc waits for a fill that runs, and the fill has all", async () => {
  const world = await openWorld();
  world.scene.registry.setFault("/crates/bulky/", { kind: "trickle", bytes: 1000, everyMs: 25, times: 1 });
  const fill = world.hubCommand(["fill"]);
  while (!existsSync(join(world.store, "crates"))) await new Promise((resolve) => setTimeout(resolve, 5));
  const gc = await world.hubCommand(["store", "gc", "--grace", "0s"]);
  expect(gc.stderr).toMatch(/Blocking waiting for file lock on .*\/lease/);
  expect(gc.code, gc.stderr).toBe(0);
  expect((await fill).code).toBe(0);
  expect(await world.verify()).toMatchObject({ problems: 0, foreign: [], crates: 16 });
  expect(statusAfter(world, 0).kinds).toMatchObject({ crate: { count: 16 }, tree: { count: 16 } });
});

/** A directory for PATH with `sh` and no flock(1). */
function withoutFlock(world: World): Record<string, string> {
  const directory = join(world.scene.root, "bin");
  mkdirSync(directory);
  symlinkSync("/bin/sh", join(directory, "sh"));
  return { PATH: directory };
}

test("without flock(1) gc waits by owner files", async () => {
  const world = await worldWithGarbage();
  const env = withoutFlock(world);
  const holder = start(process.execPath, [locker(), "hold", `shared:${join(world.store, "lease")}`], env);
  await holder.saw("held owner-files");
  let ended = false;
  const gc = world.hubCommand(["store", "gc", "--grace", "0s", "--json"], env).then((finished) => {
    ended = true;
    return finished;
  });
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(ended).toBe(false);
  holder.child.stdin?.end();
  await holder.ended();
  const finished = await must(gc);
  expect(finished.stderr).toMatch(/Blocking/);
  expect(documentOf(finished)["deleted"]).not.toEqual([]);
  expect(await world.verify()).toMatchObject({ problems: 0, foreign: [] });
});

test("beside a process that has no flock(1), a gc that has it keeps a day, and leaves the line log alone", async () => {
  const world = await worldWithGarbage();
  const holder = start(
    process.execPath,
    [locker(), "hold", `shared:${join(world.store, "lease")}`],
    withoutFlock(world),
  );
  await holder.saw("held owner-files");
  const careful = await gcAfter(world, 0, { graceMs: 0 });
  expect(careful.graceMs).toBe(DAY_MS);
  expect(deletedKinds(careful)).toBe("1 left-over, 1 root");
  expect(deletedKinds(await gcAfter(world, 15))).toMatch(/^3 crate, 1 hub-lock, 3 index-file, 1 stamp, 3 tree$/);
  holder.child.stdin?.end();
  await holder.ended();
  expect(deletedKinds(await gcAfter(world, 15))).toBe("1 lines");
});

const crates = [
  { name: "alpha", version: "1.0.0", files: { "src/big.rs": "// size\n".repeat(200_000) } },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];

test("a read-only store is shown and verified; a gc that misses a hub can not note that, which is an error", async (context) => {
  needMounts(context);
  const scene = await openFilled({ crates });
  const script = `
    mount --bind "$CARGO_HUB_STORE" "$CARGO_HUB_STORE"; mount -o remount,bind,ro "$CARGO_HUB_STORE"
    "$NODE" "$HUB" store status >&2; "$NODE" "$HUB" store verify; "$NODE" "$HUB" store gc
    rm -r .cargo; "$NODE" "$HUB" store gc --dry-run
    code=0; "$NODE" "$HUB" store gc --grace 0s --message-format json || code=$?; echo "code $code"`;
  const before = listing(join(scene.root, "store"));
  const run = await withMounts(scene, {}, script);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toBe("code 101\n");
  expect(run.stderr).toMatch(/Verified 2 crates/);
  const [last = ""] = run.stderr.trim().split("\n").slice(-1);
  expect(errorOf({ code: 101, stdout: "", stderr: last })).toMatchObject({ code: "store/not-writable" });
  expect(listing(join(scene.root, "store"))).toEqual(before);
});

test("a hub that only another user may read is in the way, and the store of two users is shown all the same", async (context) => {
  if (process.getuid?.() !== 0 || spawnSync("setpriv", ["--version"]).status !== 0)
    lacking(context, "it needs setpriv(1), and to be run as root");
  const scene = await openFilled({ crates: crates.slice(1).map(({ name, version }) => ({ name, version })) });
  const program = join(scene.root, "program");
  cpSync(dirname(cargoHubPath), program, { recursive: true });
  const script = `chmod 755 ..; chmod 700 .; chown -R 65534 ../store; cd /
    for verb in "status --json" gc; do
      setpriv --reuid=65534 --regid=65534 --clear-groups "$NODE" "$0/cargo-hub.js" store $verb --message-format json || echo "code $?"
    done`;
  const env = { ...privateRoots(scene), NODE: process.execPath };
  const run = await runIn(scene, { env }, ["sh", "-ec", script, program]);
  const where = join(scene.project, ".cargo/hub.lock");
  expect(run.stdout).toMatch(/"state": "unknown"[^]*code 101\n$/);
  expect(errorOf({ ...run, code: 101 })).toMatchObject({
    code: "hub/contents-unknown",
    where,
    what: expect.stringMatching(/EACCES/),
    help: expect.stringMatching(/user/),
  });
});

test("on a full disk gc makes room", async (context) => {
  needMounts(context);
  const scene = await openFilled({ crates });
  const script = `
    cp -a "$CARGO_HUB_STORE" saved; mount -t tmpfs -o size=9m,mode=755 none "$CARGO_HUB_STORE"
    cp -a saved/. "$CARGO_HUB_STORE"; rm -r .cargo
    cat /dev/zero > "$CARGO_HUB_STORE/crates/fill-it-up" 2>/dev/null || true
    "$NODE" "$HUB" store gc --grace 0s --json`;
  const run = await withMounts(scene, {}, script);
  expect(run.code, run.stderr).toBe(0);
  const { deleted, freedBytes } = documentOf(run);
  expect(deleted).toMatchObject(expect.arrayContaining([expect.objectContaining({ kind: "tree" })]));
  expect(freedBytes).toBeGreaterThan(1_600_000);
});

test("gc and verify of a store of another version touch nothing", async () => {
  const scene = await openFilled({ crates: crates.slice(0, 1) });
  scene.write("store/version", "cargo-hub store 2\n");
  const before = listing(join(scene.root, "store"));
  for (const verb of ["status", "gc", "verify"]) {
    const error = errorOf(await hub(scene, "store", verb, "--message-format", "json"));
    expect(error).toMatchObject({ code: "store/version-unknown", where: join(scene.root, "store/version") });
  }
  expect(listing(join(scene.root, "store"))).toEqual(before);
});
