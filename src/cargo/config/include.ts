import { ConfigError } from "./config-error.ts";
import { type ConfigTable, type ConfigValue, formatOrigin } from "./config-value.ts";

/** One entry of a file's `include`. */
export interface Include {
  /** As written: relative to the directory of the including file. */
  readonly path: string;
  /** A missing file is passed over. */
  readonly optional: boolean;
}

/**
 * The files that a configuration table includes.
 *
 * @throws {ConfigError} `cargo/config-include` for every form that cargo 1.94 and newer refuse: a plain string,
 *   an entry without `path`, a path that does not end in `.toml` or holds glob or template characters.
 * @see The Cargo Book, "Configuration", `include`.
 */
export function includesOf(table: ConfigTable): Include[] {
  const include = table.value.get("include");
  if (include === undefined) return [];
  if (include.kind !== "array") throw badInclude(include, `it is of type ${include.kind}, but must be an array`);
  return include.value.map(includeEntry);
}

function includeEntry(entry: ConfigValue): Include {
  if (entry.kind === "string") return { path: checkedPath(entry.value, entry), optional: false };
  if (entry.kind !== "table")
    throw badInclude(entry, `an entry is of type ${entry.kind}, but must be a string or table`);
  const path = entry.value.get("path");
  const optional = entry.value.get("optional");
  if (path === undefined) throw badInclude(entry, "an entry has no `path`");
  if (path.kind !== "string") throw badInclude(entry, `a \`path\` is of type ${path.kind}, but must be a string`);
  if (optional !== undefined && optional.kind !== "boolean") {
    throw badInclude(entry, `an \`optional\` is of type ${optional.kind}, but must be true or false`);
  }
  return { path: checkedPath(path.value, entry), optional: optional?.value === true };
}

function checkedPath(path: string, entry: ConfigValue): string {
  if (!/[^/]\.toml(?:\/\.?)*$/.test(path)) throw badInclude(entry, `\`${path}\` does not end in \`.toml\``);
  if (/[*?[\]{}]/.test(path)) throw badInclude(entry, `\`${path}\` holds one of \`* ? [ ] { }\``);
  return path;
}

function badInclude(value: ConfigValue, what: string): ConfigError {
  return new ConfigError({
    code: "cargo/config-include",
    what: `\`include\` can not be followed: ${what}`,
    where: formatOrigin(value.origin),
    help: 'write `include = ["file.toml"]` or `include = [{ path = "file.toml", optional = true }]`',
  });
}

/** The error for an included file that does not exist and is not optional. */
export function missingInclude(path: string, table: ConfigTable): ConfigError {
  return new ConfigError({
    code: "cargo/config-include",
    what: `the included file \`${path}\` does not exist`,
    where: formatOrigin(table.origin),
    help: `create \`${path}\`, or mark the entry with \`optional = true\``,
  });
}
