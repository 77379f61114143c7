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
}

/** The version this program reads. */
export const hubTomlVersion = 1;

/** What a hub without hub.toml holds: everything in the workspace's Cargo.lock. */
export const defaultHubToml: HubToml = { lockfiles: ["Cargo.lock"], mode: "directory", offline: false, compat: false };

const keys = ["version", "lockfiles", "mode", "offline", "compat"];
const modes: readonly HubMode[] = ["directory", "cargo-home"];
const maxBytes = 1024 * 1024;
const maxLockfiles = 10_000;

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
    mode: readMode(table, at),
    offline: readBoolean(table, "offline", at),
    compat: readBoolean(table, "compat", at),
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
  const list = table["lockfiles"];
  if (list === undefined) return defaultHubToml.lockfiles;
  if (!Array.isArray(list)) throw invalid(at, "`lockfiles` is not an array of paths");
  if (list.length === 0)
    throw invalid(at, "`lockfiles` is empty; leave the key out for the workspace's own Cargo.lock");
  if (list.length > maxLockfiles)
    throw invalid(at, `\`lockfiles\` lists ${list.length} paths, more than ${maxLockfiles}`);
  const paths: string[] = [];
  for (const path of list) {
    if (typeof path !== "string" || path === "")
      throw invalid(at, `\`lockfiles\` holds ${shown(path)}, which is not a path`);
    if (/^(?:[/\\]|[A-Za-z]:)/.test(path)) throw invalid(at, `the lockfile \`${path}\` is not a relative path`);
    if (paths.includes(path)) throw invalid(at, `the lockfile \`${path}\` is listed twice`);
    paths.push(path);
  }
  return paths;
}

function readMode(table: TomlTable, at: string): HubMode {
  const value = table["mode"];
  if (value === undefined) return defaultHubToml.mode;
  const mode = modes.find((known) => known === value);
  if (mode === undefined) throw invalid(at, `\`mode\` is ${shown(value)}, not one of ${modes.join(", ")}`);
  return mode;
}

function readBoolean(table: TomlTable, key: "offline" | "compat", at: string): boolean {
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
