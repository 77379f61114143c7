import { cratesIoSparseRoot } from "../default-upstream.ts";
import { CRATES_IO, isCratesIo, type SourceId, sameSource } from "../source-id.ts";
import type { CargoConfig, Located } from "./cargo-config.ts";
import { ConfigError } from "./config-error.ts";
import { formatOrigin } from "./config-value.ts";
import { type ConfiguredSource, CRATES_IO_NAME, configuredSources, type SourceLocation } from "./configured-sources.ts";
import { comparablePath } from "./paths.ts";
import { cratesIoProtocol, usableRegistryIndex } from "./registries.ts";

/** How a chain of `replace-with` is walked. */
export interface ChainOptions {
  /** Files of the configuration to leave out, as if they did not exist: one path, or a question. */
  readonly ignoreFile?: string | ((path: string) => boolean);
  /** Names that are not followed: the chain ends before a `replace-with` that gives one of them. */
  readonly endBefore?: (name: string) => boolean;
}

/**
 * The end of a chain: where packages are taken from. `default` is the public registry's own sparse index, which no
 * file needs to name.
 */
export interface EffectiveEnd extends Omit<SourceLocation, "kind"> {
  readonly kind: SourceLocation["kind"] | "default";
}

/** What a source of a lockfile is replaced with. */
export interface EffectiveSource {
  /**
   * The names on the way, the source's own first. Empty when no configuration names the source: then it is its own
   * end.
   */
  readonly chain: readonly string[];
  readonly end: EffectiveEnd;
}

/**
 * Follows `replace-with` from a lockfile's source to the source that cargo would use.
 *
 * A name is looked up in `[source]` first, then in `[registries]`, whose entries always end a chain.
 *
 * @param source As the lockfile has it; `"crates-io"` for the public registry.
 * @throws {ConfigError} `cargo/config-source-cycle`, `cargo/config-source-unknown`, and what
 *   `configuredSources` throws.
 * @see The Cargo Book, "Source Replacement".
 */
export function effectiveSource(
  config: CargoConfig,
  source: SourceId | typeof CRATES_IO_NAME,
  options: ChainOptions = {},
): EffectiveSource {
  return walk(withoutIgnored(config, options), source, options);
}

/** A configuration without the files that the options leave out. */
export function withoutIgnored(config: CargoConfig, { ignoreFile }: ChainOptions): CargoConfig {
  if (ignoreFile === undefined) return config;
  if (typeof ignoreFile === "function") return config.without(ignoreFile);
  const ignored = comparablePath(ignoreFile);
  return config.without((path) => comparablePath(path) === ignored);
}

function walk(config: CargoConfig, source: SourceId | typeof CRATES_IO_NAME, options: ChainOptions): EffectiveSource {
  const sources = configuredSources(config);
  const start = source === CRATES_IO_NAME ? source : nameOf(source, sources);
  if (start === undefined) return { chain: [], end: ownEnd(source === CRATES_IO_NAME ? CRATES_IO : source) };
  const chain = [start];
  for (let name = start, from: Located<string> | undefined; ; ) {
    const configured = sources.get(name);
    if (configured === undefined && name !== CRATES_IO_NAME) return { chain, end: registryEnd(config, chain, from) };
    from = configured?.replaceWith;
    if (from === undefined || options.endBefore?.(from.value) === true) {
      return { chain, end: configured?.location ?? publicEnd(config) };
    }
    if (chain.includes(from.value)) throw cycle(chain, from);
    name = from.value;
    chain.push(name);
  }
}

/** The name that the configuration has for a lockfile's source. */
function nameOf(source: SourceId, sources: ReadonlyMap<string, ConfiguredSource>): string | undefined {
  if (isCratesIo(source)) return CRATES_IO_NAME;
  for (const { name, location } of sources.values()) {
    if (location?.source !== undefined && sameSource(location.source, source)) return name;
  }
  return undefined;
}

function ownEnd(source: SourceId): EffectiveEnd {
  const kind = source.kind === "path" ? "directory" : source.kind;
  return { kind, location: source.url, source, definedIn: { kind: "default" } };
}

function publicEnd(config: CargoConfig): EffectiveEnd {
  const protocol = cratesIoProtocol(config);
  if (protocol.value === "sparse") {
    return { kind: "default", location: cratesIoSparseRoot(), source: CRATES_IO, definedIn: { kind: "default" } };
  }
  return { kind: "registry", location: CRATES_IO.url, source: CRATES_IO, definedIn: protocol.origin };
}

/** The end that a name below `[registries]` stands for. */
function registryEnd(config: CargoConfig, chain: readonly string[], from: Located<string> | undefined): EffectiveEnd {
  const name = chain.at(-1) ?? "";
  const end = usableRegistryIndex(config, name);
  if (end !== undefined) return end;
  throw new ConfigError({
    code: "cargo/config-source-unknown",
    what: `\`${chain.join("` is replaced with `")}\`, but there is neither \`[source.${name}]\` nor a usable \`[registries.${name}]\``,
    where: formatOrigin(from?.origin ?? { kind: "default" }),
    help: `define \`[source.${name}]\`, or correct the name behind \`replace-with\``,
  });
}

function cycle(chain: readonly string[], from: Located<string>): ConfigError {
  return new ConfigError({
    code: "cargo/config-source-cycle",
    what: `\`replace-with\` leads in a circle: ${[...chain, from.value].join(" → ")}`,
    where: formatOrigin(from.origin),
    help: "remove one `replace-with` of the circle",
  });
}
