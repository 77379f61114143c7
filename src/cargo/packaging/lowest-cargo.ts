import { HubError } from "../../errors/index.ts";
import { isTomlTable, newerTomlSyntax, parseExact, type TomlTable, type TomlValue } from "../../toml/index.ts";
import { manifestFacts } from "../manifest.ts";
import type { ManifestFacts } from "../manifest-facts.ts";
import { checkManifest, packageShape } from "./manifest-shape.ts";
import { tableIn, tablesIn, textIn, textsIn, valueIn } from "./plain-table.ts";
import { profileNeeds } from "./profile-needs.ts";

/** Which stable cargo can load a manifest that stands in a directory source. */
export type LowestCargo =
  /** All from `1.minor` on; `reason` names what needs it, and is absent where any will do. */
  | { readonly kind: "since"; readonly minor: number; readonly reason: string | undefined }
  | { readonly kind: "none"; readonly reason: string };

/** One thing in a manifest and the first minor version of stable cargo 1 that takes it; none where none does. */
export interface CargoNeed {
  readonly minor: number | undefined;
  readonly reason: string;
}

const EDITIONS: ReadonlyMap<string, number> = new Map([
  ["2015", 0],
  ["2018", 31],
  ["2021", 56],
  ["2024", 85],
]);

/** Names that `cargo-features` may hold although they are stable by now: since when they are. */
const STABLE_FEATURES: ReadonlyMap<string, number> = new Map([
  ["edition", 31],
  ["rename-dependency", 31],
  ["alternative-registries", 34],
  ["default-run", 37],
  ["profile-overrides", 41],
  ["resolver", 51],
  ["rust-version", 56],
  ["edition2021", 56],
  ["named-profiles", 57],
  ["strip", 59],
  ["workspace-inheritance", 64],
  ["edition2024", 85],
]);

const RESOLVERS: ReadonlyMap<string, number> = new Map([
  ["1", 51],
  ["2", 51],
  ["3", 84],
]);

/** Keys of `[package]` that cargo has had as unstable features for years. */
const UNSTABLE_PACKAGE_KEYS = ["metabuild", "im-a-teapot", "default-target", "forced-target"];
/** Keys of a dependency that are only understood with `-Z bindeps`. */
const UNSTABLE_DEPENDENCY_KEYS = ["artifact", "lib", "target"];

/**
 * The lowest stable cargo that can load this manifest as that of a registry's package. One manifest that cargo can not
 * load makes a whole directory source unusable, so such a package has to stand where cargo does not look.
 *
 * Facts of cargo 1.31 to 1.95. Files beside the manifest are not asked about.
 */
export function lowestCargo(text: string): LowestCargo {
  const manifest = readManifest(text);
  return "unreadable" in manifest ? { kind: "none", reason: manifest.unreadable } : lowestFor(manifest, 0);
}

interface ReadManifest {
  readonly text: string;
  /** As it stands in the text; every value that cargo knows is of its kind. */
  readonly values: TomlTable;
  readonly facts: ManifestFacts;
}

function readManifest(text: string): ReadManifest | { readonly unreadable: string } {
  try {
    const values = parseExact(text, at);
    checkManifest(values, { text, at });
    return { text, values, facts: manifestFacts({ document: { text, at }, path: [], values }) };
  } catch (error) {
    if (error instanceof HubError) return { unreadable: error.what };
    throw error;
  }
}

const at = "Cargo.toml";

/** @param served A cargo that has to load it: what it needs of older ones is not looked for. */
function lowestFor(manifest: ReadManifest, served: number): LowestCargo {
  let lowest: LowestCargo = { kind: "since", minor: 0, reason: undefined };
  for (const { minor, reason } of needsOf(manifest, served)) {
    if (minor === undefined) return { kind: "none", reason };
    if (minor > lowest.minor) lowest = { kind: "since", minor, reason };
  }
  return lowest;
}

/** The newest cargo whose rules {@link lowestCargo} knows. */
const NEWEST_MINOR = 95;

/** Whether cargo can load a package's manifest, and what it says. */
export interface JudgedManifest {
  /** Undefined when it can not be read at all; then there is a reason. */
  readonly facts: ManifestFacts | undefined;
  /** Why the package has to be kept out of cargo's sight, for people; undefined when it has not. */
  readonly reason: string | undefined;
}

/**
 * Reads the manifest of a package for a directory source.
 *
 * @param rustVersion The lowest cargo that has to be served, such as `1.70` or `1.70.1`; the newest known without it.
 */
export function judgeManifest(text: string, rustVersion: string | undefined): JudgedManifest {
  const manifest = readManifest(text);
  if ("unreadable" in manifest) return { facts: undefined, reason: noCargo(manifest.unreadable) };
  const served = rustVersion === undefined ? NEWEST_MINOR : Number(/^1\.(\d+)/.exec(rustVersion)?.[1] ?? 0);
  const lowest = lowestFor(manifest, served);
  const { facts } = manifest;
  if (lowest.kind === "none") return { facts, reason: noCargo(lowest.reason) };
  if (lowest.minor <= served) return { facts, reason: undefined };
  return { facts, reason: `its manifest needs cargo 1.${lowest.minor}: ${String(lowest.reason)}` };
}

function noCargo(reason: string): string {
  return `no stable cargo can load its manifest: ${reason}`;
}

const TOML_1_1_MINOR = 94;

function* needsOf({ text, values, facts }: ReadManifest, served: number): Generator<CargoNeed> {
  if (facts.isVirtual) yield none("it is a workspace and no package");
  const newer = served < TOML_1_1_MINOR ? newerTomlSyntax(text) : undefined;
  if (newer !== undefined) yield { minor: TOML_1_1_MINOR, reason: newer };
  for (const feature of textsIn(values, "cargo-features")) {
    yield { minor: STABLE_FEATURES.get(feature), reason: `cargo-features has "${feature}"` };
  }
  yield* packageNeeds(packageIn(values), facts);
  yield* targetNeeds(values);
  for (const dependencies of dependencyTablesOf(values)) yield* dependencyNeeds(dependencies);
  for (const feature of facts.features.values()) {
    const newerValue = feature.find((value) => value.startsWith("dep:") || value.includes("?/"));
    if (newerValue !== undefined) yield { minor: 60, reason: `a feature with "${newerValue}"` };
  }
  yield* inheritanceNeeds(values, facts);
  yield* profileNeeds(tableIn(values, "profile"));
}

function packageIn(values: TomlTable): TomlTable {
  return tableIn(values, "package") ?? tableIn(values, "project") ?? {};
}

function none(reason: string): CargoNeed {
  return { minor: undefined, reason };
}

function* packageNeeds(details: TomlTable, facts: ManifestFacts): Generator<CargoNeed> {
  const { edition, rustVersion, resolver } = facts;
  if (edition !== undefined) yield { minor: EDITIONS.get(edition), reason: `edition ${edition}` };
  if (rustVersion !== undefined) yield { minor: 56, reason: "rust-version" };
  const first = EDITIONS.get(edition ?? "2015") ?? 0;
  const stated = /^(\d+)(?:\.(\d+))?/.exec(rustVersion ?? "");
  if (stated !== null && stated[1] === "1" && stated[2] !== undefined && Number(stated[2]) < first) {
    yield none(`rust-version ${String(rustVersion)} is older than edition ${String(edition)}`);
  }
  if (resolver !== undefined) yield { minor: RESOLVERS.get(resolver), reason: `resolver "${resolver}"` };
  if (Object.hasOwn(details, "default-run")) yield { minor: 37, reason: "default-run" };
  if (!Object.hasOwn(details, "version")) yield { minor: isPublic(details) ? undefined : 75, reason: "no version" };
  if (facts.links !== undefined && valueIn(details, "build") === false) yield none("links without a build script");
  if (Array.isArray(valueIn(details, "build"))) yield none("several build scripts");
  for (const key of UNSTABLE_PACKAGE_KEYS) if (Object.hasOwn(details, key)) yield none(`the unstable key ${key}`);
}

/** Whether `publish` asks for a version. */
function isPublic(details: TomlTable): boolean {
  const publish = valueIn(details, "publish");
  return publish === true || textsIn(details, "publish").length > 0;
}

function* targetNeeds(values: TomlTable): Generator<CargoNeed> {
  const targets = [
    tableIn(values, "lib"),
    ...["bin", "example", "test", "bench"].flatMap((kind) => tablesIn(values, kind)),
  ];
  for (const target of targets) {
    const edition = textIn(target, "edition");
    if (edition !== undefined) yield { minor: EDITIONS.get(edition), reason: `a target of edition ${edition}` };
  }
  if (tablesIn(values, "bin").some((program) => Object.hasOwn(program, "filename")))
    yield none("the unstable key filename");
}

function* dependencyTablesOf(values: TomlTable): Generator<TomlTable> {
  const platforms = Object.values(tableIn(values, "target") ?? {}).filter(isTomlTable);
  for (const place of [values, ...platforms]) {
    for (const key of [
      "dependencies",
      "dev-dependencies",
      "dev_dependencies",
      "build-dependencies",
      "build_dependencies",
    ]) {
      const table = tableIn(place, key);
      if (table !== undefined) yield table;
    }
  }
}

function* dependencyNeeds(dependencies: TomlTable): Generator<CargoNeed> {
  for (const [name, dependency] of Object.entries(dependencies)) {
    if (!isTomlTable(dependency)) continue;
    const has = (key: string): boolean => Object.hasOwn(dependency, key);
    if (has("package")) yield { minor: 31, reason: `the renamed dependency ${name}` };
    if (has("registry") || has("registry-index")) {
      yield { minor: 34, reason: `the other registry of dependency ${name}` };
    }
    if (has("public")) yield { minor: 78, reason: `the key public of dependency ${name}` };
    for (const key of UNSTABLE_DEPENDENCY_KEYS) {
      if (has(key)) yield none(`the unstable key ${key} of dependency ${name}`);
    }
  }
}

/** What says `workspace = true`: in a package that is its own workspace since 1.64, elsewhere never. */
function* inheritanceNeeds(values: TomlTable, facts: ManifestFacts): Generator<CargoNeed> {
  const shared = [...sharedNames(values)][0];
  if (shared === undefined) return;
  const reason = `${shared} is taken from a workspace`;
  yield { minor: facts.workspace === undefined ? undefined : 64, reason };
}

function* sharedNames(values: TomlTable): Generator<string> {
  for (const [key, value] of Object.entries(packageIn(values)))
    if (key !== "metadata" && packageShape.keys.has(key) && isShared(value)) yield key;
  for (const dependencies of dependencyTablesOf(values)) {
    for (const [name, dependency] of Object.entries(dependencies)) if (isShared(dependency)) yield `dependency ${name}`;
  }
  if (valueIn(tableIn(values, "lints"), "workspace") === true) yield "lints";
}

function isShared(value: TomlValue): boolean {
  return isTomlTable(value) && Object.hasOwn(value, "workspace");
}
