import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { HubToml } from "../formats/index.ts";
import {
  type HubSource,
  hasCompatBlock,
  hubConfigText,
  hubLayout,
  includeLine,
  sourceTomlText,
  withCompatBlock,
  withIgnoredPaths,
} from "../plan/index.ts";
import { addToArray } from "../toml/index.ts";
import { ensureFile, readText } from "./files.ts";
import { type HubPlace, inHub } from "./locate.ts";

/** The configuration files of a hub as they should be. */
export interface HubConfig {
  readonly hubToml: HubToml;
  readonly sources: readonly HubSource[];
}

/** The config file that cargo reads in this hub: a legacy `config` beats config.toml. */
export function userConfigPath(place: HubPlace): string {
  const legacy = join(place.dotCargo, "config");
  return existsSync(legacy) ? legacy : inHub(place, hubLayout.config);
}

/** Whether the hub is switched on. */
export function isOn(place: HubPlace, hubToml: HubToml): boolean {
  if (hubToml.mode === "cargo-home") return false;
  if (hubToml.compat) return hasCompatBlock(readText(userConfigPath(place)) ?? "");
  return existsSync(inHub(place, hubLayout.sourceToml));
}

/** Writes what must stand in the committed files and .gitignore; every other byte of the user's files is kept. */
export function writeCommittedConfig(place: HubPlace, { hubToml }: HubConfig): void {
  ensureFile(inHub(place, hubLayout.hubConfig), hubConfigText(hubToml));
  const path = userConfigPath(place);
  ensureFile(path, addToArray(readText(path) ?? "", { path: ["include"], value: includeLine }, path));
  const ignore = inHub(place, hubLayout.gitignore);
  ensureFile(ignore, withIgnoredPaths(readText(ignore) ?? ""));
}

/** Whether somebody switched the hub off; a source.toml that is merely missing is written again by the next fill. */
export function isSwitchedOff(place: HubPlace): boolean {
  return existsSync(inHub(place, hubLayout.off));
}

/** Switches the source replacement on. In mode `cargo-home` there is none: CARGO_HOME does it. */
export function switchOn(place: HubPlace, { hubToml, sources }: HubConfig): void {
  const sourceToml = inHub(place, hubLayout.sourceToml);
  rmSync(inHub(place, hubLayout.off), { force: true });
  if (hubToml.mode === "cargo-home") {
    rmSync(sourceToml, { force: true });
    return;
  }
  const path = userConfigPath(place);
  if (hubToml.compat) {
    rmSync(sourceToml, { force: true });
    ensureFile(path, withCompatBlock(readText(path) ?? "", sources));
    return;
  }
  removeCompatBlock(path);
  ensureFile(sourceToml, sourceTomlText(sources));
}

/** Switches it off. @returns whether it was on. */
export function switchOff(place: HubPlace): boolean {
  const sourceToml = inHub(place, hubLayout.sourceToml);
  const wasOn = existsSync(sourceToml);
  ensureFile(inHub(place, hubLayout.off), "");
  rmSync(sourceToml, { force: true });
  return removeCompatBlock(userConfigPath(place)) || wasOn;
}

function removeCompatBlock(path: string): boolean {
  const text = readText(path);
  if (text === undefined || !hasCompatBlock(text)) return false;
  ensureFile(path, withCompatBlock(text, []));
  return true;
}

/** An empty tag stops cargo from writing one that makes back-up tools skip the hub; a tag that is there is left alone. */
export function writeCacheTag(place: HubPlace): void {
  const path = inHub(place, hubLayout.cacheTag);
  if (!existsSync(path)) ensureFile(path, "");
}
