import type { HookLocation, SourceHook } from "../cargo/index.ts";
import type { HubToml } from "../formats/index.ts";
import type { PlacedSource } from "./placed-sources.ts";
import { PlanError } from "./plan-error.ts";

/** A directory source of the hub, and the sources that must be hooked to it. */
export interface HubSource extends Pick<PlacedSource, "name" | "directory"> {
  readonly hooks: readonly SourceHook[];
}

/** Text of `.cargo/registry/source.toml`: the source replacement. Present: hub on; absent: hub off. */
export function sourceTomlText(sources: readonly HubSource[]): string {
  return `# Written by cargo-hub. Present: the hub is on; absent: it is off (\`cargo-hub off\`).\n${sourceTables(sources, "")}`;
}

/** @param base What stands before a path of the hub: Cargo reads paths from the parent of the directory that holds the file. */
function sourceTables(sources: readonly HubSource[], base: "" | ".cargo/"): string {
  let text = "";
  for (const { name, directory, hooks } of sources) {
    for (const { name: hooked, location } of hooks) {
      text += `\n[source.${tomlKey(hooked)}]\n${location === undefined ? "" : locationLines(location)}`;
      text += `replace-with = ${JSON.stringify(name)}\n`;
    }
    text += `\n[source.${tomlKey(name)}]\ndirectory = ${JSON.stringify(base + directory)}\n`;
  }
  return text;
}

function locationLines({ key, value, reference }: HookLocation): string {
  const more = reference === undefined ? "" : `${reference.key} = ${JSON.stringify(reference.value)}\n`;
  return `${key} = ${JSON.stringify(value)}\n${more}`;
}

function tomlKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
}

/** Text of `.cargo/hub.config.toml`, which never depends on who ran `fill`. */
export function hubConfigText(hubToml: HubToml): string {
  return (
    "# Written by cargo-hub from hub.toml. Cargo 1.94 and later read it through `include` in config.toml.\n" +
    (hubToml.compat ? "" : 'include = [{ path = "registry/source.toml", optional = true }]\n') +
    '\n[cache]\nauto-clean-frequency = "never" # cargo would delete crates of the hub that it has not used for a while\n' +
    (hubToml.offline ? "\n[net]\noffline = true\n" : "")
  );
}

/** The element of `include` in config.toml that is ours. */
export const includeLine = "hub.config.toml";

const compatBegin = "# >>> cargo-hub: written for Cargo before 1.94 because hub.toml says `compat = true`\n";
const compatEnd = "# <<< cargo-hub\n";

/**
 * Puts the source replacement into the user's config.toml in a marked block at the end, or takes the block out.
 *
 * @param text config.toml. Every byte outside the block is kept.
 * @param sources Empty: no block.
 * @throws {PlanError} plan/compat-block-damaged when the block's end mark is gone.
 */
export function withCompatBlock(text: string, sources: readonly HubSource[]): string {
  const start = text.indexOf(compatBegin);
  const end = start === -1 ? -1 : text.indexOf(compatEnd, start);
  if (start !== -1 && end === -1) throw endMarkMissing();
  const without = end === -1 ? text : text.slice(0, start) + text.slice(end + compatEnd.length);
  if (sources.length === 0) return without;
  const separator = without === "" || without.endsWith("\n") ? "" : "\n";
  return `${without}${separator}${compatBegin}${sourceTables(sources, ".cargo/").replace(/^\n/, "")}${compatEnd}`;
}

function endMarkMissing(): PlanError {
  return new PlanError({
    code: "plan/compat-block-damaged",
    what: `cargo-hub's block begins, but its last line, \`${compatEnd.trim()}\`, is gone, so nobody can tell what of the rest is the user's`,
    where: ".cargo/config.toml",
    help: `put the line \`${compatEnd.trim()}\` back where the block ended, or delete the block, and run \`cargo-hub fill\` again`,
  });
}

/** Whether {@link withCompatBlock} has put a block into this config.toml. */
export function hasCompatBlock(text: string): boolean {
  return text.includes(compatBegin);
}

/** What `.cargo/.gitignore` must ignore: all that can be made again from hub.lock. */
export const ignoredPaths: readonly string[] = [
  "/registry/",
  "/git/",
  "/.package-cache",
  "/.package-cache-mutate",
  "/.global-cache",
];

/** Adds the missing lines of {@link ignoredPaths} to a .gitignore, every other byte kept; the same text when none is missing. */
export function withIgnoredPaths(text: string): string {
  const lines = new Set(text.split(/\r?\n/).map((line) => line.trim()));
  const missing = ignoredPaths.filter((path) => !lines.has(path));
  if (missing.length === 0) return text;
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  return `${text}${separator}# cargo-hub: made again from hub.lock\n${missing.join("\n")}\n`;
}
