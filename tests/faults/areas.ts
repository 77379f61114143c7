import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Area } from "../../src/hub/index.ts";
import { filesBelow } from "./disk.ts";
import type { World } from "./world.ts";

/** A kind of files that a hub or its store owns. */
export interface OwnedArea {
  readonly name: string;
  /** How a report calls it. */
  readonly area: Area;
  /** Absolute paths; none is empty. */
  readonly files: readonly string[];
}

const isMark = (path: string): boolean => /\/\.cargo-(?:ok|checksum\.json)$/.test(path);

const isCache = (path: string): boolean => path.includes("/.cache/");
const isConfig = (path: string): boolean => /\/config\.json(?:\.sha256)?$/.test(path);

/** Every owned area of a filled hub with the files in it. */
export function ownedAreas({ hub, store }: Pick<World, "hub" | "store">): OwnedArea[] {
  const registry = filesBelow(join(hub, "registry"));
  const below = (part: string): string[] => registry.filter((path) => path.startsWith(join(hub, "registry", part)));
  const index = below("index");
  const areas: OwnedArea[] = [
    { name: "raw index", area: "index", files: index.filter((path) => !isCache(path) && !isConfig(path)) },
    { name: "cache index", area: "index-cache", files: index.filter(isCache) },
    { name: "crates", area: "crate", files: below("cache") },
    { name: "sources", area: "source", files: below("src").filter((path) => !isMark(path)) },
    { name: "checksum files", area: "checksum-file", files: below("src").filter(isMark) },
    { name: "source.toml", area: "source-toml", files: [join(hub, "registry/source.toml")] },
    { name: "hub.config.toml", area: "config", files: [join(hub, "hub.config.toml")] },
    { name: "hub.lock", area: "hub-lock", files: [join(hub, "hub.lock")] },
    { name: "registry config", area: "registry-config", files: index.filter(isConfig) },
    { name: "store crates", area: "store-crate", files: filesBelow(join(store, "crates")) },
    { name: "store trees", area: "store-tree", files: filesBelow(join(store, "trees")) },
  ];
  return areas.map((area) => ({ ...area, files: area.files.filter((path) => lstatSync(path).size > 0) }));
}

/** One of {@link ownedAreas}. */
export function ownedArea(world: Pick<World, "hub" | "store">, name: string): OwnedArea {
  const found = ownedAreas(world).find((area) => area.name === name);
  if (found === undefined || found.files.length === 0) throw new Error(`the hub has no ${name}`);
  return found;
}

/** Each area with each way in which its files may stand to the store's; files that only the hub has stand in one way. */
export function areaRows(): (readonly [name: (typeof areaNames)[number], kind: "linked" | "copied"])[] {
  return areaNames.flatMap((name) =>
    /index|toml|hub.lock|config/.test(name)
      ? [[name, "linked"] as const]
      : [[name, "linked"] as const, [name, "copied"] as const],
  );
}

/** Names of the areas, in the order of {@link ownedAreas}. */
export const areaNames = [
  "raw index",
  "cache index",
  "crates",
  "sources",
  "checksum files",
  "source.toml",
  "hub.config.toml",
  "hub.lock",
  "registry config",
  "store crates",
  "store trees",
] as const;
