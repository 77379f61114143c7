import { isTomlTable, type TomlTable, type TomlValue } from "../../toml/index.ts";

/** The value under a key of a parsed table, never something inherited from JavaScript's own objects. */
export function valueIn(table: TomlTable | undefined, key: string): TomlValue | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The table under a key; undefined for anything else. */
export function tableIn(table: TomlTable | undefined, key: string): TomlTable | undefined {
  const value = valueIn(table, key);
  return isTomlTable(value) ? value : undefined;
}

/** The text under a key; undefined for anything else. */
export function textIn(table: TomlTable | undefined, key: string): string | undefined {
  const value = valueIn(table, key);
  return typeof value === "string" ? value : undefined;
}

/** The texts in the list under a key. */
export function textsIn(table: TomlTable | undefined, key: string): readonly string[] {
  const value = valueIn(table, key);
  return Array.isArray(value) ? value.filter((element) => typeof element === "string") : [];
}

/** The tables in the list under a key. */
export function tablesIn(table: TomlTable | undefined, key: string): readonly TomlTable[] {
  const value = valueIn(table, key);
  return Array.isArray(value) ? value.filter(isTomlTable) : [];
}
