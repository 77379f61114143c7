import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HubToml } from "../formats/index.ts";
import {
  type HubSource,
  hasCompatBlock,
  hubConfigText,
  hubLayout,
  includeLine,
  sourceTomlText,
  withAttributes,
  withCompatBlock,
  withIgnoredPaths,
} from "../plan/index.ts";
import { removePath } from "../store/index.ts";
import { addToArray } from "../toml/index.ts";
import { ensureFile, ensureFiles, ensureText, readText } from "./files.ts";
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

/**
 * Writes what must stand in the committed files and in those for git; every other byte of the user's files is kept.
 *
 * @returns whether anything was written.
 */
export function writeCommittedConfig(place: HubPlace, { hubToml }: HubConfig): boolean {
  const path = userConfigPath(place);
  const ignore = inHub(place, hubLayout.gitignore);
  const attributes = inHub(place, hubLayout.gitattributes);
  const hubConfig = ensureText(inHub(place, hubLayout.hubConfig), hubConfigText(hubToml));
  const others = ensureFiles([
    [path, addToArray(readText(path) ?? "", { path: ["include"], value: includeLine }, path)],
    [ignore, withIgnoredPaths(readText(ignore) ?? "", hubToml.commit)],
    [attributes, withAttributes(readText(attributes) ?? "")],
  ]);
  return hubConfig === "written" || others;
}

/** Whether somebody switched the hub off; a source.toml that is merely missing is written again by the next fill. */
export function isSwitchedOff(place: HubPlace): boolean {
  return existsSync(inHub(place, hubLayout.off));
}

/**
 * Switches the source replacement on. In mode `cargo-home` there is none: CARGO_HOME does it.
 *
 * @returns whether anything changed.
 */
export function switchOn(place: HubPlace, { hubToml, sources }: HubConfig): boolean {
  const sourceToml = inHub(place, hubLayout.sourceToml);
  const wasOff = removeFile(inHub(place, hubLayout.off));
  const path = userConfigPath(place);
  if (hubToml.mode === "cargo-home") {
    const removed = removeCompatBlock(path);
    return removeFile(sourceToml) || removed || wasOff;
  }
  if (hubToml.compat) {
    const removed = removeFile(sourceToml);
    return ensureFiles([[path, withCompatBlock(readText(path) ?? "", sources)]]) || removed || wasOff;
  }
  const removed = removeCompatBlock(path);
  return ensureFiles([[sourceToml, sourceTomlText(sources)]]) || removed || wasOff;
}

/** Switches it off. @returns whether it was on. */
export function switchOff(place: HubPlace): boolean {
  const sourceToml = inHub(place, hubLayout.sourceToml);
  const wasOn = existsSync(sourceToml);
  ensureFile(inHub(place, hubLayout.off), "");
  removePath(sourceToml);
  return removeCompatBlock(userConfigPath(place)) || wasOn;
}

/** @returns whether there was one. */
function removeFile(path: string): boolean {
  const there = existsSync(path);
  if (there) removePath(path);
  return there;
}

function removeCompatBlock(path: string): boolean {
  const text = readText(path);
  if (text === undefined || !hasCompatBlock(text)) return false;
  ensureFile(path, withCompatBlock(text, []));
  return true;
}

/**
 * An empty tag stops cargo from writing one that makes back-up tools skip the hub; a tag that is there is left alone.
 *
 * @returns whether it was written.
 */
export function writeCacheTag(place: HubPlace): boolean {
  const path = inHub(place, hubLayout.cacheTag);
  return !existsSync(path) && ensureFiles([[path, ""]]);
}
