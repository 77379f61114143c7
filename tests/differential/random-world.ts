import { matchesRequirement, parseRequirement, parseVersion } from "../../src/semver/index.ts";
import { type Random, seeded } from "../faults/random.ts";
import type { DependencySpec, LocalSpec, PackageSpec, PublishedSpec, WorldSpec } from "./world-spec.ts";

const VERSIONS = [
  ["0.0.1", "0.0.2", "0.1.0", "0.1.1", "0.2.0", "0.2.5"],
  ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.10.0", "2.0.0", "2.1.0"],
  ["1.0.0", "1.1.0-alpha.1", "1.1.0-beta.2", "1.1.0", "1.2.0-rc.1"],
  ["1.0.0+a", "1.0.0+b", "1.0.1", "1.1.0+20", "1.1.0+3"],
  ["0.9.0", "1.0.0", "1.5.0", "2.0.0", "3.0.0", "3.0.1"],
];
const TARGETS = ["cfg(unix)", "cfg(windows)", 'cfg(all(unix, not(target_os = "macos")))', "x86_64-pc-windows-msvc"];
const FEATURES = ["fast", "safe", "std"];

/** True in `percent` of a hundred cases. */
function chance(random: Random, percent: number): boolean {
  return random.below(100) < percent;
}

function some<Item>(random: Random, items: readonly Item[], percent: number): Item[] {
  return items.filter(() => chance(random, percent));
}

/** What can be depended on. */
interface Shelf {
  readonly name: string;
  readonly lines: readonly Line[];
  /** Features that nearly all versions have. */
  readonly features: readonly string[];
}

type Line = Pick<PublishedSpec, "version" | "yanked" | "fault" | "isLater">;

/**
 * A registry and a workspace made from a seed, small but tangled: several majors, pre-releases, build metadata, exact and
 * narrow requirements, features of every kind, optional and renamed dependencies, native libraries, yanked and broken lines.
 */
export function randomWorld(seed: number): WorldSpec {
  const random = seeded(seed);
  const shelves = Array.from({ length: 4 + random.below(11) }, (_, at): Shelf => {
    const pool = random.pick(VERSIONS);
    const versions = some(random, pool, 50 + random.below(50));
    const lines = (versions.length === 0 ? [random.pick(pool)] : versions).map((version) => lineOf(random, version));
    return { name: `c${at}`, lines, features: some(random, [...FEATURES, "default"], 60) };
  });
  const published = shelves.flatMap((shelf, at) =>
    shelf.lines.flatMap((line) => publications(random, { shelf, line }, below(random, shelves, at))),
  );
  return { seed, published, ...workspaceOf(random, shelves) };
}

function lineOf(random: Random, version: string): Line {
  const faults = ["no-such-feature", "bad-requirement", "newer-schema", "not-json"] as const;
  return {
    version,
    yanked: chance(random, 8),
    fault: chance(random, 5) ? random.pick(faults) : undefined,
    isLater: chance(random, 20),
  };
}

/** What a package may depend on: those behind it, and now and then anything, which can make a circle. */
function below(random: Random, shelves: readonly Shelf[], at: number): readonly Shelf[] {
  return random.below(1000) < 4 ? shelves : shelves.slice(at + 1);
}

interface Publication {
  readonly shelf: Shelf;
  readonly line: Line;
}

function publications(random: Random, { shelf, line }: Publication, shelves: readonly Shelf[]): PublishedSpec[] {
  const { name, features } = shelf;
  const making = { shelves, most: 4 + random.below(4), devAllowed: true };
  const make = (): PublishedSpec => ({
    ...packageSpec(random, { name, version: line.version, features }, making),
    ...line,
  });
  return chance(random, 2) ? [make(), make()] : [make()];
}

interface Making {
  readonly shelves: readonly Shelf[];
  /** Most dependencies. */
  readonly most: number;
  readonly devAllowed: boolean;
}

interface Identity {
  readonly name: string;
  readonly version: string;
  readonly features: readonly string[];
}

function packageSpec(random: Random, { name, version, features }: Identity, making: Making): PackageSpec {
  const dependencies = dependenciesOf(random, making);
  return {
    name,
    version,
    dependencies,
    features: featuresOf(random, some(random, features, 98), { dependencies, shelves: making.shelves }),
    links: chance(random, 7) ? random.pick(["z", "ssl"]) : undefined,
    rustVersion: chance(random, 25) ? random.pick(["1.50", "1.60.1", "1.70", "1.85", "1.99"]) : undefined,
  };
}

function dependenciesOf(random: Random, { shelves, most, devAllowed }: Making): DependencySpec[] {
  if (shelves.length === 0) return [];
  const keys = new Set<string>();
  return Array.from({ length: random.below(most + 1) }, () => random.pick(shelves)).flatMap((shelf) => {
    const isRenamed = chance(random, 8) || keys.has(shelf.name);
    const key = isRenamed ? `${shelf.name}-as-${keys.size}` : shelf.name;
    keys.add(key);
    const kind = chance(random, 80)
      ? "normal"
      : random.pick(devAllowed ? (["dev", "build"] as const) : (["build"] as const));
    return [
      {
        key,
        name: shelf.name,
        requirement: requirementOn(random, shelf),
        kind,
        target: chance(random, 12) ? random.pick(TARGETS) : undefined,
        optional: kind !== "dev" && chance(random, 30),
        defaultFeatures: !chance(random, 20),
        features: random.below(1000) < 6 ? [random.pick(FEATURES)] : some(random, shelf.features, 15),
      },
    ];
  });
}

/** Nearly always one that some version fulfils which can be had. */
function requirementOn(random: Random, { lines }: Shelf): string {
  const isWild = random.below(1000) < 8;
  const solid = lines.filter(({ yanked, fault, isLater }) => !yanked && fault === undefined && !isLater);
  const versions = (solid.length === 0 ? lines : solid).map(({ version }) => version);
  for (let tries = 0; ; tries += 1) {
    const text = requirementText(random, chance(random, 85) ? versions : lines.map(({ version }) => version));
    const requirement = parseRequirement(text);
    const isFulfilled = versions.some((version) => matchesRequirement(requirement, parseVersion(version)));
    if (isWild || isFulfilled || tries > 20) return text;
  }
}

function requirementText(random: Random, versions: readonly string[]): string {
  const plain = random.pick(versions).replace(/\+.*/, "");
  const [major = "0", minor = "0"] = plain.split(".");
  const form = random.below(100);
  if (form < 35) return `^${plain}`;
  if (form < 50) return `^${major}.${minor}`;
  if (form < 64) return `^${major}`;
  if (form < 78) return `=${plain}`;
  if (form < 82) return `~${plain}`;
  if (form < 88) return `>=${plain}`;
  if (form < 91) return `>=0.0.1, <${plain}`;
  return form < 96 ? `<=${plain}` : "*";
}

/** Features that name other features, optional dependencies in all ways, and features of dependencies. */
function featuresOf(
  random: Random,
  names: readonly string[],
  { dependencies, shelves }: { readonly dependencies: readonly DependencySpec[]; readonly shelves: readonly Shelf[] },
): Record<string, string[]> {
  const optional = dependencies.filter((dependency) => dependency.optional);
  const hidden = optional.filter(() => chance(random, 30)).map(({ key }) => key);
  const features: Record<string, string[]> = {};
  for (const [at, own] of names.entries()) {
    const later = names.slice(at + 1).filter((other) => other !== "default");
    const values = some(random, later, 30);
    for (const { key, name, optional: isOptional, kind } of dependencies) {
      if (kind === "dev" || !chance(random, 25)) continue;
      const known = shelves.find((shelf) => shelf.name === name)?.features ?? [];
      const feature = random.pick(known.length === 0 || random.below(1000) < 6 ? FEATURES : known);
      const forms = [`dep:${key}`, `${key}/${feature}`, `${key}?/${feature}`];
      const usable = known.length === 0 ? forms.slice(0, 1) : forms;
      if (isOptional) values.push(random.pick(usable));
      else if (known.length > 0) values.push(`${key}/${feature}`);
    }
    features[own] = values;
  }
  for (const key of hidden) features[`with-${key}`] = [`dep:${key}`];
  return features;
}

type Workspace = Omit<WorldSpec, "seed" | "published">;

/** Mostly a version that the registry has too. */
function patchVersion(random: Random, { lines }: Shelf): string {
  return chance(random, 70) ? random.pick(lines).version : random.pick(random.pick(VERSIONS));
}

interface Changeable {
  readonly near: readonly LocalSpec[];
  readonly patches: readonly LocalSpec[];
}

/** Packages with manifests get other versions, patches go. */
function changes(random: Random, { near, patches }: Changeable): WorldSpec["later"] {
  const isGone = chance(random, 30);
  const kept = isGone ? [] : patches.map((patch) => (chance(random, 30) ? { ...patch, version: "1.1.0" } : patch));
  const moved = near.map((one) => (chance(random, 30) ? { ...one, version: "0.3.2" } : one));
  return { others: [...moved, ...kept], patches: kept };
}

function workspaceOf(random: Random, shelves: readonly Shelf[]): Workspace {
  const edition = random.pick(["2018", "2021", "2024"] as const);
  const local = (
    name: string,
    more: { version?: string; directory?: string; extra?: readonly DependencySpec[] },
  ): LocalSpec => {
    const making = { shelves, most: 4 + random.below(6), devAllowed: true };
    const made = packageSpec(random, { name, version: more.version ?? "0.1.0", features: FEATURES }, making);
    return {
      ...made,
      dependencies: [...made.dependencies, ...(more.extra ?? [])].filter(isFirstOfItsKind),
      links: chance(random, 3) ? "z" : undefined,
      directory: more.directory ?? name,
      edition,
    };
  };
  const near = chance(random, 15) ? [local("near", { version: random.pick(["0.3.0", "0.3.1-rc.1"]) })] : [];
  const toNear = near.map(({ name }) => pathDependency(name));
  const patches = chance(random, 20)
    ? [random.pick(shelves)].map((shelf) =>
        local(shelf.name, { version: patchVersion(random, shelf), directory: `patched-${shelf.name}` }),
      )
    : [];
  const others = { others: [...near, ...patches], patches, later: changes(random, { near, patches }) };
  const added = chance(random, 50) ? dependenciesOf(random, { shelves, most: 3, devAllowed: false })[0] : undefined;
  const resolver = chance(random, 50) ? random.pick(["1", "2", "3"] as const) : undefined;
  if (chance(random, 70)) {
    const app = local("app", { directory: "app", extra: toNear });
    return { members: [app], ...others, resolver, root: "app", workspace: undefined, added };
  }
  const names = ["m1", "m2", "m3"].slice(0, 1 + random.below(3));
  const members: LocalSpec[] = [];
  for (const name of names) {
    const to = members.slice(0, 1).map((other) => pathDependency(`../${other.name}`));
    members.push(local(name, { directory: `app/${name}`, extra: chance(random, 40) ? to : [] }));
  }
  return { members, ...others, resolver, root: undefined, workspace: names, added };
}

function pathDependency(path: string): DependencySpec {
  const name = path.replace(/.*\//, "");
  return {
    key: name,
    name,
    requirement: undefined,
    path: path.startsWith("..") ? path : `../${path}`,
    kind: "normal",
    target: undefined,
    optional: false,
    defaultFeatures: true,
    features: [],
  };
}

/** One table of a manifest can not hold a key twice. */
function isFirstOfItsKind(one: DependencySpec, at: number, all: readonly DependencySpec[]): boolean {
  return all.findIndex(({ key, kind, target }) => key === one.key && kind === one.kind && target === one.target) === at;
}
