import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  cargoHubPath,
  documentOf,
  hub,
  hubIn,
  must,
  offline,
  openScene,
  privateRoots,
  runIn,
} from "../support/hub-runs.ts";
import type { Finished, Scene } from "../support/stage.ts";

const crates = [
  { name: "alpha", version: "1.0.0", buildScript: true },
  { name: "beta", version: "0.2.1", deps: { alpha: "1", winonly: { version: "1", target: "cfg(windows)" } } },
  { name: "winonly", version: "1.0.0" },
  { name: "spare", version: "1.4.0" },
];

/** Another member has `spare`, so that the hub holds a crate that `app` does not have yet. */
async function openWorkspace(): Promise<Scene> {
  const scene = await openScene({
    crates,
    files: {
      "Cargo.toml": '[workspace]\nmembers = ["app", "other"]\nresolver = "2"\n',
      "app/Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nbeta = "0.2"\n',
      "app/src/main.rs": "fn main() {}\n",
      "other/Cargo.toml":
        '[package]\nname = "other"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nspare = "1"\n',
      "other/src/lib.rs": "",
    },
  });
  // The whole of the registry's configuration: cargo itself must not need the mirror in this mode.
  scene.write("cargo-home/config.toml", readFileSync(join(scene.project, ".cargo/config.toml"), "utf8"));
  scene.write("app/.cargo/config.toml", "[build]\njobs = 2\n");
  rmSync(join(scene.project, "src"), { recursive: true });
  return scene;
}

/** cargo with the hub as its home and no network. */
function inHubHome(scene: Scene, ...args: string[]): Promise<Finished> {
  return offline(scene, { env: { CARGO_HOME: join(scene.project, ".cargo") } }, ["cargo", ...args]);
}

/** The verbs of cargo's status lines, without those that every build has. */
function verbs(finished: Finished): string[] {
  const found = [...finished.stderr.matchAll(/^ *([A-Z][a-z]+) /gm)].map(([, verb = ""]) => verb);
  return [...new Set(found)].filter((verb) => verb !== "Finished").toSorted();
}

test("the same hub serves both modes: nothing is rebuilt between them, and cargo's own commands work offline", async () => {
  const scene = await openWorkspace();
  await must(hub(scene, "fill"));
  await must(offline(scene, {}, ["cargo", "build", "--frozen", "--workspace"]));
  const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");

  rmSync(join(scene.project, ".cargo/registry/source.toml"));
  const rebuilt = await must(inHubHome(scene, "build", "--offline", "-v", "--workspace"));
  expect(verbs(rebuilt)).toEqual(["Fresh"]);

  const tree = await must(inHubHome(scene, "tree", "--offline", "--target", "all", "--workspace"));
  expect(tree.stdout).toContain("winonly v1.0.0");
  await must(inHubHome(scene, "generate-lockfile", "--offline"));
  expect(readFileSync(join(scene.project, "Cargo.lock"), "utf8")).toBe(lock);
  await must(inHubHome(scene, "add", "--offline", "-p", "app", "spare"));
  expect(readFileSync(join(scene.project, "app/Cargo.toml"), "utf8")).toContain('spare = "1.4.0"');
  await must(inHubHome(scene, "build", "--offline", "--workspace"));

  rmSync(join(scene.project, ".cargo/registry/src"), { recursive: true });
  const unpacked = await must(inHubHome(scene, "build", "--offline", "-v", "--workspace"));
  expect(verbs(unpacked)).toEqual(["Fresh"]);
});

test("mode cargo-home writes no source replacement, and switching the mode switches it", async () => {
  const scene = await openWorkspace();
  scene.write("app/.cargo/hub.toml", 'version = 1\nmode = "cargo-home"\n');
  const filled = await must(hub(scene, "fill"));
  expect(filled.stderr).toContain(`set CARGO_HOME=${scene.project}/.cargo`);
  expect(existsSync(join(scene.project, ".cargo/registry/source.toml"))).toBe(false);
  await must(inHubHome(scene, "build", "--frozen", "--workspace"));
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  expect(documentOf(await hub(scene, "status", "--json"))).toMatchObject({
    mode: "cargo-home",
    on: false,
    offBecause: "mode-cargo-home",
    cargoHomeHere: false,
  });
  expect(documentOf(await must(hub(scene, "prove", "--json")))).toMatchObject({ passed: true, emptyCargoHome: false });

  scene.write("app/.cargo/hub.toml", "version = 1\n");
  await must(hub(scene, "fill"));
  const built = await must(offline(scene, {}, ["cargo", "build", "--frozen", "-v", "--workspace"]));
  expect(verbs(built)).toEqual(["Fresh"]);

  scene.write("app/.cargo/hub.toml", 'version = 1\nmode = "cargo-home"\n');
  await must(hub(scene, "fill"));
  expect(existsSync(join(scene.project, ".cargo/registry/source.toml"))).toBe(false);
});

test("a hub that is in use as CARGO_HOME is filled again without --adopt", async () => {
  const scene = await openWorkspace();
  scene.write("app/.cargo/hub.toml", 'version = 1\nmode = "cargo-home"\n');
  await must(hub(scene, "fill"));
  const env = { CARGO_HOME: join(scene.project, ".cargo") };
  expect((await must(hubIn(scene, { env }, "fill"))).stderr).toContain("Fresh");
  expect(documentOf(await hubIn(scene, { env }, "status", "--json"))).toMatchObject({ cargoHomeHere: true });
});

test("a fill of a CARGO_HOME in use waits until cargo has let go of its package cache", async () => {
  const scene = await openWorkspace();
  scene.write("app/.cargo/hub.toml", 'version = 1\nmode = "cargo-home"\n');
  scene.write("app/.cargo/.package-cache", "");
  const script = `exec 9>.cargo/.package-cache; flock 9; "$NODE" "$HUB" fill 9>&- 2>said & filling=$!
    tries=0; until grep -q Blocking said 2>/dev/null || [ $tries = 100 ]; do tries=$((tries + 1)); sleep 0.05; done
    [ -e .cargo/hub.lock ] && echo filled-too-early; exec 9>&-; wait $filling; cat said >&2`;
  const env = { NODE: process.execPath, HUB: cargoHubPath, ...privateRoots(scene) };
  const run = await must(runIn(scene, { env }, ["sh", "-c", script]));
  expect(run.stdout).toBe("");
  expect(run.stderr).toMatch(/Blocking waiting for file lock on .*\.package-cache/);
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(true);
});
