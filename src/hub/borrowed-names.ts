import { sep } from "node:path";
import { type ConfigOrigin, formatOrigin, isCratesIo, lockedDependencies, type SourceId } from "../cargo/index.ts";
import type { FillScene } from "./fill-scene.ts";
import { parseLockfiles } from "./load.ts";
import { cargoHome, type Environment } from "./sources.ts";

/**
 * Advice about registries that the project's own manifests name, but whose names only this user's settings know. Cargo can not
 * even read such a manifest where those settings are missing, so the hub would not work there.
 */
export function borrowedNames({ config, lockfiles, place, wanted }: FillScene, env: Environment): string[] {
  if (wanted.every(({ sourceId }) => isCratesIo(sourceId))) return [];
  const home = `${cargoHome(env, place.root)}${sep}`;
  const isBorrowed = (origin: ConfigOrigin): boolean =>
    origin.kind === "environment" ||
    (origin.kind === "file" && origin.path.startsWith(home) && !origin.path.startsWith(`${place.dotCargo}${sep}`));
  return directRegistries(lockfiles).flatMap((index) => {
    const known = namesOf(config.root.value.get("registries"), env, index);
    const [first] = known;
    if (first === undefined || known.some(({ origin }) => !isBorrowed(origin))) return [];
    return [
      `the registry ${first.name} has its name only from ${formatOrigin(first.origin)}, and without it Cargo can not read a Cargo.toml that names it; ` +
        `put \`[registries.${first.name}]\` with \`index = "${index}"\` into .cargo/config.toml of the project`,
    ];
  });
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

interface NamedBy {
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
