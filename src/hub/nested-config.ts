import { dirname, resolve } from "node:path";
import { type CargoConfig, effectiveSource, hookFor, type SourceHook, type SourceId } from "../cargo/index.ts";
import type { HubToml } from "../formats/index.ts";
import type { HubSource, PlacedSource } from "../plan/index.ts";
import { type HubPlace, isBelow } from "./locate.ts";

/** The one name that needs no location. */
const cratesIoName = "crates-io";

/** What the hooks for nested configuration are made from. */
export interface NestedHooks {
  readonly placed: readonly PlacedSource[];
  readonly hubToml: HubToml;
  /** Cargo's configuration in a directory below the hub's, read from nothing but the files between the two. */
  readonly configIn: (directory: string) => CargoConfig;
}

/**
 * Hooks more ends of chains: a project that shares the hub may replace a source in a config.toml of its own, which Cargo puts before the
 * hub's. What the hub says is read in other directories as well, so each of these hooks brings its location.
 */
export function withNestedHooks(
  place: HubPlace,
  sources: readonly HubSource[],
  { placed, hubToml, configIn }: NestedHooks,
): HubSource[] {
  const hooks = new Map(sources.map(({ directory, hooks: own }) => [directory, [...own]]));
  for (const directory of sharingDirectories(place, hubToml)) {
    const config = configIn(directory);
    for (const { sourceId, directory: source } of placed) {
      const known = hooks.get(source) ?? [];
      for (const hook of locatedHooks(config, sourceId))
        if (!known.some(({ name }) => name === hook.name)) known.push(hook);
    }
  }
  return sources.map((source) => ({ ...source, hooks: hooks.get(source.directory) ?? source.hooks }));
}

/**
 * The directories below the hub's in which a lockfile of it stands, sorted. A hub of their own does no harm: it goes first while it is on,
 * because all hubs call their directory by one name.
 */
function sharingDirectories(place: HubPlace, { lockfiles }: HubToml): string[] {
  const directories = new Set(lockfiles.map((path) => dirname(resolve(place.root, path))));
  return [...directories].filter((directory) => isBelow(directory, place.root)).toSorted();
}

/** A hook where Cargo would fetch; what lies on a disk already, in a directory or a local registry, is somebody's own wish. */
function locatedHooks(config: CargoConfig, sourceId: SourceId): SourceHook[] {
  const { end } = effectiveSource(config, sourceId);
  return hookFor(config, sourceId).flatMap((hook) => {
    if (hook.name === cratesIoName || hook.location !== undefined) return [hook];
    if (end.kind !== "sparse" && end.kind !== "registry") return [];
    return [{ name: hook.name, location: { key: "registry", value: end.location } }];
  });
}
