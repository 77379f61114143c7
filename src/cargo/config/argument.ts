import { parsePrivateToml, type TomlTable, tomlLayout } from "../../toml/index.ts";
import { ConfigError } from "./config-error.ts";
import { type ConfigTable, configTable } from "./config-value.ts";

/**
 * Reads a `--config KEY=VALUE`.
 *
 * @param text One dotted key and its value, as TOML: `build.jobs=2`.
 * @throws {ConfigError} `cargo/config-argument` for all that cargo refuses here: more or less than one key, tables,
 *   comments, and secrets, which would be seen in the list of processes.
 */
export function parseConfigArgument(text: string): ConfigTable {
  const table = parseArgument(text);
  const { statements, headers } = tomlLayout(text);
  const [statement] = statements;
  if (statement === undefined || statements.length > 1 || headers.length > 0) {
    throw badArgument(text, "it is not one dotted key with a value");
  }
  if (isSecret(statement.path)) throw badArgument(text, "a secret may not be given on a command line");
  if (text.slice(0, statement.start).trim() !== "" || text.slice(statement.valueEnd).trim() !== "") {
    throw badArgument(text, "it holds a comment");
  }
  if (text[statement.valueStart] === "{") throw badArgument(text, "its value is an inline table");
  return configTable(table, { kind: "cli" });
}

function parseArgument(text: string): TomlTable {
  try {
    return parsePrivateToml(text, "--config");
  } catch (cause) {
    throw badArgument(text, "it is neither an existing file nor TOML", cause);
  }
}

function isSecret(path: readonly string[]): boolean {
  const last = path.at(-1);
  if (last !== "token" && last !== "secret-key") return false;
  return (path[0] === "registry" && path.length === 2) || (path[0] === "registries" && path.length === 3);
}

/** The value is not repeated in the message: it may be a secret. */
function badArgument(text: string, what: string, cause?: unknown): ConfigError {
  return new ConfigError({
    code: "cargo/config-argument",
    what: `\`--config ${text.replace(/=.*/s, "=…")}\` can not be used: ${what}`,
    where: "--config",
    help: "write `--config KEY=VALUE` with the value as TOML (a string in quotes), or name an existing file",
    cause,
  });
}
