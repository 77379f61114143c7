import {
  type DocumentEntry,
  type DocumentItem,
  type DocumentKey,
  type DocumentScalar,
  type DocumentTable,
  type DocumentTableLike,
  isTableLike,
  newKey,
  newTable,
  resetKeyDecor,
  usualDecor,
} from "./document.ts";
import { tomlString } from "./toml-text.ts";

/** The entry of a table under a name. */
export function documentEntry(table: DocumentTableLike, name: string): DocumentEntry | undefined {
  return table.entries.find(({ key }) => key.name === name);
}

/** What a table has under a name; `undefined` too when `table` is none. */
export function documentItem(table: DocumentItem | undefined, name: string): DocumentItem | undefined {
  return isTableLike(table) ? documentEntry(table, name)?.item : undefined;
}

/** The text that stands under a name; `undefined` for anything else. */
export function documentText(table: DocumentItem | undefined, name: string): string | undefined {
  return textOf(documentItem(table, name));
}

/** The boolean that stands under a name; `undefined` for anything else. */
export function documentBoolean(table: DocumentItem | undefined, name: string): boolean | undefined {
  const item = documentItem(table, name);
  return item?.kind === "scalar" && typeof item.value === "boolean" ? item.value : undefined;
}

/** The text that an item is; `undefined` for anything else. */
export function textOf(item: DocumentItem | undefined): string | undefined {
  return item?.kind === "scalar" && typeof item.value === "string" ? item.value : undefined;
}

/** Puts an item where the name stands, or behind everything else when it is new. */
export function setDocumentItem(table: DocumentTableLike, name: string, item: DocumentItem): void {
  const entry = documentEntry(table, name);
  if (entry === undefined) table.entries.push({ key: newKey(name), item });
  else entry.item = item;
}

/** Takes a name away, with all that stands around it. */
export function removeDocumentItem(table: DocumentTableLike, name: string): void {
  table.entries = table.entries.filter(({ key }) => key.name !== name);
}

/** The table under a name, made when there is none; `undefined` when something else has that name. */
export function documentTableAt(table: DocumentTableLike, name: string): DocumentTableLike | undefined {
  const known = documentItem(table, name);
  if (known !== undefined) return isTableLike(known) ? known : undefined;
  const made: DocumentTable = newTable();
  table.entries.push({ key: newKey(name), item: made });
  return made;
}

/** A string or boolean in the writer's form. */
export function newScalar(value: string | boolean): DocumentScalar {
  const written = typeof value === "string" ? tomlString(value) : String(value);
  return { kind: "scalar", value, written, decor: usualDecor() };
}

/** Puts a table's keys in order; tables with headers of their own stay where they stand. */
export function sortDocumentTable(table: DocumentTableLike, compare: (a: string, b: string) => number): void {
  table.entries.sort((a, b) => compare(a.key.name, b.key.name));
  for (const { item } of table.entries) {
    if (item.kind === table.kind && isTableLike(item) && item.isDotted) sortDocumentTable(item, compare);
  }
}

/** Gives what stands directly in a table the usual form; values keep their spelling. */
export function resetDecor(table: DocumentTableLike): void {
  for (const { key, item } of table.entries) {
    if (item.kind === "table" || item.kind === "tables") continue;
    resetKeyDecor(key);
    item.decor = usualDecor();
  }
}

/** Gives a key the writer's own form. */
export function resetKey(key: DocumentKey): void {
  key.written = undefined;
  resetKeyDecor(key);
}
