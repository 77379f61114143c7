import { canonicalUrl } from "../canonical-url.ts";
import type { CargoConfig } from "../config/cargo-config.ts";
import { ConfigError } from "../config/config-error.ts";
import { formatOrigin } from "../config/config-value.ts";
import { wrongValue } from "../config/environment.ts";

/**
 * The name of the registry with this index, by which its credentials are found.
 *
 * A `CARGO_REGISTRIES_<NAME>_INDEX` with that URL names it, in lower case; only without one do the `[registries]` tables.
 * Where the dependency that led to the registry is written plays no part: all that is known for sure is the URL.
 *
 * Unlike cargo before 1.96, sparse roots that differ in more than one slash at their end are two registries, so that
 * `…/team.git/` does not get what belongs to `…/team/` (CVE-2026-5222).
 *
 * @param index `sparse+https://…/`, or the URL of a git repository.
 * @returns undefined when nothing names it.
 * @throws {ConfigError} `cargo/config-registry-ambiguous` for two names; `cargo/config-value` for an index that is no URL.
 */
export function registryNameOf(config: CargoConfig, index: string): string | undefined {
  const key = comparableIndex(index);
  if (key === undefined) return undefined;
  const names = [...new Set(namesFromVariables(config, key))];
  if (names.length === 0) names.push(...namesFromTables(config, key));
  const [name, second] = names.toSorted();
  if (second === undefined) return name;
  throw new ConfigError({
    code: "cargo/config-registry-ambiguous",
    what: `${index} has several names, ${names.toSorted().join(", ")}, so that it is not clear whose token belongs to it`,
    where: index,
    help: "leave one of them in `[registries]` and in the variables CARGO_REGISTRIES_…_INDEX",
  });
}

/** One text for a registry's index, however its configuration spells the slash at its end. */
function comparableIndex(index: string): string | undefined {
  let url: URL;
  try {
    url = new URL(index);
  } catch {
    return undefined;
  }
  if (!index.startsWith("sparse+")) return canonicalUrl({ kind: "registry", url: index });
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

function namesFromVariables({ env }: CargoConfig, key: string): string[] {
  return Object.entries(env).flatMap(([variable, value]) => {
    const name = /^CARGO_REGISTRIES_(.+)_INDEX$/.exec(variable)?.[1];
    if (name === undefined || value === undefined || comparableIndex(value) !== key) return [];
    return [name.toLowerCase()];
  });
}

function namesFromTables({ root }: CargoConfig, key: string): string[] {
  const registries = root.value.get("registries");
  if (registries?.kind !== "table") return [];
  return [...registries.value].flatMap(([name, table]) => {
    const index = table.kind === "table" ? table.value.get("index") : undefined;
    if (index === undefined) return [];
    const where = formatOrigin(index.origin);
    if (index.kind !== "string")
      throw wrongValue(`registries.${name}.index`, "a string", { found: `of type ${index.kind}`, where });
    const own = comparableIndex(index.value);
    if (own === undefined)
      throw wrongValue(`registries.${name}.index`, "an absolute URL", { found: `\`${index.value}\``, where });
    return own === key ? [name] : [];
  });
}
