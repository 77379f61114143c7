import { appendFileSync, lstatSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownedArea } from "./areas.ts";
import { inodeOf, listing } from "./disk.ts";
import { makeWorld, type World } from "./world.ts";

/** Two projects with the same lockfile; both use the store of the first. */
let first: World;
let second: World;

beforeEach(async () => {
  first = await makeWorld();
  second = await makeWorld();
  await first.fillHub();
});

afterEach(async () => {
  await first.close();
  await second.close();
});

function firstStore(): { readonly env: Readonly<Record<string, string>> } {
  return { env: { ...second.scene.env, CARGO_HUB_STORE: first.store } };
}

/** Library of the crate `io` in the hub of the first project. */
function editedFile(): string {
  const path = ownedArea(first, "sources").files.find((file) => file.endsWith("/io-2.0.0/src/lib.rs"));
  if (path === undefined) throw new Error("the hub has no io");
  return path;
}

test("an edit through one hub does not reach the next: that is clean, and the editor is named and reported", async () => {
  const original = listing(first.hub);
  const path = editedFile();
  appendFileSync(path, "// edited in place\n");
  const run = await second.hubCommand(["fill"], { CARGO_HUB_STORE: first.store });
  expect(run.code, run.stderr).toBe(0);
  const warning = /^warning: .*io v2\.0\.0.*$/m.exec(run.stderr)?.[0];
  expect(warning).toContain(first.hub);
  expect(warning).toContain("src/lib.rs");
  expect(warning).not.toContain(second.hub);
  expect((await second.verify(firstStore())).problems).toBe(0);
  expect(readFileSync(path.replace(first.hub, second.hub), "utf8")).not.toContain("edited");
  const report = await first.verify();
  expect(report.damaged).toMatchObject([{ area: "source", path }]);
  expect(report.problems).toBe(1);
  expect((await first.repair({ offline: true })).problems).toBe(0);
  expect(listing(first.hub)).toEqual(original);
  expect(inodeOf(path)).toBe(inodeOf(path.replace(first.hub, second.hub)));
});

test("a crate file edited through one hub is not handed to the next", async () => {
  const path = ownedArea(first, "crates").files.find((file) => file.endsWith("/io-2.0.0.crate")) ?? "";
  appendFileSync(path, "x");
  await second.fillHub(firstStore());
  expect((await second.verify(firstStore())).problems).toBe(0);
  expect((await first.verify()).damaged).toMatchObject([{ area: "crate", path }]);
  expect((await first.repair({ offline: true })).problems).toBe(0);
});

test("an edit that hides behind size and time gets through a fill; verify of either hub reports it, and cargo refuses it", async () => {
  const path = editedFile();
  const before = lstatSync(path);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace("io 2.0.0", "io 6.6.6"));
  utimesSync(path, before.atimeMs / 1000, before.mtimeMs / 1000);
  await second.fillHub(firstStore());
  const theirs = path.replace(first.hub, second.hub);
  for (const [hub, file, env] of [
    [first, path, {}],
    [second, theirs, firstStore()],
  ] as const) {
    const report = await hub.verify(env);
    expect(report.damaged.find(({ area }) => area === "source")?.path).toBe(file);
    expect(report.damaged.map(({ area }) => area).sort()).toEqual(["source", "store-tree"]);
  }
  const check = await second.scene.cargo("check", "--frozen", "--offline");
  expect(check.code).not.toBe(0);
  expect(check.stderr).toMatch(/checksum of `.*src\/lib\.rs` has changed/);
  for (const [hub, env] of [
    [second, firstStore()],
    [first, {}],
  ] as const) {
    expect((await hub.repair({ ...env, offline: true })).problems).toBe(0);
  }
  expect(readFileSync(path, "utf8")).toBe(text);
  expect(readFileSync(theirs, "utf8")).toBe(text);
});

test("a new mode or a new name in a shared tree is noticed by the next fill", async () => {
  const path = editedFile();
  writeFileSync(path.replace("lib.rs", "extra.rs"), "");
  const inStore = ownedArea(first, "store trees").files.filter((file) => inodeOf(file) === inodeOf(path));
  expect(inStore).toHaveLength(1);
  writeFileSync((inStore[0] ?? "").replace("lib.rs", "extra.rs"), "");
  await second.fillHub(firstStore());
  expect(second.events).toContainEqual(
    expect.objectContaining({ kind: "tree-changed", name: "io", paths: ["src/extra.rs"] }),
  );
  expect((await second.verify(firstStore())).problems).toBe(0);
  const foreign = (await first.verify()).foreign.map((finding) => relative(first.hub, finding.path));
  expect(foreign).toEqual([expect.stringMatching(/io-2\.0\.0\/src\/extra\.rs$/)]);
});
