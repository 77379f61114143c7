import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, hub, messagesOf, must, openFilled, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { outputsOf, reviewed, threeCrates } from "./golden-scene.ts";

/** The only directory below one of the hub's. */
function registryDirectory(scene: Scene, kind: string): string {
  const parent = join(scene.project, ".cargo", "registry", kind);
  const [only = ""] = readdirSync(parent);
  return join(parent, only);
}

test("a first fill, one that changes nothing, verify and status say what they did", async () => {
  const scene = await openScene(threeCrates);
  await must(scene.cargo("generate-lockfile"));
  const outputs = await outputsOf(scene, {
    fill: ["fill", "-j", "1"],
    "fill-again": ["fill"],
    "fill-again-quiet": ["fill", "--quiet"],
    verify: ["verify"],
    status: ["status"],
    off: ["off"],
    "status-off": ["status"],
    on: ["on"],
  });
  expect(outputs).toEqual(reviewed(outputs));
});

test("verify names every problem and what mends them; --repair mends them", async () => {
  const scene = await openFilled(threeCrates);
  const source = registryDirectory(scene, "src");
  writeFileSync(join(source, "alpha-1.0.0", "src", "new.rs"), "");
  rmSync(join(source, "beta-1.2.3", "build.rs"));
  const crate = join(registryDirectory(scene, "cache"), "gamma-0.1.0.crate");
  const bytes = readFileSync(crate);
  rmSync(crate);
  writeFileSync(crate, Buffer.from(bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte))));
  const outputs = await outputsOf(scene, {
    "verify-problems": ["verify"],
    "verify-repair": ["verify", "--repair"],
    "verify-repaired": ["verify"],
  });
  expect(outputs).toEqual(reviewed(outputs));
});

test("an error says what, where and what next; unknown flags are a matter of usage", async () => {
  const scene = await openScene(threeCrates);
  scene.write("app/Cargo.lock", "version = 4\n\n[[package]]\nname = \n");
  const outputs = await outputsOf(scene, {
    "error-no-hub": ["verify"],
    "error-lockfile": ["fill"],
    "error-usage": ["fill", "--jobs", "none"],
    "error-unknown-command": ["fil"],
  });
  expect(outputs).toEqual(reviewed(outputs));
});

test("an export says where it is and how Cargo uses it; what it needs and cannot do is a matter of usage", async () => {
  const scene = await openFilled(threeCrates);
  const outputs = await outputsOf(scene, {
    "export-directory": ["export", "--as", "directory", "vendor"],
    "export-cargo-home": ["export", "--as", "cargo-home", "vendor"],
    "export-sparse": ["export", "--as", "sparse", "--base-url", "https://crates.example/", "vendor"],
    "export-no-base-url": ["export", "--as", "sparse", "vendor"],
    "export-base-url": ["export", "--as", "directory", "--base-url", "https://crates.example/", "vendor"],
    "export-no-shape": ["export", "vendor"],
    "export-no-directory": ["export", "--as", "directory"],
    "export-foreign": ["export", "--as", "directory", "src"],
  });
  expect(outputs).toEqual(reviewed(outputs));
});

test("a crate whose bytes are not what the lockfile promises is refused with both digests", async () => {
  const scene = await openScene(threeCrates);
  await must(scene.cargo("generate-lockfile"));
  scene.registry.setFault("/crates/gamma/", { kind: "wrong-bytes" });
  const outputs = await outputsOf(scene, {
    "error-wrong-bytes": ["fill"],
  });
  expect(outputs).toEqual(reviewed(outputs));
});

test("a lockfile that changed since is told by verify and by status", async () => {
  const scene = await openFilled(threeCrates);
  const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  scene.write("app/Cargo.lock", lock.replace(/\[\[package\]\]\nname = "gamma"[^[]*/, "").replace(' "gamma",\n', ""));
  const outputs = await outputsOf(scene, {
    "verify-outdated": ["verify"],
    "status-outdated": ["status"],
    "error-outdated": ["fill", "--locked"],
  });
  expect(outputs).toEqual(reviewed(outputs));
});

test("with --message-format json every line on stderr is a JSON object, and the error is one of them", async () => {
  const scene = await openScene(threeCrates);
  await must(scene.cargo("generate-lockfile"));
  const filled = await must(hub(scene, "fill", "--json", "--message-format", "json"));
  const reasons = messagesOf(filled).map(({ reason }) => reason);
  expect(reasons).toHaveLength(8);
  expect(new Set(reasons)).toEqual(new Set(["planned", "updating", "downloaded", "installed"]));
  expect(documentOf(filled)).toMatchObject({ formatVersion: 1, crates: 3, installed: 3, changed: true });

  const verified = await must(hub(scene, "verify", "--json", "--message-format", "json"));
  expect(messagesOf(verified).map(({ reason }) => reason)).toEqual(["checked", "checked", "checked"]);
  expect(documentOf(verified)).toMatchObject({ problems: 0, missing: [], damaged: [], foreign: [] });

  writeFileSync(join(scene.project, "Cargo.lock"), "version = 99\n");
  const failed = await hub(scene, "fill", "--message-format", "json");
  expect(failed.code).toBe(101);
  expect(messagesOf(failed)).toEqual([expect.objectContaining({ reason: "error", code: "cargo/lockfile-version" })]);
});

test("a problem found by verify is told in JSON only, when so asked", async () => {
  const scene = await openFilled(threeCrates);
  rmSync(join(registryDirectory(scene, "src"), "beta-1.2.3"), { recursive: true });
  const found = await hub(scene, "verify", "--json", "--message-format", "json");
  expect(found.code).toBe(1);
  for (const message of messagesOf(found)) expect(message).toHaveProperty("reason");
  expect(documentOf(found)["problems"]).toBeGreaterThan(0);
});
