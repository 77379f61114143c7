import { HubError } from "../errors/index.ts";
import { isTomlTable, type TomlTable, type TomlValue } from "../toml/index.ts";
import { lineOfKey } from "./toml-line.ts";

/** What can be wrong with a Cargo.toml, beside its TOML. */
export type ManifestErrorCode = "cargo/manifest-invalid";

/** A Cargo.toml that cargo would not accept. */
export class ManifestError extends HubError<ManifestErrorCode> {}

/** A manifest's text and the place it came from. */
export interface ManifestDocument {
  readonly text: string;
  /** For error messages: a path. */
  readonly at: string;
}

/** One table of a manifest, which knows where it stands so that a fault can be shown. */
export interface ManifestTable {
  readonly document: ManifestDocument;
  /** Keys from the top of the document to this table. */
  readonly path: readonly string[];
  readonly values: TomlTable;
}

/** The value of a key, never something inherited from JavaScript's own objects. */
export function valueOf(table: ManifestTable, key: string): TomlValue | undefined {
  return Object.hasOwn(table.values, key) ? table.values[key] : undefined;
}

/** The table under a key; `undefined` when there is none. */
export function tableOf(table: ManifestTable, key: string): ManifestTable | undefined {
  const value = valueOf(table, key);
  if (value === undefined) return undefined;
  if (!isTomlTable(value)) throw fault(table, key, `\`${key}\` is not a table`);
  return { document: table.document, path: [...table.path, key], values: value };
}

/** The text under a key. */
export function stringOf(table: ManifestTable, key: string): string | undefined {
  const value = valueOf(table, key);
  if (value === undefined || typeof value === "string") return value;
  throw fault(table, key, `\`${key}\` is not a string`);
}

/** The boolean under a key. */
export function booleanOf(table: ManifestTable, key: string): boolean | undefined {
  const value = valueOf(table, key);
  if (value === undefined || typeof value === "boolean") return value;
  throw fault(table, key, `\`${key}\` is neither true nor false`);
}

/** The list of texts under a key. */
export function stringsOf(table: ManifestTable, key: string): readonly string[] | undefined {
  const value = valueOf(table, key);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw fault(table, key, `\`${key}\` is not an array of strings`);
  return value.map((element) => {
    if (typeof element === "string") return element;
    throw fault(table, key, `\`${key}\` is not an array of strings`);
  });
}

/** Which editions refuse the spelling with an underscore: 2024 and whatever comes after it. */
export function isNewEdition(edition: string | undefined): boolean {
  return edition !== undefined && !["2015", "2018", "2021"].includes(edition);
}

/**
 * The spelling of `key` that counts in `table`: with hyphens, or the old one with underscores when only that is there.
 *
 * @throws {ManifestError} when the old spelling meets an edition that has given it up.
 */
export function spelling(table: ManifestTable, key: string, edition: string | undefined): string {
  const old = key.replaceAll("-", "_");
  if (valueOf(table, old) === undefined) return key;
  if (isNewEdition(edition))
    throw fault(table, old, `\`${old}\` is not supported since edition 2024; write \`${key}\``);
  return valueOf(table, key) === undefined ? old : key;
}

/** An error about `key` of `table`, with the line it stands on. */
export function fault(table: ManifestTable, key: string, what: string): ManifestError {
  const { text, at } = table.document;
  const line = lineOfKey(text, [...table.path, key]);
  const inTable = table.path.length === 0 ? "" : ` in [${table.path.join(".")}]`;
  return new ManifestError({
    code: "cargo/manifest-invalid",
    what: `${what}${inTable}`,
    where: line === undefined ? at : `${at}:${line}`,
    help: "correct the manifest; `cargo metadata --no-deps` shows how cargo sees it",
  });
}
