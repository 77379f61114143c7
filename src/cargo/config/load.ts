import { parsePrivateToml, type TomlTable } from "../../toml/index.ts";
import { parseConfigArgument } from "./argument.ts";
import { type CargoConfig, cargoConfig } from "./cargo-config.ts";
import { ConfigError } from "./config-error.ts";
import { type ConfigOrigin, type ConfigTable, configTable } from "./config-value.ts";
import { type ConfigWarning, candidatesIn, configDirectories, legacyWarning } from "./discovery.ts";
import { includesOf, missingInclude } from "./include.ts";
import { mergeTables } from "./merge.ts";
import { comparablePath, joinPath, parentPath } from "./paths.ts";

/** What decides which configuration applies. Paths are absolute. */
export interface ConfigPlace {
  /** The directory cargo is started in: configuration is found from here, not from the manifest. */
  readonly cwd: string;
  /** `CARGO_HOME`, or `.cargo` in the user's home. */
  readonly cargoHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The values of `--config`, in their order: `KEY=VALUE` or the path of a file. */
  readonly cliConfigs?: readonly string[];
  /**
   * The real path of a file or directory that may be missing; used to see that the home was read already. Without
   * it, a home that is reached through a symbolic link is read twice, which doubles its arrays.
   */
  readonly canonical?: (absolutePath: string) => string;
}

/** The text of a file, or undefined when there is none. */
export type ReadText = (absolutePath: string) => string | undefined;

/**
 * Cargo's configuration as cargo itself would read it: `.cargo/config` or `.cargo/config.toml` from the current
 * directory upwards, the home's, what they include, and `--config`, merged.
 *
 * `read` is asked for each candidate once, from near to far; nothing else reaches outside. The environment is
 * looked at when a value is asked for.
 *
 * @throws {ConfigError} for what cargo refuses: `cargo/config-include`, `cargo/config-include-cycle`,
 *   `cargo/config-merge`, `cargo/config-value`, `cargo/config-argument`.
 * @throws {TomlError} `toml/syntax` with the file's path.
 * @see The Cargo Book, "Configuration".
 */
export function loadConfig(place: ConfigPlace, read: ReadText): CargoConfig {
  return assemble(place, cachedFiles(read), () => false);
}

/** The files of one load, each read and parsed once, and only when needed. */
interface Files {
  readonly exists: (path: string) => boolean;
  readonly tableAt: (path: string) => TomlTable;
}

/** One file with what it includes. */
export interface LoadedFile {
  readonly table: ConfigTable;
  /** The file first, then what it includes. */
  readonly paths: readonly string[];
}

/**
 * Reads a single file of cargo's configuration and what it includes, as {@link loadConfig} does with each.
 *
 * @param path Absolute; it exists.
 * @throws as {@link loadConfig}.
 */
export function loadConfigFile(path: string, cwd: string, read: ReadText): LoadedFile {
  const { exists, tableAt } = cachedFiles(read);
  const loader: Loader = { cwd, paths: [], warnings: [], exists, tableAt, isIgnored: () => false };
  return { table: loadFile(path, loader, fresh("file")), paths: loader.paths };
}

function cachedFiles(read: ReadText): Files {
  const texts = new Map<string, string | undefined>();
  const tables = new Map<string, TomlTable>();
  const textAt = (path: string): string | undefined => {
    if (!texts.has(path)) texts.set(path, read(path));
    return texts.get(path);
  };
  const tableAt = (path: string): TomlTable => {
    const table = tables.get(path) ?? parsePrivateToml(textAt(path) ?? "", path);
    tables.set(path, table);
    return table;
  };
  return { exists: (path) => textAt(path) !== undefined, tableAt };
}

function assemble(place: ConfigPlace, files: Files, isIgnored: (path: string) => boolean): CargoConfig {
  const loader: Loader = {
    cwd: place.cwd,
    paths: [],
    warnings: [],
    exists: (path) => !isIgnored(path) && files.exists(path),
    tableAt: files.tableAt,
    isIgnored,
  };
  let merged = emptyTable({ kind: "default" });
  for (const directory of configDirectories(place.cwd, place.cargoHome, place.canonical ?? ((path) => path))) {
    const path = fileIn(directory, loader, place.canonical);
    if (path !== undefined) merged = mergeTables(merged, loadFile(path, loader, fresh("file")), "base");
  }
  if (place.cliConfigs !== undefined) merged = mergeTables(merged, loadArguments(place.cliConfigs, loader), "from");
  return cargoConfig({
    cwd: place.cwd,
    env: place.env,
    root: merged,
    files: loader.paths,
    warnings: loader.warnings,
    without: (also) => assemble(place, files, (path) => isIgnored(path) || also(path)),
  });
}

function emptyTable(origin: ConfigOrigin): ConfigTable {
  return { kind: "table", value: new Map(), origin };
}

interface Loader {
  readonly cwd: string;
  readonly paths: string[];
  readonly warnings: ConfigWarning[];
  readonly exists: Files["exists"];
  readonly tableAt: Files["tableAt"];
  readonly isIgnored: (path: string) => boolean;
}

/** How a chain of includes began, and the files it has met. */
interface Chain {
  readonly from: "file" | "cli";
  readonly seen: Set<string>;
}

function fresh(from: Chain["from"]): Chain {
  return { from, seen: new Set() };
}

/** The configuration file of a directory; a file without ending comes first, as long as cargo keeps that name. */
function fileIn(directory: string, loader: Loader, canonical: ConfigPlace["canonical"]): string | undefined {
  const [legacy = "", modern = ""] = candidatesIn(directory);
  const hasModern = loader.exists(modern);
  if (!loader.exists(legacy)) return hasModern ? modern : undefined;
  const isOneFile = hasModern && canonical !== undefined && canonical(legacy) === canonical(modern);
  if (!isOneFile) loader.warnings.push(legacyWarning(legacy, modern, hasModern));
  return legacy;
}

function loadFile(path: string, loader: Loader, chain: Chain): ConfigTable {
  const key = comparablePath(path);
  if (chain.seen.has(key)) throw includeCycle(path);
  chain.seen.add(key);
  loader.paths.push(path);
  const origin: ConfigOrigin = chain.from === "cli" ? { kind: "cli", path } : { kind: "file", path };
  return withIncludes(configTable(loader.tableAt(path), origin), loader, chain);
}

/** The table on top of what it includes; `include` itself is gone. */
function withIncludes(table: ConfigTable, loader: Loader, chain: Chain): ConfigTable {
  const includes = includesOf(table);
  if (!table.value.has("include")) return table;
  let merged = emptyTable(table.origin);
  for (const include of includes) {
    const path = joinPath(includeBase(table.origin, loader.cwd), include.path);
    if (loader.isIgnored(path)) continue;
    if (!loader.exists(path)) {
      if (include.optional) continue;
      throw missingInclude(path, table);
    }
    merged = mergeTables(merged, loadFile(path, loader, chain), "from");
  }
  const own = new Map(table.value);
  own.delete("include");
  return mergeTables(merged, { kind: "table", value: own, origin: table.origin }, "from");
}

function includeBase(origin: ConfigOrigin, cwd: string): string {
  return (origin.kind === "file" || origin.kind === "cli") && origin.path !== undefined ? parentPath(origin.path) : cwd;
}

function loadArguments(texts: readonly string[], loader: Loader): ConfigTable {
  const files = fresh("cli");
  let merged = emptyTable({ kind: "cli" });
  for (const text of texts) {
    const path = joinPath(loader.cwd, text);
    const isFile = text !== "" && !text.includes("\n") && loader.exists(path);
    const table = isFile
      ? loadFile(path, loader, files)
      : withIncludes(parseConfigArgument(text), loader, fresh("cli"));
    merged = mergeTables(merged, table, "from");
  }
  return merged;
}

function includeCycle(path: string): ConfigError {
  return new ConfigError({
    code: "cargo/config-include-cycle",
    what: "the file is included twice, by itself or by two files that the same file leads to",
    where: path,
    help: "include each file from one place only",
  });
}
