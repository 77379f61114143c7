import { parseToml, type TomlTable, type TomlValue } from "../toml/index.ts";
import { FormatsError } from "./formats-error.ts";

/** How Cargo is to read the hub. */
export type HubMode = "directory" | "cargo-home";

/** What a hub should hold, docs/formats/hub-toml.md. */
export interface HubToml {
  /** Relative to the directory that holds `.cargo`; `/` separates. */
  readonly lockfiles: readonly string[];
  readonly mode: HubMode;
  readonly offline: boolean;
  readonly compat: boolean;
  /** What of the hub is committed beside its texts: nothing, or the crates and index lines from which the rest can be made. */
  readonly commit: HubCommit;
  /** `.crate` files and package directories that the hub holds beside what the lockfiles ask for; paths as in `lockfiles`. */
  readonly with: readonly string[];
  /** The lowest cargo that must be able to read the hub, such as `1.70` or `1.70.1`. */
  readonly rustVersion: string | undefined;
  /** Whether the hub holds what the standard library's own lockfile needs. */
  readonly std: boolean;
}

/** What of a hub's content is committed. */
export type HubCommit = "none" | "crates";

/** The version this program reads. */
export const hubTomlVersion = 1;

/** What a hub without hub.toml holds: everything in the workspace's Cargo.lock. */
export const defaultHubToml: HubToml = {
  lockfiles: ["Cargo.lock"],
  mode: "directory",
  offline: false,
  compat: false,
  commit: "none",
  with: [],
  rustVersion: undefined,
  std: false,
};

const keys = ["version", "lockfiles", "mode", "offline", "compat", "commit", "with", "rust-version", "std"];
const modes: readonly HubMode[] = ["directory", "cargo-home"];
const commits: readonly HubCommit[] = ["none", "crates"];
const maxBytes = 1024 * 1024;
const maxPaths = 10_000;

/**
 * Reads hub.toml.
 *
 * @param content The file's text. @param at Its path, for error messages.
 * @throws {FormatsError} formats/hub-toml-invalid, formats/hub-toml-version; {TomlError} toml/syntax.
 */
export function parseHubToml(content: string, at: string): HubToml {
  if (content.length > maxBytes) throw invalid(at, `it is ${content.length} bytes long, more than ${maxBytes}`);
  const table = parseToml(content, at);
  checkVersion(table, at);
  for (const key of Object.keys(table)) {
    if (!keys.includes(key)) throw invalid(at, `it has the unknown key \`${key}\`; known are ${keys.join(", ")}`);
  }
  return {
    lockfiles: readLockfiles(table, at),
    mode: readChoice(table, { key: "mode", choices: modes, at }) ?? defaultHubToml.mode,
    offline: readBoolean(table, "offline", at),
    compat: readBoolean(table, "compat", at),
    commit: readChoice(table, { key: "commit", choices: commits, at }) ?? defaultHubToml.commit,
    with: readPaths(table, "with", at) ?? defaultHubToml.with,
    rustVersion: readRustVersion(table, at),
    std: readBoolean(table, "std", at),
  };
}

function checkVersion(table: TomlTable, at: string): void {
  const version = table["version"];
  if (version === hubTomlVersion) return;
  if (version === undefined) throw invalid(at, `it has no \`version = ${hubTomlVersion}\``);
  if (typeof version !== "number" && typeof version !== "bigint") throw invalid(at, "`version` is not a number");
  throw new FormatsError({
    code: "formats/hub-toml-version",
    what: `it has version ${version}, but this cargo-hub reads version ${hubTomlVersion}`,
    where: at,
    help: "use a newer cargo-hub",
  });
}

function readLockfiles(table: TomlTable, at: string): readonly string[] {
  const paths = readPaths(table, "lockfiles", at);
  if (paths === undefined) return defaultHubToml.lockfiles;
  if (paths.length === 0)
    throw invalid(at, "`lockfiles` is empty; leave the key out for the workspace's own Cargo.lock");
  return paths;
}

/** Relative paths, each once. */
function readPaths(table: TomlTable, key: "lockfiles" | "with", at: string): string[] | undefined {
  const list = table[key];
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) throw invalid(at, `\`${key}\` is not an array of paths`);
  if (list.length > maxPaths) throw invalid(at, `\`${key}\` lists ${list.length} paths, more than ${maxPaths}`);
  const paths = new Set<string>();
  for (const path of list) {
    if (typeof path !== "string" || path === "")
      throw invalid(at, `\`${key}\` holds ${shown(path)}, which is not a path`);
    if (/^(?:[/\\]|[A-Za-z]:)/.test(path)) throw invalid(at, `the path \`${path}\` in \`${key}\` is not relative`);
    if (paths.has(path)) throw invalid(at, `the path \`${path}\` is listed twice in \`${key}\``);
    paths.add(path);
  }
  return [...paths];
}

interface Choice<Value> {
  readonly key: "mode" | "commit";
  readonly choices: readonly Value[];
  readonly at: string;
}

function readChoice<Value extends string>(table: TomlTable, { key, choices, at }: Choice<Value>): Value | undefined {
  const value = table[key];
  if (value === undefined) return undefined;
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw invalid(at, `\`${key}\` is ${shown(value)}, not one of ${choices.join(", ")}`);
  return choice;
}

function readRustVersion(table: TomlTable, at: string): string | undefined {
  const value = table["rust-version"];
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^\d{1,4}\.\d{1,4}(?:\.\d{1,4})?$/.test(value)) return value;
  throw invalid(at, `\`rust-version\` is ${shown(value)}, not a version such as "1.70" or "1.70.1"`);
}

function readBoolean(table: TomlTable, key: "offline" | "compat" | "std", at: string): boolean {
  const value = table[key];
  if (value === undefined) return defaultHubToml[key];
  if (typeof value !== "boolean") throw invalid(at, `\`${key}\` is neither true nor false`);
  return value;
}

function invalid(where: string, what: string): FormatsError {
  return new FormatsError({
    code: "formats/hub-toml-invalid",
    what,
    where,
    help: "correct hub.toml; docs/formats/hub-toml.md lists what it may say",
  });
}

/** A value for a message: texts in quotes, anything with parts by its kind. */
function shown(value: TomlValue | undefined): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "a table or a date";
  return String(value);
}
