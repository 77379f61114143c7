import { HubError } from "../errors/index.ts";
import type { Sha256 } from "./sha256.ts";

/** What can be wrong with a registry's `config.json`. */
export type RegistryConfigErrorCode = "cargo/registry-config-invalid";

/** A `config.json` that cargo would not accept. */
export class RegistryConfigError extends HubError<RegistryConfigErrorCode> {}

/** A registry's `config.json`. Unknown keys are ignored. */
export interface RegistryConfig {
  /** Template of the download addresses, see {@link downloadUrl}. May be empty in an offline home. */
  readonly dl: string;
  /** Root of the Web API, below which `/api/v1` lies; `undefined` when the registry has none. */
  readonly api: string | undefined;
  /** True when every request needs a token. */
  readonly authRequired: boolean;
}

/** One crate file, as a download address names it. */
export interface CrateAddress {
  /** The package's name in its own letter case. */
  readonly name: string;
  /** The version's text, build metadata included. */
  readonly version: string;
  readonly checksum: Sha256;
}

/**
 * Reads a registry's `config.json`.
 *
 * @param text The file's text.
 * @param at Where it came from, for error messages: a path or a URL.
 * @throws {RegistryConfigError} `cargo/registry-config-invalid`, naming the first field that can not be used.
 * @see The Cargo Book, "Index Configuration".
 */
export function parseRegistryConfig(text: string, at: string): RegistryConfig {
  const fields = parseObject(text, at);
  const { dl, api, "auth-required": authRequired } = fields;
  if (typeof dl !== "string") throw badField("dl", "a string", at);
  if (api !== undefined && api !== null && typeof api !== "string") throw badField("api", "a string", at);
  if (authRequired !== undefined && typeof authRequired !== "boolean") {
    throw badField("auth-required", "true or false", at);
  }
  return { dl, api: api ?? undefined, authRequired: authRequired ?? false };
}

const MARKERS = /\{(?:crate|version|prefix|lowerprefix|sha256-checksum)\}/;

/**
 * The address a crate file is downloaded from.
 *
 * The markers `{crate}`, `{version}`, `{prefix}` (in the name's own letter case), `{lowerprefix}` and
 * `{sha256-checksum}` are filled in; a template without any of them gets `/{crate}/{version}/download` appended. Nothing
 * is percent-encoded: a `+` in a version stays a `+`. The registry chooses the scheme (`file:` is legal), so whoever
 * sends the request decides which ones are allowed.
 */
export function downloadUrl(config: RegistryConfig, crate: CrateAddress): string {
  if (!MARKERS.test(config.dl)) return `${config.dl}/${crate.name}/${crate.version}/download`;
  const prefix = prefixOf(crate.name);
  return config.dl
    .replaceAll("{crate}", () => crate.name)
    .replaceAll("{version}", () => crate.version)
    .replaceAll("{prefix}", () => prefix)
    .replaceAll("{lowerprefix}", () => prefix.toLowerCase())
    .replaceAll("{sha256-checksum}", () => crate.checksum);
}

function prefixOf(name: string): string {
  if (name.length <= 2) return `${name.length}`;
  if (name.length === 3) return `3/${name.slice(0, 1)}`;
  return `${name.slice(0, 2)}/${name.slice(2, 4)}`;
}

function parseObject(text: string, at: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON", at, cause);
  }
  if (!isObject(value)) throw invalid("it is not a JSON object", at);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function badField(name: string, expected: string, at: string): RegistryConfigError {
  return invalid(`its field "${name}" is not ${expected}`, at);
}

function invalid(reason: string, at: string, cause?: unknown): RegistryConfigError {
  return new RegistryConfigError({
    code: "cargo/registry-config-invalid",
    what: `this is not the config.json of a registry: ${reason}`,
    where: at,
    help: "check the registry's address; its root must serve a config.json with at least a `dl` entry",
    cause,
  });
}
