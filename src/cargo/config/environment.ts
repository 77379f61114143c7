import { ConfigError } from "./config-error.ts";
import { type ConfigOrigin, type ConfigValue, compareOrigins } from "./config-value.ts";
import { isOneProgram } from "./merge.ts";

/** The process's environment, as a value. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that overrides a key: `net.git-fetch-with-cli` → `CARGO_NET_GIT_FETCH_WITH_CLI`. */
export function environmentName(path: readonly string[]): string {
  return ["CARGO", ...path].join("_").replaceAll("-", "_").toUpperCase();
}

/** Cargo reads these tables from files and `--config` only. */
const filesOnly = new Set(["source", "paths", "patch", "include"]);

/**
 * A key's value after the environment had its say.
 *
 * A variable beats files and loses against `--config`. `true`, `false` and whole numbers change their type; an
 * array is extended by the variable's words, which stand behind those of files.
 *
 * @param value What files and options say.
 * @returns `value` itself when no variable concerns the key.
 */
export function withEnvironment(
  value: ConfigValue | undefined,
  path: readonly string[],
  env: Environment,
): ConfigValue | undefined {
  const name = environmentName(path);
  const text = path.length === 0 || filesOnly.has(path[0] ?? "") ? undefined : env[name];
  if (text === undefined) return value;
  const origin: ConfigOrigin = { kind: "environment", name };
  const isList = value?.kind === "array";
  if (value !== undefined && !isList && compareOrigins(origin, value.origin) <= 0) return value;
  if (text === "true" || text === "false") return { kind: "boolean", value: text === "true", origin };
  const integer = asInteger(text);
  if (integer !== undefined) return { kind: "integer", value: integer, origin };
  if (!isList) return { kind: "string", value: text, origin };
  const words: ConfigValue[] = text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => ({ kind: "string", value: word, origin }));
  if (!isOneProgram(path)) {
    const joined = [...value.value, ...words].sort((left, right) => compareOrigins(left.origin, right.origin));
    return { kind: "array", value: joined, origin: value.origin };
  }
  return compareOrigins(value.origin, origin) > 0 ? value : { kind: "array", value: words, origin };
}

function asInteger(text: string): number | bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const exact = BigInt(text.replace(/^\+/, ""));
  if (exact !== BigInt.asIntN(64, exact)) return undefined;
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** The error for a value whose type or range cargo would refuse. */
export function wrongValue(key: string, expected: string, place: { found: string; where: string }): ConfigError {
  return new ConfigError({
    code: "cargo/config-value",
    what: `\`${key}\` must be ${expected}, but is ${place.found}`,
    where: place.where,
    help: `correct \`${key}\``,
  });
}
