import { ConfigError } from "./config-error.ts";
import { type ConfigTable, type ConfigValue, compareOrigins, formatOrigin } from "./config-value.ts";

/**
 * Two tables of the configuration made one, as cargo does it: tables key by key, arrays joined, and of two
 * scalars one wins.
 *
 * @param from What comes to `base`.
 * @param winner Which one wins where both come from files (or both from `--config`): `base` while walking from
 *   the nearest file outwards, `from` for includes and options, which come in the order of their weight. The
 *   winner's array elements stand last.
 * @throws {ConfigError} `cargo/config-merge` when one holds a table or an array where the other does not.
 */
export function mergeTables(base: ConfigTable, from: ConfigTable, winner: "base" | "from"): ConfigTable {
  return mergeTablesAt(base, from, { winner, path: [] });
}

interface MergeStep {
  readonly winner: "base" | "from";
  readonly path: readonly string[];
}

function mergeTablesAt(base: ConfigTable, from: ConfigTable, { winner, path }: MergeStep): ConfigTable {
  const value = new Map(base.value);
  for (const [key, item] of from.value) {
    const old = value.get(key);
    value.set(key, old === undefined ? item : mergeValues(old, item, { winner, path: [...path, key] }));
  }
  return { kind: "table", value, origin: base.origin };
}

function mergeValues(base: ConfigValue, from: ConfigValue, step: MergeStep): ConfigValue {
  const fromWins = step.winner === "from" || compareOrigins(from.origin, base.origin) > 0;
  if (base.kind === "table" && from.kind === "table") return mergeTablesAt(base, from, step);
  if (base.kind === "array" && from.kind === "array") {
    if (isOneProgram(step.path)) return fromWins ? from : base;
    const joined = step.winner === "from" ? [...base.value, ...from.value] : [...from.value, ...base.value];
    const value = joined.sort((left, right) => compareOrigins(left.origin, right.origin));
    return { kind: "array", value, origin: base.origin };
  }
  if (isContainer(base) || isContainer(from)) throw mixedTypes(base, from, step.path);
  return fromWins ? from : base;
}

function isContainer(value: ConfigValue): boolean {
  return value.kind === "table" || value.kind === "array";
}

/** The arrays that hold a program and its arguments: cargo replaces them instead of joining. */
const programs = [
  ["credential-alias", "*"],
  ["doc", "browser"],
  ["host", "runner"],
  ["registries", "*", "credential-provider"],
  ["registry", "credential-provider"],
  ["target", "*", "runner"],
];

/** True for a key whose array is one command line, which is never joined from several files. */
export function isOneProgram(path: readonly string[]): boolean {
  return programs.some(
    (pattern) => pattern.length === path.length && pattern.every((part, index) => part === "*" || part === path[index]),
  );
}

function mixedTypes(base: ConfigValue, from: ConfigValue, path: readonly string[]): ConfigError {
  const key = path.join(".");
  return new ConfigError({
    code: "cargo/config-merge",
    what: `\`${key}\` is of type ${from.kind} here, but of type ${base.kind} in ${formatOrigin(base.origin)}`,
    where: formatOrigin(from.origin),
    help: `give \`${key}\` the same type in both places`,
  });
}
