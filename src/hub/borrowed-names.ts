import { sep } from "node:path";
import {
  type CargoConfig,
  type ConfigOrigin,
  formatOrigin,
  isCratesIo,
  lockedDependencies,
  type SourceId,
} from "../cargo/index.ts";
import type { FillScene } from "./fill-scene.ts";
import { parseLockfiles } from "./load.ts";
import { cargoHome, type Environment } from "./sources.ts";

/**
 * Advice about registries that the project's own manifests name, but whose names only this user's settings know. Cargo can not
 * even read such a manifest where those settings are missing, so the hub would not work there.
 */
export function borrowedNames(scene: FillScene, env: Environment): string[] {
  const { config, place } = scene;
  const home = `${cargoHome(env, place.root)}${sep}`;
  const isBorrowed = (origin: ConfigOrigin): boolean =>
    origin.kind === "environment" ||
    (origin.kind === "file" && origin.path.startsWith(home) && !origin.path.startsWith(`${place.dotCargo}${sep}`));
  return [...registryNames(scene, config, env)].flatMap(([index, known]) => {
    const [first] = known;
    if (first === undefined || known.some(({ origin }) => !isBorrowed(origin))) return [];
    return [
      `the registry ${first.name} has its name only from ${formatOrigin(first.origin)}, and without it Cargo can not read a Cargo.toml that names it; ` +
        `put \`[registries.${first.name}]\` with \`index = "${index}"\` into .cargo/config.toml of the project`,
    ];
  });
}

/** The registries that the projects themselves take something from, by their index → the names that a configuration and variables give each. */
export function registryNames(
  { lockfiles, wanted }: Pick<FillScene, "lockfiles" | "wanted">,
  config: CargoConfig,
  env: Environment,
): ReadonlyMap<string, readonly NamedBy[]> {
  if (wanted.every(({ sourceId }) => isCratesIo(sourceId))) return new Map();
  const registries = config.root.value.get("registries");
  return new Map(directRegistries(lockfiles).map((index) => [index, namesOf(registries, env, index)]));
}

/** The registries from which the projects themselves, not only their dependencies, take something. */
function directRegistries(lockfiles: FillScene["lockfiles"]): string[] {
  const direct = new Set<string>();
  for (const { path, lockfile } of parseLockfiles(lockfiles)) {
    for (const [index, dependencies] of lockedDependencies(lockfile, path).entries()) {
      if (lockfile.packages[index]?.source !== undefined) continue;
      for (const dependency of dependencies) {
        const source = lockfile.packages[dependency]?.source;
        if (source !== undefined && isNamed(source)) direct.add(indexOf(source));
      }
    }
  }
  return [...direct];
}

function isNamed(source: SourceId): boolean {
  return (source.kind === "sparse" || source.kind === "registry") && !isCratesIo(source);
}

function indexOf({ kind, url }: SourceId): string {
  return kind === "sparse" ? `sparse+${url}` : url;
}

/** A name of a registry and where it is given. */
export interface NamedBy {
  readonly name: string;
  readonly origin: ConfigOrigin;
}

function namesOf(
  registries: ReturnType<FillScene["config"]["root"]["value"]["get"]>,
  env: Environment,
  index: string,
): NamedBy[] {
  const variables = Object.entries(env).flatMap(([variable, value]): NamedBy[] => {
    const name = /^CARGO_REGISTRIES_(.+)_INDEX$/.exec(variable)?.[1];
    if (name === undefined || value !== index) return [];
    return [{ name: name.toLowerCase(), origin: { kind: "environment", name: variable } }];
  });
  if (registries?.kind !== "table") return variables;
  const tables = [...registries.value].flatMap(([name, table]): NamedBy[] => {
    const own = table.kind === "table" ? table.value.get("index") : undefined;
    return own?.kind === "string" && own.value === index ? [{ name, origin: own.origin }] : [];
  });
  return [...tables, ...variables];
}
