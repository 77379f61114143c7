import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorOf, hub, must, offline, openFilled, openScene, withMounts } from "../support/hub-runs.ts";
import { differences, touchedFacts, treeFacts } from "../support/tree-facts.ts";

const crates = [
  { name: "alpha", version: "1.0.0", files: { "src/big.rs": "// size\n".repeat(200_000) } },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];
const fill = '"$NODE" "$HUB" fill --message-format json';

test("a full disk below the hub is one error; the hub stays as it was, and with room the next fill completes", async () => {
  const scene = await openFilled({ crates: crates.slice(1).map(({ name, version }) => ({ name, version })) });
  await must(hub(scene, "off"));
  scene.registry.add(crates[0] ?? { name: "", version: "" });
  scene.write(
    "app/Cargo.toml",
    '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nalpha = "1"\nbeta = "0.2"\n',
  );
  await must(scene.cargo("generate-lockfile"));
  await must(hub(scene, "on"));
  const script = `
    cp -a .cargo saved; mount -t tmpfs -o size=600k,mode=755 none .cargo; cp -a saved/. .cargo
    code=0; ${fill} || code=$?
    diff -r saved .cargo >&2 && echo "the same, and code $code"
    mount -o remount,size=20m .cargo; "$NODE" "$HUB" fill -q; "$NODE" "$HUB" verify -q && echo whole`;
  const run = await withMounts(scene, {}, script);
  expect(run.stdout, run.stderr).toBe("the same, and code 101\nwhole\n");
  const error = errorOf({ ...run, code: 101 });
  expect(error.code).toMatch(/^(hub\/not-writable|store\/disk-full|archive\/write-failed)$/);
  expect(error.what).toMatch(/space/);
  expect(error.where).toContain(join(scene.project, ".cargo"));
});

test("a full disk below the store is one error; nothing half is kept, and with room the next fill completes", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  const script = `
    mkdir "$CARGO_HUB_STORE"; mount -t tmpfs -o size=600k,mode=755 none "$CARGO_HUB_STORE"
    code=0; ${fill} || code=$?
    [ ! -e .cargo/hub.lock ] && [ ! -e .cargo/hub.config.toml ] && echo "unchanged, and code $code"
    mount -o remount,size=20m "$CARGO_HUB_STORE"; "$NODE" "$HUB" fill -q; "$NODE" "$HUB" verify -q && echo whole`;
  const run = await withMounts(scene, {}, script);
  expect(run.stdout, run.stderr).toBe("unchanged, and code 101\nwhole\n");
  const error = errorOf({ ...run, code: 101 });
  expect(error.code).toMatch(/^(store\/disk-full|archive\/write-failed)$/);
  expect(error.what).toMatch(/space/);
  expect(`${error.what} ${error.where}`).toContain(join(scene.root, "store"));
});

test("a read-only .cargo that is not filled is one error", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  const before = treeFacts(scene.project);
  const run = await withMounts(scene, {}, `mount --bind .cargo .cargo; mount -o remount,bind,ro .cargo; ${fill}`);
  const error = errorOf(run);
  expect(error.code).toMatch(/^(hub|store)\/not-writable$/);
  expect(error.what).toMatch(/read-only/);
  expect(error.where).toContain(join(scene.project, ".cargo"));
  expect(differences(before, treeFacts(scene.project))).toEqual([]);
});

test.each(["registry", "registry/src", "registry/cache", "registry/index"])(
  "a file where the directory %s belongs is one error and stays",
  async (name) => {
    const scene = await openFilled({ crates: [{ name: "alpha", version: "1.0.0" }] });
    const path = join(scene.project, ".cargo", name);
    rmSync(path, { recursive: true });
    scene.write(`app/.cargo/${name}`, "mine\n");
    const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
    expect(error.code).toMatch(/^(hub|store)\/(not-writable|lock-failed)$/);
    expect(error.where).toContain(path);
    expect(readFileSync(path, "utf8")).toBe("mine\n");
    rmSync(path);
    await must(hub(scene, "fill"));
    expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  },
);

test("a read-only hub and a read-only store are used and verified; a fill that has nothing to do is fresh", async () => {
  const scene = await openFilled({ crates });
  const before = touchedFacts(join(scene.project, ".cargo"));
  const script = `
    for at in .cargo "$CARGO_HUB_STORE"; do mount --bind "$at" "$at"; mount -o remount,bind,ro "$at"; done
    "$NODE" "$HUB" fill; "$NODE" "$HUB" verify; "$NODE" "$HUB" status; "$NODE" "$HUB" prove`;
  const run = await withMounts(scene, {}, script);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/^ +Fresh 2 crates/m);
  expect(run.stderr).toMatch(/^ +Verified 2 crates/m);
  expect(run.stderr).toMatch(/^ +Proved /m);
  expect(differences(before, touchedFacts(join(scene.project, ".cargo")))).toEqual([]);
});

test("a read-only hub without its store is fresh all the same", async () => {
  const scene = await openFilled({ crates });
  const script = `
    rm -r "$CARGO_HUB_STORE"; mount --bind .cargo .cargo; mount -o remount,bind,ro .cargo
    "$NODE" "$HUB" fill; "$NODE" "$HUB" verify`;
  const run = await withMounts(scene, {}, script);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/^ +Fresh 2 crates/m);
});

test("a hub is filled from a read-only store, with no network", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  const script = `
    mount --bind "$CARGO_HUB_STORE" "$CARGO_HUB_STORE"; mount -o remount,bind,ro "$CARGO_HUB_STORE"
    rm -r .cargo/registry; "$NODE" "$HUB" fill --frozen`;
  const run = await withMounts(scene, {}, script);
  expect(run.code, run.stderr).toBe(0);
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
});

test("a hub on another file system than the store gets copies, with the same modes and times", async () => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  const script = `cp -a .cargo saved; mount -t tmpfs -o mode=755 none .cargo; cp -a saved/. .cargo
    "$NODE" "$HUB" fill -q; "$NODE" "$HUB" verify -q; cp -a .cargo/. saved`;
  const run = await withMounts(scene, {}, script);
  expect(run.code, run.stderr).toBe(0);
  await must(scene.run("sh", ["-c", "rm -r .cargo && mv saved .cargo"]));
  await must(offline(scene, {}, ["cargo", "check", "--frozen"]));
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test.each(["hardlink", "copy"])("--link %s is what is done", async (way) => {
  const scene = await openScene({ crates });
  await must(hub(scene, "fill", "--link", way));
  const script = "find .cargo/registry/src -name lib.rs -links +1 | wc -l";
  const linked = (await must(scene.run("sh", ["-c", script]))).stdout.trim();
  expect(linked).toBe(way === "hardlink" ? "2" : "0");
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});
