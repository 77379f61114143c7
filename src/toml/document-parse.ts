import {
  type Decor,
  type DocumentArray,
  type DocumentInlineTable,
  type DocumentKey,
  type DocumentTable,
  type DocumentTableLike,
  type DocumentValue,
  newArray,
  newInlineTable,
  newTable,
  type TomlDocument,
  usualDecor,
} from "./document.ts";
import { parseToml } from "./parse-toml.ts";
import { endOfKeyPart, endOfLine, endOfValue, keyName, skipBlank, skipSpaces, stringValue } from "./statements.ts";

/**
 * Takes a TOML text apart for editing. A byte order mark at its start is dropped.
 *
 * @param at Where the text stands, for error messages: a path.
 * @throws {TomlError} `toml/syntax`.
 */
export function parseTomlDocument(text: string, at: string): TomlDocument {
  parseToml(text, at);
  const cursor: Cursor = { text, at: text.startsWith("\ufeff") ? 1 : 0 };
  const tables = new TableStack();
  for (;;) {
    const before = takeBlank(cursor);
    if (cursor.at >= text.length) return { root: tables.finish(), trailing: before };
    if (text[cursor.at] === "[") readHeader(cursor, before, tables);
    else readStatement(cursor, before, tables.current);
  }
}

interface Cursor {
  readonly text: string;
  at: number;
}

/** Puts tables where their headers say, in the order in which cargo's editor does. */
class TableStack {
  readonly #root = newTable();
  current = this.#root;
  #open: { readonly keys: readonly DocumentKey[]; readonly isElement: boolean } | undefined;
  #position = 0;

  start(keys: readonly DocumentKey[], isElement: boolean, decor: Decor): void {
    this.finish();
    const parent = descend(this.#root, keys.slice(0, -1), false);
    const name = keys.at(-1)?.name;
    const index = isElement ? -1 : parent.entries.findIndex(({ key }) => key.name === name);
    const known = parent.entries[index]?.item;
    // A table that headers below it have named before keeps them, and moves behind its neighbours.
    if (index !== -1) parent.entries.splice(index, 1);
    this.#position += 1;
    this.current = known?.kind === "table" ? known : newTable();
    Object.assign(this.current, { isImplicit: false, isDotted: false, position: this.#position, decor });
    this.#open = { keys, isElement };
  }

  finish(): DocumentTable {
    const key = this.#open?.keys.at(-1);
    if (this.#open === undefined || key === undefined) return this.#root;
    const parent = descend(this.#root, this.#open.keys.slice(0, -1), false);
    const known = parent.entries.find((entry) => entry.key.name === key.name)?.item;
    if (!this.#open.isElement) parent.entries.push({ key, item: this.current });
    else if (known?.kind === "tables") known.tables.push(this.current);
    else parent.entries.push({ key, item: { kind: "tables", tables: [this.current] } });
    this.#open = undefined;
    return this.#root;
  }
}

/** The table that keys lead to, made where it is missing. */
function descend(from: DocumentTable, keys: readonly DocumentKey[], isDotted: boolean): DocumentTable {
  let table = from;
  for (const key of keys) {
    const known = table.entries.find((entry) => entry.key.name === key.name)?.item;
    if (known?.kind === "table") table = known;
    else if (known?.kind === "tables") table = known.tables.at(-1) ?? table;
    else {
      const made = { ...newTable(), isDotted };
      table.entries.push({ key, item: made });
      table = made;
    }
  }
  return table;
}

function readHeader(cursor: Cursor, before: string, tables: TableStack): void {
  const { text } = cursor;
  const brackets = text[cursor.at + 1] === "[" ? 2 : 1;
  cursor.at += brackets;
  const prefix = takeSpaces(cursor);
  const keys = readKey(cursor);
  const suffix = takeSpaces(cursor);
  cursor.at += brackets;
  const last = keys.at(-1);
  if (last !== undefined) last.around = { prefix, suffix };
  tables.start(keys, brackets === 2, { prefix: before, suffix: takeRest(cursor) });
}

function readStatement(cursor: Cursor, before: string, table: DocumentTable): void {
  const keys = readKey(cursor);
  const key = keys.at(-1);
  const suffix = takeSpaces(cursor);
  cursor.at += 1;
  const prefix = takeSpaces(cursor);
  const item = readValue(cursor);
  item.decor = { prefix, suffix: takeRest(cursor) };
  if (key === undefined) return;
  key.around = { prefix: before, suffix };
  descend(table, keys.slice(0, -1), true).entries.push({ key, item });
}

function readKey(cursor: Cursor): DocumentKey[] {
  const { text } = cursor;
  const keys: DocumentKey[] = [];
  for (let prefix = ""; ; ) {
    const end = endOfKeyPart(text, cursor.at);
    const written = text.slice(cursor.at, end);
    const dot = skipSpaces(text, end);
    const isLast = text[dot] !== ".";
    const besideDots = { prefix, suffix: isLast ? "" : text.slice(end, dot) };
    keys.push({ name: keyName(written), written, around: usualDecor(), besideDots });
    cursor.at = isLast ? end : dot + 1;
    if (isLast) return keys;
    prefix = takeSpaces(cursor);
  }
}

function readValue(cursor: Cursor): DocumentValue {
  const { text } = cursor;
  const first = text[cursor.at];
  if (first === "[") return readArray(cursor);
  if (first === "{") return readInlineTable(cursor);
  const end = endOfValue(text, cursor.at);
  const written = text.slice(cursor.at, end);
  cursor.at = end;
  return { kind: "scalar", value: scalarValue(written), written, decor: usualDecor() };
}

function scalarValue(written: string): string | boolean | undefined {
  if (written === "true" || written === "false") return written === "true";
  return /^["']/.test(written) ? stringValue(written) : undefined;
}

function readArray(cursor: Cursor): DocumentArray {
  const { text } = cursor;
  const values: DocumentValue[] = [];
  cursor.at += 1;
  for (let hasComma = false; ; ) {
    const prefix = takeBlank(cursor);
    if (text[cursor.at] === "]") {
      cursor.at += 1;
      return { ...newArray(values), trailing: prefix, hasTrailingComma: hasComma };
    }
    const value = readValue(cursor);
    value.decor = { prefix, suffix: takeBlank(cursor) };
    values.push(value);
    hasComma = text[cursor.at] === ",";
    cursor.at += 1;
    if (!hasComma) return { ...newArray(values), hasTrailingComma: false };
  }
}

function readInlineTable(cursor: Cursor): DocumentInlineTable {
  const { text } = cursor;
  const table = newInlineTable([]);
  cursor.at += 1;
  for (let hasComma = false; ; ) {
    const before = takeBlank(cursor);
    if (text[cursor.at] === "}") {
      cursor.at += 1;
      return { ...table, trailing: before, hasTrailingComma: hasComma };
    }
    const keys = readKey(cursor);
    const key = keys.at(-1);
    const suffix = takeBlank(cursor);
    cursor.at += 1;
    const prefix = takeBlank(cursor);
    const item = readValue(cursor);
    item.decor = { prefix, suffix: takeBlank(cursor) };
    if (key !== undefined) {
      key.around = { prefix: before, suffix };
      descendInline(table, keys.slice(0, -1)).entries.push({ key, item });
    }
    hasComma = text[cursor.at] === ",";
    cursor.at += 1;
    if (!hasComma) return table;
  }
}

function descendInline(from: DocumentInlineTable, keys: readonly DocumentKey[]): DocumentTableLike {
  let table = from;
  for (const key of keys) {
    const known = table.entries.find((entry) => entry.key.name === key.name)?.item;
    if (known?.kind === "inline-table") table = known;
    else {
      const made = { ...newInlineTable([]), isDotted: true };
      table.entries.push({ key, item: made });
      table = made;
    }
  }
  return table;
}

function takeSpaces(cursor: Cursor): string {
  return taken(cursor, skipSpaces(cursor.text, cursor.at));
}

function takeBlank(cursor: Cursor): string {
  return taken(cursor, skipBlank(cursor.text, cursor.at));
}

/** What is left of the line; the cursor moves on to the next one. */
function takeRest(cursor: Cursor): string {
  const rest = taken(cursor, endOfLine(cursor.text, cursor.at));
  if (cursor.text[cursor.at] === "\r") cursor.at += 1;
  cursor.at += 1;
  return rest;
}

function taken(cursor: Cursor, end: number): string {
  const text = cursor.text.slice(cursor.at, end).replaceAll("\r", "");
  cursor.at = end;
  return text;
}
