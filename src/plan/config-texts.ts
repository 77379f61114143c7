import type { HookLocation, SourceHook } from "../cargo/index.ts";
import type { HubToml } from "../formats/index.ts";
import { type BlockMarks, cutAtBlock, endedLines, markedBlock } from "./marked-block.ts";
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
  return replacementTables(
    sources.map(({ name, directory, hooks }) => ({
      name,
      hooks,
      location: { key: "directory", value: base + directory },
    })),
  );
}

/** A source that stands for others, as Cargo's configuration names it. */
export interface Replacement {
  readonly name: string;
  readonly location: { readonly key: "directory" | "local-registry" | "registry"; readonly value: string };
  readonly hooks: readonly SourceHook[];
}

/** The `[source]` tables that lead from each hooked source to its replacement, with an empty line before each. */
export function replacementTables(replacements: readonly Replacement[]): string {
  let text = "";
  for (const { name, location, hooks } of replacements) {
    for (const { name: hooked, location: own } of hooks) {
      text += `\n[source.${tomlKey(hooked)}]\n${own === undefined ? "" : locationLines(own)}`;
      text += `replace-with = ${JSON.stringify(name)}\n`;
    }
    text += `\n[source.${tomlKey(name)}]\n${location.key} = ${JSON.stringify(location.value)}\n`;
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

const compatMarks: BlockMarks = {
  begin: "# >>> cargo-hub: written for Cargo before 1.94 because hub.toml says `compat = true`",
  end: "# <<< cargo-hub",
};

/**
 * Puts the source replacement into the user's config.toml in a marked block at the end, or takes the block out.
 *
 * @param text config.toml. Every byte outside the block is kept.
 * @param sources Empty: no block.
 * @throws {PlanError} plan/compat-block-damaged when the block's end mark is gone.
 */
export function withCompatBlock(text: string, sources: readonly HubSource[]): string {
  const cut = cutAtBlock(text, compatMarks);
  if (cut === "open") throw endMarkMissing();
  const without = cut === undefined ? text : cut.before + cut.after;
  if (sources.length === 0) return without;
  const inside = sourceTables(sources, ".cargo/").replace(/^\n/, "");
  if (cut?.inside === inside && cut.after === "") return text;
  return endedLines(without) + markedBlock(compatMarks, inside);
}

function endMarkMissing(): PlanError {
  return new PlanError({
    code: "plan/compat-block-damaged",
    what: `cargo-hub's block begins, but its last line, \`${compatMarks.end}\`, is gone, so nobody can tell what of the rest is the user's`,
    where: ".cargo/config.toml",
    help: `put the line \`${compatMarks.end}\` back where the block ended, or delete the block, and run \`cargo-hub fill\` again`,
  });
}

/** Whether {@link withCompatBlock} has put a block into this config.toml. */
export function hasCompatBlock(text: string): boolean {
  return cutAtBlock(text, compatMarks) !== undefined;
}
