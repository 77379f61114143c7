import { type CargoConfig, cargoConfig } from "../config/cargo-config.ts";
import { type ConfigTable, configTable } from "../config/config-value.ts";
import { legacyWarning } from "../config/discovery.ts";
import { loadConfigFile, type ReadText } from "../config/load.ts";
import { mergeTables } from "../config/merge.ts";
import { joinPath } from "../config/paths.ts";

/**
 * A configuration together with the credentials of CARGO_HOME, which win over all other files and over `--config`; only
 * variables win over them.
 *
 * Of `credentials` and `credentials.toml` the older name is read where both exist. A `token` outside of any table is that
 * of the public registry, as long as the file has no `[registry]`.
 *
 * The result holds tokens: it is for finding credentials, not for showing.
 *
 * @param cargoHome Absolute.
 * @throws as `loadConfig`; no message repeats anything of the file.
 */
export function withCredentials(config: CargoConfig, cargoHome: string, read: ReadText): CargoConfig {
  const [legacy = "", modern = ""] = ["credentials", "credentials.toml"].map((name) => joinPath(cargoHome, name));
  const [oldText, newText] = [read(legacy), read(modern)];
  if (oldText === undefined && newText === undefined) return config;
  const { table, paths } = loadConfigFile(oldText === undefined ? modern : legacy, config.cwd, read);
  // One file under both names is what cargo itself proposes to those who need old versions of it.
  const warnings =
    oldText === undefined || oldText === newText ? [] : [legacyWarning(legacy, modern, newText !== undefined)];
  return cargoConfig({
    cwd: config.cwd,
    env: config.env,
    root: mergeTables(config.root, withoutLooseToken(table), "from"),
    files: [...config.files, ...paths],
    warnings: [...config.warnings, ...warnings],
    without: (isIgnored) => withCredentials(config.without(isIgnored), cargoHome, read),
  });
}

function withoutLooseToken(table: ConfigTable): ConfigTable {
  const token = table.value.get("token");
  if (token === undefined) return table;
  const value = new Map(table.value);
  value.delete("token");
  if (!value.has("registry")) {
    const registry = configTable({}, table.origin);
    value.set("registry", { ...registry, value: new Map([["token", token]]) });
  }
  return { ...table, value };
}
