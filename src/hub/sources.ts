import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import {
  type CargoConfig,
  type ConfigOrigin,
  type ConfigPlace,
  compareSourceIds,
  configCandidates,
  cratesIoSparseRoot,
  effectiveSource,
  formatOrigin,
  formatSourceId,
  hookFor,
  isCratesIo,
  loadConfig,
  type SourceHook,
  type SourceId,
  sameSource,
} from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import type { HubToml } from "../formats/index.ts";
import {
  type HubSource,
  hubConfigText,
  hubLayout,
  includeLine,
  type PlacedSource,
  sourceTomlText,
  withCompatBlock,
} from "../plan/index.ts";
import { thisSystem } from "../store/index.ts";
import { userHome, variable } from "../system/index.ts";
import { addToArray, parsePrivateToml } from "../toml/index.ts";
import { isSwitchedOff, userConfigPath } from "./config-files.ts";
import { readText } from "./files.ts";
import type { FillScene } from "./fill-scene.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { loadHubToml } from "./load.ts";
import { type HubPlace, inHub, nearestHub } from "./locate.ts";
import { withNestedHooks } from "./nested-config.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Cargo's home: CARGO_HOME, made absolute, else `.cargo` in the user's home. */
export function cargoHome(env: Environment, cwd: string): string {
  const stated = variable(thisSystem, env, "CARGO_HOME");
  return stated === undefined ? join(userHome(thisSystem, env, homedir()), ".cargo") : resolve(cwd, stated);
}

/**
 * Cargo's configuration for the hub's directory as if no hub were there: what upstream is, and where a hub must hook.
 *
 * Of this hub's own hub.config.toml the text counts that it should have: it may be missing or damaged, and what mends it reads this.
 */
export function configWithoutHubs(
  place: HubPlace,
  env: Environment,
  { read = readText, cwd = place.root }: { readonly read?: typeof readText; readonly cwd?: string } = {},
): CargoConfig {
  const hubFile = `/.cargo/${hubLayout.sourceToml}`;
  const hubConfig = inHub(place, hubLayout.hubConfig);
  return loadConfig(configPlace(env, cwd, place.root), (path) => {
    if (path.replaceAll("\\", "/").endsWith(hubFile)) return undefined;
    if (path === hubConfig) return hubConfigText(loadHubToml(place));
    const text = read(path);
    return text === undefined ? undefined : withCompatBlock(text, []);
  });
}

/** What decides Cargo's configuration in `cwd`; a relative CARGO_HOME is one of `homeBase`. */
function configPlace(env: Environment, cwd: string, homeBase: string): ConfigPlace {
  return { cwd, cargoHome: cargoHome(env, homeBase), env, canonical: realPath };
}

/** Cargo's configuration for the hub's directory as cargo sees it. `read` may record what was read. */
export function configAsCargoSees(place: HubPlace, env: Environment, read = readText): CargoConfig {
  return loadConfig(configPlace(env, place.root, place.root), read);
}

/** What the hooks of a hub are made from, beside the crates' sources. */
export interface HookSettings {
  readonly env: Environment;
  readonly hubToml: HubToml;
}

/**
 * The sources of the wanted packages with the hooks that lead each of them into the hub.
 *
 * They are made for the hub's own config file alone when that is enough: it wins over files further away, so the hub works wherever it
 * is carried, and its bytes do not tell what the mirrors in somebody's CARGO_HOME are called.
 */
export function hubSources(place: HubPlace, all: readonly PlacedSource[], settings: HookSettings): HubSource[] {
  const { hubToml } = settings;
  const placed = distinctSources(all);
  const configIn = (directory: string): CargoConfig => configOfHubAlone(place, directory);
  return withNestedHooks(place, sourcesHere(place, placed, settings), { placed, hubToml, configIn });
}

function sourcesHere(place: HubPlace, placed: readonly PlacedSource[], { env, hubToml }: HookSettings): HubSource[] {
  try {
    const alone = hookedSources(placed, configOfHubAlone(place));
    checkEffective(place, placed, configAfter(place, { hubToml, sources: alone, env, cwd: place.root }));
    return alone;
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return hookedSources(placed, configWithoutHubs(place, env));
  }
}

/** In the order of the directories. Lockfiles may spell one source in two ways, but a configuration may name it only once. */
function distinctSources(placed: readonly PlacedSource[]): PlacedSource[] {
  return placed.toSorted(comparePlaced).filter(({ sourceId }, at, sorted) => {
    const before = sorted[at - 1];
    return before === undefined || !sameSource(before.sourceId, sourceId);
  });
}

/** Two sources at one commit share a directory. */
function hookedSources(placed: readonly PlacedSource[], config: CargoConfig): HubSource[] {
  const sources = new Map<string, HubSource & { readonly hooks: SourceHook[] }>();
  for (const { sourceId, name, directory } of placed) {
    const source = sources.get(directory) ?? { name, directory, hooks: [] };
    sources.set(directory, source);
    for (const hook of hookFor(config, sourceId)) {
      if (!source.hooks.some((known) => known.name === hook.name)) source.hooks.push(hook);
    }
  }
  return [...sources.values()];
}

function comparePlaced(a: PlacedSource, b: PlacedSource): number {
  if (a.directory !== b.directory) return a.directory < b.directory ? -1 : 1;
  return compareSourceIds(a.sourceId, b.sourceId) || (a.sourceId.url < b.sourceId.url ? -1 : 1);
}

/** {@link configWithoutHubs} of the hub's own directory, or of one below: nothing above the hub, no CARGO_HOME, no environment. */
function configOfHubAlone(place: HubPlace, cwd = place.root): CargoConfig {
  const [own = [], ...further] = configCandidates(place.root, place.dotCargo);
  const elsewhere = new Set(further.flat().filter((path) => !own.includes(path)));
  const read = (path: string): string | undefined => (elsewhere.has(path) ? undefined : readText(path));
  return configWithoutHubs(place, { CARGO_HOME: place.dotCargo }, { read, cwd });
}

/** A directory in which the user's own `[source]` chain of a source ends. */
export interface FolderEnd {
  readonly kind: "directory" | "local-registry";
  /** Absolute. */
  readonly path: string;
}

/** The directory from which a source's bytes are to come; undefined when they come from a registry. */
export function folderEnd(config: CargoConfig, sourceId: SourceId): FolderEnd | undefined {
  const { kind, location } = effectiveSource(config, sourceId).end;
  return kind === "directory" || kind === "local-registry" ? { kind, path: resolve(location) } : undefined;
}
/** A registry from which bytes can be fetched. */
export type RegistryEnd =
  /** `root` ends in a slash. */
  | { readonly kind: "sparse"; readonly root: string }
  /** The index is a git repository. */
  | { readonly kind: "git"; readonly url: string };

/**
 * The registry from which a source's bytes are to come: the end of the user's own `[source]` chain, else the source itself.
 *
 * @throws {HubRoomError} hub/upstream-unsupported when the chain ends in something that is no registry.
 */
export function registryEnd(config: CargoConfig, sourceId: SourceId): RegistryEnd {
  const { end } = effectiveSource(config, sourceId);
  if (end.kind === "default") return { kind: "sparse", root: end.location };
  if (end.kind === "sparse") return { kind: "sparse", root: end.location.replace(/^sparse\+/, "") };
  if (end.kind === "registry" && end.source !== undefined && isCratesIo(end.source))
    return { kind: "sparse", root: cratesIoSparseRoot() };
  if (end.kind === "registry") return { kind: "git", url: end.location };
  throw new HubRoomError({
    code: "hub/upstream-unsupported",
    what: `the source configuration leads to a ${end.kind} source, ${end.location}; crates can be fetched from registries only`,
    where: definedIn(end.definedIn, "Cargo's configuration"),
    help: "let the chain of `replace-with` end in a registry, such as `sparse+https://…`",
  });
}

function definedIn(origin: ConfigOrigin | undefined, otherwise: string): string {
  return origin === undefined ? otherwise : formatOrigin(origin);
}

/**
 * Checks, before anything is written, that the configuration to be written makes Cargo take the crates from the hub: in the hub's
 * directory, where the command was given, and beside each lockfile. Directories with a hub of their own are left to that. Mode
 * `cargo-home` has no such configuration.
 *
 * @throws {HubRoomError} hub/not-effective, hub/compat-conflict.
 */
export function checkEffectiveAfter(scene: FillScene, { env, cwd }: { env: Environment; cwd: string }): void {
  const { place, hubToml, sources, placed, lockfiles } = scene;
  if (hubToml.mode === "cargo-home" || isSwitchedOff(place)) return;
  if (hubToml.compat) checkCompatBlock(place, sources);
  for (const directory of new Set([place.root, cwd, ...lockfiles.map(({ absolute }) => dirname(absolute))])) {
    if (directory !== place.root && nearestHub(directory)?.root !== place.root) continue;
    checkEffective(place, placed, configAfter(place, { hubToml, sources, env, cwd: directory }));
  }
}

/** Checks that a block in config.toml would not open a table again. @throws {HubRoomError} hub/compat-conflict. */
export function checkCompatBlock(place: HubPlace, sources: readonly HubSource[]): void {
  const path = userConfigPath(place);
  const own = parsePrivateToml(withCompatBlock(readText(path) ?? "", []), path)["source"];
  const names = sources.flatMap(({ hooks }) => hooks.map(({ name }) => name));
  const twice = names.find((name) => typeof own === "object" && Object.hasOwn(own, name));
  if (twice === undefined) return;
  throw new HubRoomError({
    code: "hub/compat-conflict",
    what: `\`compat = true\` needs a \`replace-with\` in [source.${twice}], but that table is in this file already, and TOML opens a table only once`,
    where: path,
    help: "move the `[source]` tables into the config.toml of CARGO_HOME or of a directory above, or take `compat` out of hub.toml",
  });
}

type ConfigAfter = HookSettings & { readonly sources: readonly HubSource[]; readonly cwd: string };

/** Cargo's configuration in `cwd` as it will be when the hub is on with these hooks. */
export function configAfter(place: HubPlace, { env, hubToml, sources, cwd }: ConfigAfter): CargoConfig {
  const userConfig = userConfigPath(place);
  const included = addToArray(readText(userConfig) ?? "", { path: ["include"], value: includeLine }, userConfig);
  const written = new Map([
    [userConfig, withCompatBlock(included, hubToml.compat ? sources : [])],
    [inHub(place, hubLayout.hubConfig), hubConfigText(hubToml)],
    [inHub(place, hubLayout.sourceToml), hubToml.compat ? undefined : sourceTomlText(sources)],
  ]);
  return loadConfig(configPlace(env, cwd, place.root), (path) =>
    written.has(path) ? written.get(path) : readText(path),
  );
}

/** Refuses to fill a CARGO_HOME that is in use, unless asked to. @throws {HubRoomError} hub/cargo-home-in-use. */
export function guardCargoHome(
  place: HubPlace,
  { env, adopt }: { readonly env: Environment; readonly adopt: boolean },
): void {
  if (adopt || !isCargoHome(place, env) || nearHubFiles(place)) return;
  throw new HubRoomError({
    code: "hub/cargo-home-in-use",
    what: "this directory is the CARGO_HOME in use, not a project's own .cargo",
    where: place.dotCargo,
    help: "run it in a project, or add `--adopt` to make a hub of this CARGO_HOME; nothing in it will be lost",
  });
}

/** Whether the hub's directory is CARGO_HOME, by whatever path. */
export function isCargoHome(place: HubPlace, env: Environment): boolean {
  return realPath(place.dotCargo) === realPath(cargoHome(env, place.root));
}

/** With the spelling that the directories themselves have, where the case of letters does not count. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync.native(path) : resolve(path);
}

function nearHubFiles(place: HubPlace): boolean {
  return existsSync(inHub(place, hubLayout.hubLock)) || existsSync(inHub(place, hubLayout.hubToml));
}

/** Checks that Cargo, here, takes the crates of each source from this hub. @throws {HubRoomError} hub/not-effective. */
function checkEffective(place: HubPlace, placed: readonly PlacedSource[], config: CargoConfig): void {
  for (const { sourceId, name, directory } of placed) {
    const expected = inHub(place, directory);
    const { end, chain } = effectiveSource(config, sourceId);
    if (end.kind === "directory" && resolve(end.location) === expected) continue;
    throw new HubRoomError({
      code: "hub/not-effective",
      what: `Cargo would take ${formatSourceId(sourceId)} from ${end.kind} ${end.location} (by way of ${chain.join(" → ")}), not from ${expected}`,
      where: definedIn(end.definedIn, inHub(place, hubLayout.config)),
      help: `take the \`replace-with\` out of that file, or let it name ${name}`,
    });
  }
}
