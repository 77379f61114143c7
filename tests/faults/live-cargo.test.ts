import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeWorld, type World } from "./world.ts";

const SECONDS = Number(process.env["CARGO_HUB_LIVE_SECONDS"] ?? 12);

/** Two projects on one hub: the outer directory's hub.toml lists both lockfiles, and `toggled` has two lockfiles to change between. */
interface Pair {
  readonly world: World;
  readonly toggled: string;
  readonly steady: string;
  readonly locks: readonly [string, string];
}

async function makePair(): Promise<Pair> {
  const world = await makeWorld();
  const { scene, project } = world;
  const toggled = join(project, "toggled");
  const steady = join(project, "steady");
  const locks: string[] = [];
  const manifests = {
    wide: { a: "1", io: "2", cfg: "1", bulky: "1", deep: "3", native: "0.4", macros: "1" },
    narrow: { a: "1", cfg: "1" },
    steady: { io: "2", tools: "0.1", dots: "0.2", "with_under-dash": "0.0.1", native: "0.4", Inflector: "0.11" },
  };
  for (const [name, directory] of [
    ["wide", toggled],
    ["narrow", toggled],
    ["steady", steady],
  ] as const) {
    const deps = Object.entries(manifests[name]).map(([crate, version]) => `${crate} = "${version}"\n`);
    scene.write(
      join(directory.slice(scene.root.length), "Cargo.toml"),
      `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${deps.join("")}`,
    );
    scene.write(join(directory.slice(scene.root.length), "src/lib.rs"), "");
    rmSync(join(directory, "Cargo.lock"), { force: true });
    const made = await scene.run("cargo", ["generate-lockfile", "--manifest-path", join(directory, "Cargo.toml")]);
    expect(made.code, made.stderr).toBe(0);
    if (directory === toggled) locks.push(readFileSync(join(toggled, "Cargo.lock"), "utf8"));
  }
  for (const file of ["Cargo.toml", "Cargo.lock", "src"]) rmSync(join(project, file), { recursive: true });
  scene.write("app/.cargo/hub.toml", 'version = 1\nlockfiles = ["steady/Cargo.lock", "toggled/Cargo.lock"]\n');
  rmSync(scene.cargoHome, { recursive: true, force: true });
  return { world, toggled, steady, locks: [locks[0] ?? "", locks[1] ?? ""] };
}

test("a cargo that runs while the hub changes sees whole crates only", async () => {
  const { world, toggled, steady, locks } = await makePair();
  try {
    writeFileSync(join(toggled, "Cargo.lock"), locks[0]);
    const first = await world.hubCommand(["fill"]);
    expect(first.code, first.stderr).toBe(0);
    const until = Date.now() + SECONDS * 1000;
    const failures: string[] = [];
    const counts = { fills: 0, metadata: 0, checks: 0 };
    const filling = async (): Promise<void> => {
      while (Date.now() < until) {
        counts.fills += 1;
        writeFileSync(join(toggled, "Cargo.lock"), locks[counts.fills % 2] ?? "");
        const run = await world.hubCommand(["fill", "--offline"]);
        if (run.code !== 0) failures.push(run.stderr);
      }
    };
    const cargo = async (kind: "metadata" | "checks", args: readonly string[], target: string): Promise<void> => {
      while (Date.now() < until) {
        counts[kind] += 1;
        rmSync(target, { recursive: true, force: true });
        const run = await world.scene.run("cargo", [...args, "--manifest-path", join(steady, "Cargo.toml")], {
          CARGO_TARGET_DIR: target,
        });
        if (run.code !== 0) failures.push(run.stderr);
      }
    };
    await Promise.all([
      filling(),
      cargo("metadata", ["metadata", "--frozen", "--format-version", "1"], join(world.scene.root, "target-m")),
      cargo("checks", ["check", "--frozen"], join(world.scene.root, "target-c")),
    ]);
    console.log(
      `${counts.fills} fills, ${counts.metadata} × cargo metadata, ${counts.checks} × cargo check, ${failures.length} failures`,
    );
    expect(failures.slice(0, 3)).toEqual([]);
    expect(Math.min(counts.fills, counts.metadata, counts.checks)).toBeGreaterThan(2);
    expect((await world.verify()).problems).toBe(0);
  } finally {
    await world.close();
  }
}, 120_000);
