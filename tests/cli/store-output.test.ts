import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, hub, hubIn, messagesOf, must, openFilled, openScene } from "../support/hub-runs.ts";
import { outputsOf, reviewed, threeCrates } from "./golden-scene.ts";

test("what the store holds, for whom, and what gc does is told", async () => {
  const scene = await openFilled(threeCrates);
  cpSync(scene.project, join(scene.root, "second"), { recursive: true });
  await must(hubIn(scene, { cwd: "second" }, "fill"));
  mkdirSync(join(scene.root, "store/partial/1.1.00000000.1-aa-1"), { recursive: true });
  const first = await outputsOf(scene, {
    "store-status": ["store", "status"],
    "store-gc-dry-run": ["store", "gc", "--dry-run"],
    "store-gc": ["store", "gc", "-v"],
    "store-gc-nothing": ["store", "gc"],
    "store-verify": ["store", "verify"],
  });
  renameSync(join(scene.root, "second"), join(scene.root, "third"));
  await must(hubIn(scene, { cwd: "third" }, "fill", "--json"));
  const moved = await outputsOf(scene, { "store-gc-moved": ["store", "gc"] });
  rmSync(join(scene.root, "third"), { recursive: true });
  const gone = await outputsOf(scene, {
    "store-gc-missing": ["store", "gc"],
    "store-status-missing": ["store", "status"],
  });
  const outputs = { ...first, ...moved, ...gone };
  expect(outputs).toEqual(reviewed(outputs));
});

test("what is damaged in the store is named, with what mends it", async () => {
  const scene = await openFilled(threeCrates);
  const hubs = join(scene.root, "store/hubs");
  const [root = ""] = readdirSync(hubs);
  const text = readFileSync(join(hubs, root), "utf8");
  writeFileSync(join(hubs, root), text.replace(scene.project, `${scene.project}x`));
  const index = join(scene.root, "store/index");
  const [ident = ""] = readdirSync(index);
  writeFileSync(join(index, ident, "al/ph/alpha"), "cut");
  const outputs = await outputsOf(scene, {
    "store-gc-blocked": ["store", "gc"],
    "store-status-blocked": ["store", "status"],
    "store-verify-problems": ["store", "verify"],
    "store-verify-repair": ["store", "verify", "--repair"],
  });
  expect(outputs).toEqual(reviewed(outputs));
  const blocked = await hub(scene, "store", "gc", "--json", "--message-format", "json");
  expect(blocked.code).toBe(101);
  const error = { code: "hub/contents-unknown", where: join(hubs, root) };
  expect(messagesOf(blocked)).toMatchObject([{ reason: "error", ...error }]);
  expect(documentOf(blocked)).toMatchObject({ formatVersion: 1, deleted: [], blockedBy: [error] });
});

test("the store's commands are one level deep, and a wrong one is a matter of usage", async () => {
  const scene = await openScene(threeCrates);
  const outputs = await outputsOf(scene, {
    "store-none": ["store"],
    "store-absent": ["store", "status"],
    "error-store-command": ["store", "gx"],
    "error-store-grace": ["store", "gc", "--grace", "2 years"],
  });
  expect(outputs).toEqual(reviewed(outputs));
  for (const grace of ["0s", "36h", "3 d", "2w"])
    expect(await hub(scene, "hub", "store", "gc", "--grace", grace)).toMatchObject({ code: 0 });
  for (const grace of ["", "-1d", "1.5d", "d", "1y", "1e9d"])
    expect((await hub(scene, "store", "gc", `--grace=${grace}`)).code).toBe(2);
});

test("a document on stdout is the only thing there", async () => {
  const scene = await openFilled(threeCrates);
  for (const [verb, keys] of [
    ["status", { exists: true, hubs: [{ state: "alive", crates: 3 }], gc: { deletions: 0, blockedBy: [] } }],
    ["gc", { dryRun: false, graceMs: 1_209_600_000, deleted: [], missed: [] }],
    ["verify", { crates: 3, trees: 3, lines: 3, problems: 0 }],
  ] as const)
    expect(documentOf(await must(hub(scene, "store", verb, "--json")))).toMatchObject({ formatVersion: 1, ...keys });
});
