import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePackageIdSpec } from "../../src/cargo/index.ts";
import type { Update } from "../../src/resolve/index.ts";
import { type CargoRun, type CargoWorld, cargoWorld } from "../cargo/cargo-world.ts";
import { type Random, seeded, seedOfRun } from "../faults/random.ts";
import { type DiskResult, type DiskWorld, resolveDirectory } from "../support/resolve-driver.ts";
import { knottedWorld } from "./knotted-world.ts";
import { lockFaults } from "./lock-checker.ts";
import { randomWorld } from "./random-world.ts";
import { addedDependencies, projectFiles, registryFiles } from "./world-files.ts";
import { type WorldSpec, worldAt } from "./world-spec.ts";

/** How many worlds are made; `node tests/differential/resolve-soak.mjs` makes more. */
const worlds = Number(process.env["CARGO_HUB_WORLDS"] ?? 100);
const firstSeed = seedOfRun();

/** What was seen in all worlds together. */
const seen = { locks: 0, failures: 0, updates: 0, failedUpdates: 0, returns: 0, conflicts: 0, pruned: 0, steps: 0 };

/** Seeds run in groups, so that a report names few tests and a failure its seed. */
const GROUP = 20;
const groups = Array.from({ length: Math.ceil(worlds / GROUP) }, (_, at) => at);

test.each(groups)(
  "random worlds, group %i, end as with cargo",
  async (group) => {
    const end = Math.min(worlds, (group + 1) * GROUP);
    for (let at = group * GROUP; at < end; at += 1) await compareWorld(firstSeed + at);
    expect(seen.locks + seen.failures).toBe(end);
  },
  600_000,
);

test("the worlds reach choices that had to be taken back, and conflicts", () => {
  if (process.env["CARGO_HUB_WORLDS"] !== undefined) console.log(JSON.stringify({ worlds, firstSeed, ...seen }));
  expect(seen.locks).toBeGreaterThan(worlds / 4);
  expect(seen.failures).toBeGreaterThan(worlds / 20);
  expect(seen.updates).toBeGreaterThan(worlds / 4);
  expect(seen.returns).toBeGreaterThan(worlds / 4);
  expect(seen.conflicts).toBeGreaterThan(worlds / 4);
  expect(seen.pruned).toBeGreaterThan(0);
});

async function compareWorld(seed: number): Promise<void> {
  const spec = seed % 3 === 0 ? knottedWorld(seed) : randomWorld(seed);
  const world = cargoWorld(projectFiles(spec, "first"));
  try {
    publish(world, registryFiles(spec, "first"));
    world.write(
      ".cargo/config.toml",
      `[source.crates-io]\nreplace-with = "disk"\n[source.disk]\nlocal-registry = "${world.root}/registry"\n`,
    );
    const disk: DiskWorld = { registry: join(world.root, "registry") };
    const ours = resolveDirectory(join(world.root, "app"), disk);
    const cargo = await world.cargo("app", "generate-lockfile", "--offline");
    const lock = agreed({ world, ours, cargo, seed, what: "anew" });
    if (lock === undefined) {
      seen.failures += 1;
      return;
    }
    seen.locks += 1;
    expect(lockFaults({ world: spec, lock, added: [], mayBeYanked: new Set() }), `seed ${seed}`).toEqual([]);
    await compareUpdates(spec, { world, disk, lock });
  } finally {
    world.remove();
  }
}

interface Standing {
  readonly world: CargoWorld;
  readonly disk: DiskWorld;
  readonly lock: string;
}

/** Changes the registry and a manifest, then updates in a few ways, each from the first lockfile. */
async function compareUpdates(spec: WorldSpec, { world, disk, lock }: Standing): Promise<void> {
  const random = seeded(spec.seed ^ 0x5eed);
  publish(world, registryFiles(spec, "later"));
  for (const [path, text] of Object.entries(projectFiles(spec, "later"))) world.write(path, text);
  cpSync(join(world.root, "app/Cargo.lock"), join(world.root, "first.lock"));
  const wholes = [...lock.matchAll(/^name = "(.*)"\nversion = "(.*)"$/gm)].map(
    ([, name, version]) => `${name}@${version}`,
  );
  for (const { args, update } of updates(random, wholes)) {
    cpSync(join(world.root, "first.lock"), join(world.root, "app/Cargo.lock"));
    const ours = resolveDirectory(join(world.root, "app"), disk, update);
    const cargo = await world.cargo("app", "update", ...args, "--offline");
    const updated = agreed({ world, ours, cargo, seed: spec.seed, what: `update ${args.join(" ")}` });
    seen.updates += 1;
    if (updated === undefined) seen.failedUpdates += 1;
    else checkUpdate({ spec, lock, updated, args });
  }
}

interface Updated {
  readonly spec: WorldSpec;
  readonly lock: string;
  readonly updated: string;
  readonly args: readonly string[];
}

function checkUpdate({ spec, lock, updated, args }: Updated): void {
  const before = [...lock.matchAll(/^name = "(.*)"\nversion = "(.*)"$/gm)].map(
    ([, name, version]) => `${name} ${version}`,
  );
  const asked = args[0] === "--precise" ? [`${args[2]?.replace(/@.*/, "")} ${args[1]}`] : [];
  const added = addedDependencies(spec);
  const faults = lockFaults({
    world: worldAt(spec, "later"),
    lock: updated,
    added,
    mayBeYanked: new Set([...before, ...asked]),
  });
  expect(faults, `seed ${spec.seed}, update ${args.join(" ")}`).toEqual([]);
}

interface UpdateCase {
  readonly args: readonly string[];
  readonly update: Update;
}

function updates(random: Random, wholes: readonly string[]): readonly UpdateCase[] {
  const cases: UpdateCase[] = [{ args: ["--workspace"], update: { kind: "nothing" } }];
  const others = wholes.filter((whole) => /^[ck]\d/.test(whole));
  const name = others.length === 0 ? undefined : random.pick(others);
  switch (name === undefined ? 0 : random.below(5)) {
    case 0:
      return [...cases, { args: [], update: { kind: "everything" } }];
    case 1:
    case 2: {
      const names = [...new Set([name ?? "", random.pick(others)])];
      const specs = names.map(parsePackageIdSpec);
      return [...cases, { args: names, update: { kind: "packages", specs, recursive: false } }];
    }
    case 3: {
      const specs = [parsePackageIdSpec(name ?? "")];
      return [...cases, { args: ["--recursive", name ?? ""], update: { kind: "packages", specs, recursive: true } }];
    }
    default: {
      const to = random.pick([
        "1.0.0",
        "1.0.1",
        "1.1.0",
        "1.2.0",
        "0.1.1",
        "2.1.0",
        "0.0.2",
        "1.0.0+a",
        "1.1.0-beta.2",
      ]);
      const spec = parsePackageIdSpec(name ?? "");
      return [...cases, { args: ["--precise", to, name ?? ""], update: { kind: "precise", spec, to } }];
    }
  }
}

interface Ends {
  readonly world: CargoWorld;
  readonly ours: DiskResult;
  readonly cargo: CargoRun;
  readonly seed: number;
  readonly what: string;
}

/** The lockfile both have; `undefined` when both failed. */
function agreed({ world, ours, cargo, seed, what }: Ends): string | undefined {
  seen.returns += ours.effort.returns;
  seen.conflicts += ours.effort.conflictsStored;
  seen.pruned += ours.effort.candidatesPruned;
  seen.steps += ours.effort.steps;
  const shown = `seed ${seed}, ${what}\n${cargo.stderr}\nours: ${JSON.stringify(ours.failure)}`;
  expect(ours.lock !== undefined, shown).toBe(cargo.ok);
  if (ours.failure?.kind === "no-solution") {
    const named = /failed to select a version for (?:the requirement )?`([^`\s]+)|no matching package named `(.*?)`/;
    const [, selected, matching] = named.exec(cargo.stderr) ?? [];
    expect(ours.failure.asked.packageName, shown).toBe(selected ?? matching);
    const [, name, version] = /required by package `(\S+) v([^\s`]+)/.exec(cargo.stderr) ?? [];
    expect(ours.failure.chain.at(-1)?.package, shown).toMatchObject({ name, version });
  }
  const lock = cargo.ok ? readFileSync(join(world.root, "app/Cargo.lock"), "utf8") : undefined;
  expect(ours.lock, shown).toBe(lock);
  return lock;
}

function publish(world: CargoWorld, files: Readonly<Record<string, string>>): void {
  rmSync(join(world.root, "registry"), { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) world.write(path, text);
}
