import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { cargoHubPath, errorOf, must, openScene, privateRoots, runIn } from "../support/hub-runs.ts";
import type { Finished, Scene, StageOptions } from "../support/stage.ts";
import { type DiskFacts, stick } from "../support/strange-disk/disk-facts.ts";
import { needStrangeDisks, strangeDisks } from "../support/strange-disk/strange-disk.ts";
import { openGitScene } from "./git-scene.ts";

const disks = strangeDisks();
const crates: StageOptions["crates"] = [
  { name: "alpha", version: "1.0.0", buildScript: true, files: { "src/deep/mod.rs": "// deep\n" } },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
  { name: "Gamma", version: "3.0.0" },
];

beforeEach(needStrangeDisks);

/** Copies the project of a scene to a disk and runs a script there. `store` says where the store is: on that disk as well, or not. */
async function onDisk(
  scene: Scene,
  { facts, store }: { readonly facts: Partial<DiskFacts>; readonly store: "disk" | "elsewhere" },
  script: string,
): Promise<Finished> {
  const disk = join(scene.root, "disk");
  mkdirSync(disk);
  const env = {
    ...privateRoots(scene),
    ...(store === "disk" ? { CARGO_HUB_STORE: join(disk, "store") } : {}),
    NODE: process.execPath,
    HUB: cargoHubPath,
  };
  const start = `cp -r app/. disk/app 2>/dev/null || cp -r app disk/; cd disk/app; hub() { "$NODE" "$HUB" "$@"; }; ${script}`;
  return runIn(scene, { cwd: ".", env }, disks.with(facts, disk, ["sh", "-ec", start]));
}

const whole = `
  hub fill; hub verify; hub fill -q
  touch -d '2001-02-03 04:05:06' .cargo; hub fill; hub verify -q; hub status
  CARGO_HOME="$PWD/../empty-home" cargo check --frozen --target-dir "$PWD/../../target"`;

test.each<[string, Partial<DiskFacts>, "disk" | "elsewhere"]>([
  ["a plain disk", {}, "disk"],
  ["a disk that ignores case", { ignoresCase: true }, "disk"],
  ["a disk that ignores modes", { modes: "ignored" }, "elsewhere"],
  ["a disk that refuses modes, with the store on it", { modes: "refused" }, "disk"],
  ["a disk that refuses modes and hard links", { modes: "refused", mostLinks: 1 }, "elsewhere"],
  ["a disk that lists all names in lower case", { ignoresCase: true, lowersNames: true }, "disk"],
  ["a memory stick, with the store on it", stick, "disk"],
  ["a memory stick, with the store elsewhere", stick, "elsewhere"],
])("on %s a hub is filled, verified, found fresh and built from", async (...[, facts, store]) => {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  const run = await onDisk(scene, { facts, store }, whole);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/^ +Filled 3 crates/m);
  expect(run.stderr.match(/^ +Fresh 3 crates/gm)?.length, run.stderr).toBe(1);
  expect(run.stderr).toMatch(/^ +Verified 3 crates/m);
  expect(run.stderr).not.toMatch(/warning|Foreign/);
});

test.each(["directory", "cargo-home"])(
  "on a memory stick git dependencies are held in mode %s, and built from",
  async (mode) => {
    const { scene } = await openGitScene(`mode = "${mode}"\n`);
    await must(scene.cargo("generate-lockfile"));
    const home = mode === "directory" ? "$PWD/../empty-home" : "$PWD/.cargo";
    const script = `hub fill; hub verify; hub fill; hub verify -q
    CARGO_HOME="${home}" cargo run --frozen --quiet --target-dir "$PWD/../../target"`;
    const run = await onDisk(scene, { facts: stick, store: "disk" }, script);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toBe("7 branched tagged part helper\n");
    expect(run.stderr).toMatch(/^ +Verified /m);
    expect(run.stderr).toMatch(/^ +Fresh /m);
  },
);

/** An entry of a lockfile that is made by hand: no index can serve two names that differ in case to cargo. */
function locked(name: string): string {
  return `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${"0".repeat(64)}"\n\n`;
}

test("two crates whose names differ only in case are refused where case does not count, before anything is written", async () => {
  const scene = await openScene({
    crates: [],
    files: { "Cargo.lock": `version = 4\n\n${locked("Delta")}${locked("delta")}` },
  });
  const script = "code=0; hub fill --message-format json || code=$?; ls -A .cargo; exit $code";
  const refused = await onDisk(scene, { facts: { ignoresCase: true }, store: "elsewhere" }, script);
  expect(errorOf(refused)).toMatchObject({ code: "hub/name-collision", what: expect.stringContaining("Delta 1.0.0") });
  expect(refused.stdout).toBe("config.toml\nregistry\n");
});
