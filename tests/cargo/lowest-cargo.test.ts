import { expect, test } from "vitest";
import { judgeManifest, lowestCargo } from "../../src/cargo/index.ts";
import { type CargoWorld, cargoWorld } from "./cargo-world.ts";
import { LOAD_CASES } from "./lowest-cargo-cases.ts";

/** Why a manifest has to be kept out of sight of this cargo and all later ones. */
function quarantineReason(manifest: string, rustVersion: string | undefined): string | undefined {
  return judgeManifest(manifest, rustVersion).reason;
}

const checksum = JSON.stringify({ files: {}, package: "0".repeat(64) });

/** A project that depends on `good`, which a directory source has; the source can get other packages. */
function sourceWorld(): CargoWorld {
  return cargoWorld({
    "app/Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2015"\n[dependencies]\ngood = "1"\n',
    "app/src/lib.rs": "",
    "app/.cargo/config.toml": '[source.crates-io]\nreplace-with = "d"\n[source.d]\ndirectory = "source"\n',
    "app/source/good-1.0.0/Cargo.toml": '[package]\nname = "good"\nversion = "1.0.0"\n',
    "app/source/good-1.0.0/src/lib.rs": "",
    "app/source/good-1.0.0/.cargo-checksum.json": checksum,
  });
}

function addPackage(world: CargoWorld, directory: string, manifest: string): void {
  world.write(`app/source/${directory}/Cargo.toml`, manifest);
  world.write(`app/source/${directory}/src/lib.rs`, "");
  world.write(`app/source/${directory}/build.rs`, "");
  world.write(`app/source/${directory}/.cargo-checksum.json`, checksum);
}

test.each(LOAD_CASES)("a manifest with %s", (_name, manifest, lowest) => {
  const found = lowestCargo(manifest);
  expect(found.kind === "none" ? "none" : found.minor).toBe(lowest);
  expect(quarantineReason(manifest, undefined) === undefined).toBe(lowest !== "none");
});

test("what is asked for one cargo only is what the whole manifest needs", () => {
  for (const [name, manifest] of LOAD_CASES) {
    const lowest = lowestCargo(manifest);
    for (const rustVersion of [undefined, "1.31", "1.56.1", "1.70", "1.84", "1.94", "1.95"]) {
      const served = Number(rustVersion?.split(".")[1] ?? 95);
      const kept = lowest.kind === "none" || lowest.minor > served;
      const reason = quarantineReason(manifest, rustVersion);
      const isAlike = kept ? reason?.includes(String(lowest.reason)) : reason === undefined;
      expect([name, rustVersion, reason, isAlike]).toEqual([name, rustVersion, reason, true]);
    }
  }
});

test("the real cargo loads a directory source just when no manifest in it has to be kept out of sight", async () => {
  for (const [name, manifest] of LOAD_CASES) {
    const world = sourceWorld();
    addPackage(world, "x-1.0.0", manifest);
    const run = await world.cargo("app", "generate-lockfile", "--offline");
    expect([name, run.ok], run.stderr).toEqual([name, quarantineReason(manifest, undefined) === undefined]);
    world.remove();
  }
});

test("one manifest that cargo can not load disables its whole source, and behind a dot it does not", async () => {
  const world = sourceWorld();
  const lock = (): ReturnType<CargoWorld["cargo"]> => world.cargo("app", "check", "--offline", "--quiet");
  addPackage(world, "x-1.0.0", '[package]\nname = "x"\nversion = "1.0.0"\nedition = "2099"\n');
  const disabled = await lock();
  expect(disabled.ok).toBe(false);
  expect(disabled.stderr).toContain("x-1.0.0");
  world.remove();
  const healed = sourceWorld();
  addPackage(healed, ".quarantine/x-1.0.0", '[package]\nname = "x"\nversion = "1.0.0"\nedition = "2099"\n');
  const run = await healed.cargo("app", "check", "--offline", "--quiet");
  expect(run.stderr).toBe("");
  healed.remove();
});

test.each([
  ["1.84", "its manifest needs cargo 1.85: edition 2024"],
  ["1.84.1", "its manifest needs cargo 1.85: edition 2024"],
  ["1.85", undefined],
  ["1", "its manifest needs cargo 1.85: edition 2024"],
])("for cargo %s a package of edition 2024 is kept out of sight: %s", (rustVersion, reason) => {
  const manifest = '[package]\nname = "x"\nversion = "1.0.0"\nedition = "2024"\n';
  expect(quarantineReason(manifest, rustVersion)).toBe(reason);
});

test("what no cargo can load is named with its mistake", () => {
  expect(quarantineReason("[package]\n", "1.85")).toMatch(/^no stable cargo can load its manifest: /);
});
