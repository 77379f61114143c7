import { overrideOf } from "../manifest-dependencies.ts";
import type { ManifestPatch } from "../manifest-facts.ts";
import type { ManifestTable } from "../manifest-table.ts";
import { compareUtf8 } from "../utf8-order.ts";
import { type CargoConfig, configPath } from "./cargo-config.ts";
import { type ConfigValue, formatOrigin, plainConfigValue } from "./config-value.ts";
import { wrongValue } from "./environment.ts";

/**
 * `[patch]` of the configuration, written like that of a manifest. Paths are absolute: they start from the directory that the
 * file they stand in is for.
 *
 * @throws {ConfigError} `cargo/config-value` for something that is no table.
 * @throws {ManifestError} `cargo/manifest-invalid` for an entry that is no dependency.
 * @see The Cargo Book, "Configuration", `[patch]`.
 */
export function configPatches(config: CargoConfig): readonly ManifestPatch[] {
  const sources = config.root.value.get("patch");
  if (sources === undefined) return [];
  return keysOf(sources, "patch").flatMap(([source, entries]) =>
    keysOf(entries, `patch.${source}`).map(([name, entry]): ManifestPatch => {
      const table: ManifestTable = {
        document: { text: "", at: formatOrigin(entry.origin) },
        path: ["patch", source],
        values: { [name]: plainConfigValue(entry) },
      };
      const dependency = overrideOf(table, name, name);
      const path = entry.kind === "table" ? entry.value.get("path") : undefined;
      if (path?.kind !== "string") return { source, dependency };
      return {
        source,
        dependency: { ...dependency, source: { kind: "path", path: configPath(path.value, path.origin, config.cwd) } },
      };
    }),
  );
}

/** A table's entries by the bytes of their keys. */
function keysOf(value: ConfigValue, key: string): readonly (readonly [string, ConfigValue])[] {
  if (value.kind !== "table") {
    const where = formatOrigin(value.origin);
    throw wrongValue(key, "a table", { found: `of type ${value.kind}`, where });
  }
  return [...value.value].sort(([a], [b]) => compareUtf8(a, b));
}
