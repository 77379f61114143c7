import { isTomlTable, type TomlTable, type TomlValue } from "../../toml/index.ts";
import { ConfigError } from "./config-error.ts";

/** Where a value of the configuration was written. */
export type ConfigOrigin =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "environment"; readonly name: string }
  /** `--config`; with the path when it named a file. */
  | { readonly kind: "cli"; readonly path?: string }
  | { readonly kind: "default" };

/** A value and its origin. The elements of a joined array keep their own. */
export type ConfigValue =
  | { readonly kind: "string"; readonly value: string; readonly origin: ConfigOrigin }
  | { readonly kind: "integer"; readonly value: number | bigint; readonly origin: ConfigOrigin }
  | { readonly kind: "boolean"; readonly value: boolean; readonly origin: ConfigOrigin }
  | { readonly kind: "array"; readonly value: readonly ConfigValue[]; readonly origin: ConfigOrigin }
  | ConfigTable;

/** A table of the configuration; its origin is that of the file that mentions it nearest to the root of the merge. */
export interface ConfigTable {
  readonly kind: "table";
  readonly value: ReadonlyMap<string, ConfigValue>;
  readonly origin: ConfigOrigin;
}

const priority = { default: 0, file: 1, environment: 2, cli: 3 } as const;

/** Positive when `left` overrides `right`: `--config`, then the environment, then files. */
export function compareOrigins(left: ConfigOrigin, right: ConfigOrigin): number {
  return priority[left.kind] - priority[right.kind];
}

/** The origin in cargo's words: a path, "environment variable `X`", "--config cli option". */
export function formatOrigin(origin: ConfigOrigin): string {
  if (origin.kind === "file") return origin.path;
  if (origin.kind === "environment") return `environment variable \`${origin.name}\``;
  if (origin.kind === "cli") return origin.path ?? "--config cli option";
  return "default";
}

/**
 * A parsed file as configuration values.
 *
 * @throws {ConfigError} `cargo/config-value` for dates and fractions, which cargo has no use for.
 */
export function configTable(table: TomlTable, origin: ConfigOrigin): ConfigTable {
  const value = new Map<string, ConfigValue>();
  for (const [key, item] of Object.entries(table)) value.set(key, configValue(item, origin, key));
  return { kind: "table", value, origin };
}

function configValue(item: TomlValue, origin: ConfigOrigin, key: string): ConfigValue {
  if (typeof item === "string") return { kind: "string", value: item, origin };
  if (typeof item === "boolean") return { kind: "boolean", value: item, origin };
  if (typeof item === "bigint") return { kind: "integer", value: item, origin };
  if (typeof item === "number" && Number.isInteger(item)) return { kind: "integer", value: item, origin };
  if (Array.isArray(item)) {
    return { kind: "array", value: item.map((element) => configValue(element, origin, key)), origin };
  }
  if (isTomlTable(item)) return configTable(item, origin);
  throw new ConfigError({
    code: "cargo/config-value",
    what: `\`${key}\` holds a ${typeof item === "number" ? "fraction" : "date"}, a type that Cargo's configuration does not know`,
    where: formatOrigin(origin),
    help: "put the value into quotes, or remove the key",
  });
}

/** The bare value, for showing: tables as objects, in which a key `__proto__` is an ordinary one. */
export function plainConfigValue(value: ConfigValue): TomlValue {
  if (value.kind === "array") return value.value.map(plainConfigValue);
  if (value.kind !== "table") return value.value;
  return Object.fromEntries([...value.value].map(([key, item]) => [key, plainConfigValue(item)]));
}
