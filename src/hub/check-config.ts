import type { HubLock } from "../formats/index.ts";
import {
  hubConfigText,
  hubLayout,
  includeLine,
  sourcesOfLock,
  sourceTomlText,
  withCompatBlock,
  withIgnoredPaths,
} from "../plan/index.ts";
import { addToArray } from "../toml/index.ts";
import type { Area, Finding } from "./check-crate.ts";
import { isSwitchedOff, userConfigPath } from "./config-files.ts";
import { readText } from "./files.ts";
import { loadHubToml } from "./load.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { type Environment, hubSources } from "./sources.ts";

export interface ConfigCheck {
  readonly env: Environment;
  readonly findings: Finding[];
}

/** Checks the configuration files: those that are ours byte for byte, the user's for our line in them. */
export function checkConfig(place: HubPlace, lock: HubLock, { env, findings }: ConfigCheck): { files: number } {
  const hubToml = loadHubToml(place);
  const sources = hubSources(place, sourcesOfLock(lock, hubLayout.hubLock), { env, hubToml });
  const expectText = (area: Area, relative: string, text: string): void => {
    const path = inHub(place, relative);
    const actual = readText(path);
    if (actual === undefined) findings.push({ kind: "missing", area, path, reason: "it is not there" });
    else if (actual !== text)
      findings.push({ kind: "damaged", area, path, reason: "it is not the text that cargo-hub writes" });
  };
  expectText("config", hubLayout.hubConfig, hubConfigText(hubToml));
  const replaced = hubToml.mode === "directory" && !isSwitchedOff(place);
  if (replaced && !hubToml.compat) expectText("source-toml", hubLayout.sourceToml, sourceTomlText(sources));
  else if (readText(inHub(place, hubLayout.sourceToml)) !== undefined) {
    findings.push({
      kind: "foreign",
      area: "source-toml",
      path: inHub(place, hubLayout.sourceToml),
      reason: "the hub's mode or its switch says that it should not be there",
    });
  }
  const userConfig = userConfigPath(place);
  const text = readText(userConfig) ?? "";
  if (addToArray(text, { path: ["include"], value: includeLine }, userConfig) !== text) {
    findings.push({
      kind: "missing",
      area: "config",
      path: userConfig,
      reason: `its \`include\` lacks ${includeLine}`,
    });
  }
  if (withCompatBlock(text, replaced && hubToml.compat ? sources : []) !== text) {
    findings.push({
      kind: "damaged",
      area: "config",
      path: userConfig,
      reason: "the block between cargo-hub's two marks is not the text that cargo-hub writes",
    });
  }
  const ignore = inHub(place, hubLayout.gitignore);
  if (withIgnoredPaths(readText(ignore) ?? "") !== (readText(ignore) ?? "")) {
    findings.push({
      kind: "missing",
      area: "config",
      path: ignore,
      reason: "lines that keep the hub's re-makeable parts out of git",
    });
  }
  return { files: 4 };
}
