import { formatSourceId, type SourceId, sameSource } from "../source-id.ts";
import type { CargoConfig } from "./cargo-config.ts";
import { CRATES_IO_NAME, configuredSources, duplicateSource, samePlace } from "./configured-sources.ts";
import { registryNames, usableRegistryIndex } from "./registries.ts";
import { type ChainOptions, effectiveSource, withoutIgnored } from "./sources.ts";

/** A `[source.NAME]` table that must be written so that a source is taken from elsewhere. */
export interface SourceHook {
  /** The table that gets the `replace-with`. */
  readonly name: string;
  /** Its location, when no `[source]` table states it: cargo refuses a table without. */
  readonly location?: HookLocation;
}

/** The keys that give a `[source]` table its location. */
export interface HookLocation {
  readonly key: "registry" | "git";
  /** A URL, with `sparse+` where the source has it. */
  readonly value: string;
  /** Beside `git`: one more key. */
  readonly reference?: { readonly key: "branch" | "tag" | "rev"; readonly value: string };
}

/**
 * The tables that hook the end of a source's chain: with `[source.<name>] replace-with = "N"` (and the location, if
 * the hook has one) in a file of their own, cargo takes the source from `[source.N]`.
 *
 * Other files are never in the way: the end of a chain has no `replace-with`. Sources whose chains share their end
 * get the same name; cargo can take them from one place only.
 *
 * @param source As the lockfile has it; `"crates-io"` for the public registry.
 * @param options `ignoreFile` must leave out the file that the hook is written to.
 * @throws {ConfigError} as {@link effectiveSource}; `cargo/config-source-duplicate` when the end is a `[registries]`
 *   entry whose index is the location of a `[source]` too, so that cargo would refuse the table.
 */
export function hookFor(
  config: CargoConfig,
  source: SourceId | typeof CRATES_IO_NAME,
  options: ChainOptions = {},
): SourceHook[] {
  const base = withoutIgnored(config, options);
  const { endBefore } = options;
  const { chain, end } = effectiveSource(base, source, endBefore === undefined ? {} : { endBefore });
  const sources = configuredSources(base);
  const last = chain.at(-1);
  if (last !== undefined && (last === CRATES_IO_NAME || sources.has(last))) return [{ name: last }];
  if (end.source === undefined || end.kind === "default") return [];
  const place = { ...end, kind: end.kind };
  const twin = [...sources.values()].find((other) => samePlace(other.location, place));
  if (twin !== undefined) throw duplicateSource(last ?? twin.name, twin.name, place);
  return [{ name: last ?? nameFor(base, end.source), location: hookLocation(end.source) }];
}

/** A name for a source that no `[source]` table has: its registry's, else its own text, as `cargo vendor` does it. */
function nameFor(config: CargoConfig, source: SourceId): string {
  const sources = configuredSources(config);
  const registry = registryNames(config).find((name) => {
    const index = usableRegistryIndex(config, name)?.source;
    return index !== undefined && sameSource(index, source) && !sources.has(name);
  });
  return registry ?? formatSourceId(withoutCommit(source), 3);
}

function withoutCommit(source: SourceId): SourceId {
  const { kind, url, reference } = source;
  return reference === undefined ? { kind, url } : { kind, url, reference };
}

function hookLocation({ kind, url, reference }: SourceId): HookLocation {
  if (kind !== "git") return { key: "registry", value: kind === "sparse" ? `sparse+${url}` : url };
  if (reference === undefined) return { key: "git", value: url };
  return { key: "git", value: url, reference: { key: reference.kind, value: reference.value } };
}
