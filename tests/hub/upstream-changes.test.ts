import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cratesIoIdent, errorOf, hub, messagesOf, must, openFilled } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { differences, treeFacts } from "../support/tree-facts.ts";

const ident = cratesIoIdent;
const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];

/** Upstream yanks alpha and fills in two keys that the line did not have. */
function rewrite(scene: Scene): void {
  scene.registry.yank("alpha", "1.0.0");
  scene.registry.replaceIndexLine("alpha", "1.0.0", (line) =>
    line.replace(/\}$/, ',"rust_version":"1.60","pubtime":"2024-01-02T03:04:05Z"}'),
  );
}

function forget(scene: Scene, ...paths: string[]): void {
  for (const path of paths) rmSync(join(scene.root, path), { recursive: true });
}

const change = {
  reason: "line-changed",
  name: "alpha",
  version: "1.0.0",
  changes: ["yanked", "rust_version added", "pubtime added"],
};

test("after upstream rewrote a line, fill --locked gives the same bytes with nothing but hub.lock to go by", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  rewrite(scene);
  forget(scene, "store", "app/.cargo/registry", "cargo-home/registry");
  await must(hub(scene, "fill", "--locked"));
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
});

test("without --locked the change is told and stands in hub.lock", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  rewrite(scene);
  forget(scene, "store", "app/.cargo/registry", "cargo-home/registry");
  const filled = await must(hub(scene, "fill"));
  expect(filled.stderr).toContain(
    "     Changed alpha v1.0.0 in the registry's index: yanked, rust_version added, pubtime added\n",
  );
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([
    "hub.lock",
    "registry/.hub-held",
    `registry/index/${ident}/.cache/al/ph/alpha`,
    `registry/index/${ident}/al/ph/alpha`,
  ]);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("--refresh tells the change although store and hub have everything; a plain fill does not ask", async () => {
  const scene = await openFilled({ crates });
  rewrite(scene);
  scene.registry.requests.length = 0;
  expect((await must(hub(scene, "fill"))).stderr).toContain("Fresh");
  expect(scene.registry.paths()).toEqual([]);
  const before = treeFacts(join(scene.project, ".cargo"));
  const messages = messagesOf(await must(hub(scene, "fill", "--refresh", "--message-format", "json")));
  expect(messages).toContainEqual(change);
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toContain("hub.lock");
  expect(scene.registry.paths().filter((path) => path.endsWith(".crate"))).toEqual([]);
  const again = messagesOf(await must(hub(scene, "fill", "--refresh", "--message-format", "json")));
  expect(again).not.toContainEqual(change);
});

test("--refresh with nothing new asks conditionally, touches nothing and says so", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  scene.registry.requests.length = 0;
  const filled = await must(hub(scene, "fill", "--refresh"));
  expect(filled.stderr).toMatch(/^ +Fresh 2 crates/m);
  expect(scene.registry.requests.map(({ status }) => status)).toEqual([304, 304]);
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
});

test("--locked refuses a line that changed in a way that cannot be undone", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  scene.registry.replaceIndexLine("alpha", "1.0.0", (line) => line.replace('"features":{}', '"features":{"new":[]}'));
  forget(scene, "store", "app/.cargo/registry", "cargo-home/registry");
  const error = errorOf(await hub(scene, "fill", "--locked", "--message-format", "json"));
  expect(error.code).toBe("hub/index-line-changed");
  expect(error.what.match(/[0-9a-f]{64}/g)).toHaveLength(2);
  const kept = Object.keys(before).filter((path) => !path.startsWith("registry"));
  const after = treeFacts(join(scene.project, ".cargo"));
  expect(kept.filter((path) => after[path]?.content !== before[path]?.content)).toEqual([]);
});

test("a pinned line that the store still has is taken from there under --locked, whatever upstream says today", async () => {
  const scene = await openFilled({ crates });
  const before = treeFacts(join(scene.project, ".cargo"));
  scene.registry.replaceIndexLine("alpha", "1.0.0", (line) => line.replace('"features":{}', '"features":{"new":[]}'));
  forget(scene, "app/.cargo/registry");
  await must(hub(scene, "fill", "--locked"));
  expect(differences(before, treeFacts(join(scene.project, ".cargo")))).toEqual([]);
});
