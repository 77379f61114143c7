import type { ConfigOrigin, ConfigTable, ConfigValue } from "./config-value.ts";
import { formatOrigin } from "./config-value.ts";
import type { ConfigWarning } from "./discovery.ts";
import { type Environment, environmentName, withEnvironment, wrongValue } from "./environment.ts";
import { joinPath, parentPath } from "./paths.ts";

/** A merged configuration. Made by `loadConfig`; asks the environment when a value is looked up. */
export interface CargoConfig {
  /** The directory it was loaded for, absolute: the base of paths that come from options and variables. */
  readonly cwd: string;
  readonly env: Environment;
  /** The files that were read, in the order of reading: nearest first, each before what it includes. */
  readonly files: readonly string[];
  readonly warnings: readonly ConfigWarning[];
  /** All values of files and `--config`, merged, without the environment. */
  readonly root: ConfigTable;
  /**
   * The value of a key after the environment had its say; undefined when nobody sets it. The parts below
   * `source`, `paths` and `patch` are not looked up in the environment.
   *
   * @throws {ConfigError} `cargo/config-value` when a part on the way is no table.
   */
  get(path: readonly string[]): ConfigValue | undefined;
  /** The same configuration as if the files for which `isIgnored` holds did not exist. */
  without(isIgnored: (path: string) => boolean): CargoConfig;
}

/** What a {@link CargoConfig} is made of: all but its questions. */
export type ConfigParts = Omit<CargoConfig, "get">;

/** Puts the questions to the parts. */
export function cargoConfig(parts: ConfigParts): CargoConfig {
  return { ...parts, get: (path) => withEnvironment(fileValue(parts.root, path), path, parts.env) };
}

/** A value with the place that it comes from. */
export interface Located<T> {
  readonly value: T;
  readonly origin: ConfigOrigin;
}

/** A text. @throws {ConfigError} `cargo/config-value` when it is something else. */
export function stringAt(config: CargoConfig, path: readonly string[]): Located<string> | undefined {
  const { value, override } = typedParts(config, path);
  if (value !== undefined && value.kind !== "string") throw wrongType(path, "a string", value);
  return override ?? value;
}

/** A whole number that is not negative. @throws {ConfigError} `cargo/config-value` when it is something else. */
export function integerAt(config: CargoConfig, path: readonly string[]): Located<number> | undefined {
  const { value, override } = typedParts(config, path);
  if (value !== undefined && value.kind !== "integer") throw wrongType(path, "an integer", value);
  const found = override ?? value;
  if (found === undefined) return undefined;
  const number = typeof found.value === "string" && !/^\+?[0-9]+$/.test(found.value) ? Number.NaN : Number(found.value);
  if (Number.isSafeInteger(number) && number >= 0) return { value: number, origin: found.origin };
  throw wrongValue(path.join("."), "a whole number that is not negative", {
    found: String(found.value),
    where: formatOrigin(found.origin),
  });
}

/** `true` or `false`. @throws {ConfigError} `cargo/config-value` when it is something else. */
export function booleanAt(config: CargoConfig, path: readonly string[]): Located<boolean> | undefined {
  const { value, override } = typedParts(config, path);
  if (value !== undefined && value.kind !== "boolean") throw wrongType(path, "true or false", value);
  if (override === undefined) return value;
  if (override.value === "true" || override.value === "false") {
    return { value: override.value === "true", origin: override.origin };
  }
  const where = formatOrigin(override.origin);
  throw wrongValue(path.join("."), "true or false", { found: `\`${override.value}\``, where });
}

/** A path, absolute. @throws {ConfigError} `cargo/config-value` when it is not a string. */
export function pathAt(config: CargoConfig, path: readonly string[]): Located<string> | undefined {
  const found = stringAt(config, path);
  return found === undefined
    ? undefined
    : { value: configPath(found.value, found.origin, config.cwd), origin: found.origin };
}

/**
 * The absolute path that a value of the configuration stands for.
 *
 * The base is the directory above the one that holds the file: the project for `.cargo/config.toml`, `.cargo`
 * for a file `.cargo/registry/source.toml` that it includes. For `--config KEY=VALUE` and variables it is the
 * current directory. `..` is kept.
 *
 * @see The Cargo Book, "Configuration", config-relative paths.
 */
export function configPath(value: string, origin: ConfigOrigin, cwd: string): string {
  return joinPath(configBase(origin, cwd), value);
}

/** The directory that relative paths of an origin start from. */
export function configBase(origin: ConfigOrigin, cwd: string): string {
  const isInFile = (origin.kind === "file" || origin.kind === "cli") && origin.path !== undefined;
  return isInFile ? parentPath(parentPath(origin.path)) : cwd;
}

function fileValue(root: ConfigTable, path: readonly string[]): ConfigValue | undefined {
  let value: ConfigValue = root;
  for (const [index, part] of path.entries()) {
    if (value.kind !== "table") throw wrongType(path.slice(0, index), "a table", value);
    const next = value.value.get(part);
    if (next === undefined) return undefined;
    value = next;
  }
  return value;
}

/** What files say, and the variable that overrides them, which cargo reads in the type it needs. */
function typedParts(
  config: CargoConfig,
  path: readonly string[],
): { value: ConfigValue | undefined; override: Located<string> | undefined } {
  const value = fileValue(config.root, path);
  const name = environmentName(path);
  const text = config.env[name];
  const isOverridden = text !== undefined && value?.origin.kind !== "cli";
  return { value, override: isOverridden ? { value: text, origin: { kind: "environment", name } } : undefined };
}

function wrongType(path: readonly string[], expected: string, found: ConfigValue): Error {
  return wrongValue(path.join("."), expected, { found: `of type ${found.kind}`, where: formatOrigin(found.origin) });
}
