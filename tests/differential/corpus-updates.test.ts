import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePackageIdSpec } from "../../src/cargo/index.ts";
import type { IndexPackage, Update } from "../../src/resolve/index.ts";
import { type CargoWorld, cargoWorld } from "../cargo/cargo-world.ts";
import { type Random, seeded, seedOfRun } from "../faults/random.ts";
import { type Corpus, corpus } from "../resolve/corpus.ts";
import { type DiskWorld, resolveDirectory } from "../support/resolve-driver.ts";

/** How many packages a project may have at most; `node tests/differential/update-soak.mjs` takes all. */
const mostPackages = Number(process.env["CARGO_HUB_MOST_PACKAGES"] ?? 100);
const found = corpus();
const known = new Map<string, IndexPackage | undefined>();

/** When old lockfiles are made, the earliest first; a project takes the first at which it can be resolved. */
const MOMENTS = ["2026-03-01", "2026-06-01", "2026-08-01", "2026-09-15", "2026-10-15", "2026-11-01", "2026-11-10"];

const chosen = (found?.projects ?? []).filter(({ directory }) => {
  const golden = readFileSync(join(directory, "Cargo.lock.golden"), "utf8");
  return golden.split("[[package]]").length - 1 <= mostPackages;
});

const runs = { projects: 0, updates: 0, unchanged: 0, failures: 0 };

test.each(chosen)(
  "$name with an older lockfile is updated as by cargo",
  async ({ name, directory }) => {
    if (found === undefined) throw new Error("the corpus is not there");
    const world = cargoWorld({ "app/src/lib.rs": "", "app/src/main.rs": "", "app/build.rs": "" });
    try {
      setUp(world, directory, found);
      const old = oldLock(world, found);
      expect(old).toBeDefined();
      if (old === undefined) return;
      runs.projects += 1;
      const random = seeded(seedOfRun() + name.length);
      for (const one of updates(random, old)) await compareUpdate(world, { old, found, one });
    } finally {
      world.remove();
    }
  },
  900_000,
);

test("older lockfiles lead to updates that change something", () => {
  if (process.env["CARGO_HUB_MOST_PACKAGES"] !== undefined) console.log(JSON.stringify(runs));
  expect(runs.unchanged + runs.failures).toBeLessThan(Math.max(runs.updates, 1));
});

function setUp(world: CargoWorld, directory: string, { registry }: Corpus): void {
  cpSync(join(directory, "Cargo.toml"), join(world.root, "app/Cargo.toml"));
  world.write(
    ".cargo/config.toml",
    `[source.crates-io]\nreplace-with = "disk"\n[source.disk]\nlocal-registry = "${registry}"\n`,
  );
  mkdirSync(join(world.root, "app/src"), { recursive: true });
}

function oldLock({ root }: CargoWorld, { registry }: Corpus): string | undefined {
  for (const moment of MOMENTS) {
    const disk: DiskWorld = { registry, until: `${moment}T00:00:00Z`, known };
    const { lock } = resolveDirectory(join(root, "app"), disk);
    if (lock !== undefined) return lock;
  }
  return undefined;
}

interface UpdateCase {
  readonly args: readonly string[];
  readonly update: Update;
  readonly edit?: (manifest: string) => string;
}

function packages(names: readonly string[], recursive: boolean): UpdateCase {
  return {
    args: recursive ? ["--recursive", ...names] : names,
    update: { kind: "packages", specs: names.map(parsePackageIdSpec), recursive },
  };
}

function updates(random: Random, lock: string): readonly UpdateCase[] {
  const locked = [...lock.matchAll(/^name = "(.*)"\nversion = "(.*)"\nsource/gm)].map(([, name, version]) => ({
    spec: `${name}@${version}`,
    version: version ?? "",
  }));
  const one = (): string => random.pick(locked).spec;
  const [first, second, third, fourth] = [one(), one(), one(), one()];
  const { spec, version } = random.pick(locked);
  const nothing: Update = { kind: "nothing" };
  return [
    { args: [], update: { kind: "everything" } },
    { args: ["--workspace"], update: nothing },
    packages([first], false),
    packages([...new Set([second, third])], false),
    packages([fourth], true),
    { args: ["--precise", version, spec], update: { kind: "precise", spec: parsePackageIdSpec(spec), to: version } },
    { args: ["--workspace"], update: nothing, edit: withNewDependency(lock) },
    { args: ["--workspace"], update: nothing, edit: withoutLastDependency },
  ];
}

/** A dependency on a package that the lockfile does not have, if it lacks one of these. */
function withNewDependency(lock: string): (text: string) => string {
  const name = ["arbitrary", "insta", "uuid", "tracing-log", "semver", "itoa"].find(
    (one) => !lock.includes(`name = "${one}"\n`),
  );
  return (text) => `${text}\n[dependencies.cargo-hub-extra]\npackage = "${name ?? "itoa"}"\nversion = "1"\n`;
}

/** Takes the last table of `[dependencies]` away that is not optional, so that no feature can name it. */
function withoutLastDependency(text: string): string {
  const tables = text.split(/^(?=\[\[?[A-Za-z'"])/m);
  const last = tables.findLastIndex(
    (table) => table.startsWith("[dependencies.") && !table.includes("optional = true"),
  );
  return tables.filter((_, at) => at !== last).join("");
}

interface Comparing {
  readonly old: string;
  readonly found: Corpus;
  readonly one: UpdateCase;
}

async function compareUpdate(world: CargoWorld, { old, found: { registry }, one }: Comparing): Promise<void> {
  const [lockPath, manifestPath] = [join(world.root, "app/Cargo.lock"), join(world.root, "app/Cargo.toml")];
  const manifest = readFileSync(manifestPath, "utf8");
  writeFileSync(lockPath, old);
  if (one.edit !== undefined) writeFileSync(manifestPath, one.edit(manifest));
  const cargo = await world.cargo("app", "update", ...one.args, "--offline");
  const theirs = readFileSync(lockPath, "utf8");
  writeFileSync(lockPath, old);
  if (/failed to parse manifest/.test(cargo.stderr)) {
    writeFileSync(manifestPath, manifest);
    return; // the edit does not suit this manifest
  }
  const ours = resolveDirectory(join(world.root, "app"), { registry, known }, one.update);
  writeFileSync(manifestPath, manifest);
  const shown = `update ${one.args.join(" ")}\n${cargo.stderr}\nours: ${JSON.stringify(ours.failure)}`;
  expect(ours.lock !== undefined, shown).toBe(cargo.ok);
  expect(ours.lock, shown).toBe(cargo.ok ? theirs : undefined);
  runs.updates += 1;
  if (!cargo.ok) runs.failures += 1;
  else if (theirs === old) runs.unchanged += 1;
}
