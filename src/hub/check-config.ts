import type { HubLock } from "../formats/index.ts";
import {
  hubConfigText,
  hubLayout,
  includeLine,
  sourcesOfLock,
  sourceTomlText,
  withAttributes,
  withCompatBlock,
  withIgnoredPaths,
} from "../plan/index.ts";
import { addToArray } from "../toml/index.ts";
import type { Area, Finding } from "./check-crate.ts";
import { isSwitchedOff, userConfigPath } from "./config-files.ts";
import { isSameText, readText } from "./files.ts";
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
  const expectText = (area: Area, relative: string, isRight: (actual: string) => boolean): void => {
    const path = inHub(place, relative);
    const actual = readText(path);
    if (actual === undefined) findings.push({ kind: "missing", area, path, reason: "it is not there" });
    else if (!isRight(actual))
      findings.push({ kind: "damaged", area, path, reason: "it is not the text that cargo-hub writes" });
  };
  expectText("config", hubLayout.hubConfig, (actual) => isSameText(actual, hubConfigText(hubToml)));
  if (hubToml.std) expectText("lockfile", hubLayout.stdLock, () => true); // what it should say, hub.lock pins
  const replaced = hubToml.mode === "directory" && !isSwitchedOff(place);
  if (replaced && !hubToml.compat)
    expectText("source-toml", hubLayout.sourceToml, (actual) => actual === sourceTomlText(sources));
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
  checkGitFile(place, findings, {
    file: hubLayout.gitignore,
    with: (ignoring) => withIgnoredPaths(ignoring, hubToml.commit),
    lacks: "lines that keep the hub's re-makeable parts out of git",
  });
  checkGitFile(place, findings, {
    file: hubLayout.gitattributes,
    with: withAttributes,
    lacks: "lines that keep git from changing line ends",
  });
  return { files: 5 };
}

interface GitFile {
  readonly file: string;
  readonly with: (text: string) => string;
  readonly lacks: string;
}

function checkGitFile(place: HubPlace, findings: Finding[], { file, with: completed, lacks }: GitFile): void {
  const path = inHub(place, file);
  const text = readText(path) ?? "";
  if (completed(text) !== text) findings.push({ kind: "missing", area: "config", path, reason: lacks });
}
