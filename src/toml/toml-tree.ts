import type { TomlDate } from "smol-toml";
import { parseExact } from "./parse-toml.ts";
import { isTomlTable, type TomlTable, type TomlValue } from "./toml-value.ts";

/** A table whose keys keep their order, whatever they look like. */
export type TomlTreeTable = ReadonlyMap<string, TomlTree>;

/** A TOML value that tells `1` (a bigint) from `1.0` (a number). */
export type TomlTree = string | number | bigint | boolean | TomlDate | readonly TomlTree[] | TomlTreeTable;

/** True for a table of a tree. */
export function isTomlTreeTable(value: TomlTree | undefined): value is TomlTreeTable {
  return value instanceof Map;
}

/**
 * Reads a document for writing it again: like `parseToml`, but integers are bigints and floats numbers, and tables are
 * maps in the order of the text. Keys that are whole numbers come first, in numeric order; that much is lost.
 *
 * @throws {TomlError} `toml/syntax`.
 */
export function parseTomlTree(text: string, at: string): TomlTreeTable {
  return tomlTree(parseExact(text, at));
}

/** {@link parseTomlTree} of what `parseExact` has read. */
export function tomlTree(table: TomlTable): TomlTreeTable {
  return treeTable(table);
}

function treeTable(table: TomlTable): TomlTreeTable {
  return new Map(Object.entries(table).map(([key, value]) => [key, treeOf(value)]));
}

function treeOf(value: TomlValue): TomlTree {
  if (Array.isArray(value)) return value.map(treeOf);
  return isTomlTable(value) ? treeTable(value) : value;
}
