import type {
  Decor,
  DocumentArray,
  DocumentEntry,
  DocumentInlineTable,
  DocumentKey,
  DocumentTable,
  DocumentTableLike,
  DocumentValue,
  TomlDocument,
} from "./document.ts";
import { tomlKey } from "./toml-text.ts";

/** Puts a document together again: tables by their places, keys in the order of their table. */
export function formatTomlDocument({ root, trailing }: TomlDocument): string {
  let text = "";
  let isFirst = true;
  for (const { table, path, isElement } of tablesInOrder(root)) {
    const statements = writtenValues(table);
    if (path.length === 0) {
      if (statements.length > 0) isFirst = false;
    } else if (isElement || !table.isImplicit || statements.length > 0) {
      text += header(table, path, { isElement, isFirst });
      isFirst = false;
    }
    for (const { keys, value } of statements) {
      text += `${keyText(keys, STATEMENT)}=${valueText(value, AFTER_EQUALS)}\n`;
    }
  }
  return text + trailing;
}

/** A value with the keys that lead to it from the table it is written in. */
interface WrittenValue {
  readonly keys: readonly DocumentKey[];
  readonly value: DocumentValue;
}

/** What stands directly below a table's header, or between the braces of one that is written inline. */
function writtenValues(table: DocumentTableLike): WrittenValue[] {
  return valuesBelow(table, [], table.kind === "inline-table");
}

/** @param isInline Whether even a table with a header of its own has to be written as dotted keys. */
function valuesBelow(table: DocumentTableLike, above: readonly DocumentKey[], isInline: boolean): WrittenValue[] {
  return table.entries.flatMap(({ key, item }: DocumentEntry): WrittenValue[] => {
    const keys = [...above, key];
    if (item.kind === "table") return item.isDotted || isInline ? valuesBelow(item, keys, isInline) : [];
    if (item.kind === "tables") return [];
    if (item.kind === "inline-table" && item.isDotted) return valuesBelow(item, keys, true);
    return [{ keys, value: item }];
  });
}

interface PlacedTable {
  readonly table: DocumentTable;
  readonly path: readonly DocumentKey[];
  readonly isElement: boolean;
}

/** Tables by position; one without stands where the table that was seen before it stands. */
function tablesInOrder(root: DocumentTable): readonly PlacedTable[] {
  const found: { readonly placed: PlacedTable; readonly position: number }[] = [];
  let last = 0;
  const visit = (placed: PlacedTable): void => {
    const { table, path } = placed;
    if (!table.isDotted) {
      last = table.position ?? last;
      found.push({ placed, position: last });
    }
    for (const { key, item } of table.entries) {
      const below = [...path, key];
      if (item.kind === "table") visit({ table: item, path: below, isElement: false });
      if (item.kind === "tables") {
        for (const element of item.tables) visit({ table: element, path: below, isElement: true });
      }
    }
  };
  visit({ table: root, path: [], isElement: false });
  return found.sort((a, b) => a.position - b.position).map(({ placed }) => placed);
}

interface HeaderForm {
  readonly isElement: boolean;
  readonly isFirst: boolean;
}

function header({ decor }: DocumentTable, path: readonly DocumentKey[], { isElement, isFirst }: HeaderForm): string {
  const [open, close] = isElement ? ["[[", "]]"] : ["[", "]"];
  const prefix = decor.prefix ?? (isFirst ? "" : "\n");
  return `${prefix}${open}${keyText(path, HEADER)}${close}${decor.suffix ?? ""}\n`;
}

/** What stands around something whose decor is left to the writer. */
type Usual = readonly [prefix: string, suffix: string];

const HEADER: Usual = ["", ""];
const STATEMENT: Usual = ["", " "];
const INLINE_KEY: Usual = [" ", " "];
const AFTER_EQUALS: Usual = [" ", ""];
const BEFORE_BRACE: Usual = [" ", " "];
const FIRST_ELEMENT: Usual = ["", ""];
const NEXT_ELEMENT: Usual = [" ", ""];

function keyText(keys: readonly DocumentKey[], usual: Usual): string {
  const { prefix, suffix } = keys.at(-1)?.around ?? { prefix: undefined, suffix: undefined };
  const parts = keys.map(({ name, written, besideDots }, index) => {
    const before = index === 0 ? (prefix ?? usual[0]) : (besideDots.prefix ?? "");
    const after = index === keys.length - 1 ? (suffix ?? usual[1]) : (besideDots.suffix ?? "");
    return `${before}${written ?? tomlKey(name)}${after}`;
  });
  return parts.join(".");
}

function valueText(value: DocumentValue, usual: Usual): string {
  switch (value.kind) {
    case "scalar":
      return decorated(value.written, value.decor, usual);
    case "array":
      return decorated(arrayText(value), value.decor, usual);
    case "inline-table":
      return decorated(inlineText(value), value.decor, usual);
  }
}

function decorated(text: string, { prefix, suffix }: Decor, usual: Usual): string {
  return `${prefix ?? usual[0]}${text}${suffix ?? usual[1]}`;
}

function arrayText({ values, trailing, hasTrailingComma }: DocumentArray): string {
  const elements = values.map((value, index) => valueText(value, index === 0 ? FIRST_ELEMENT : NEXT_ELEMENT));
  return `[${elements.join(",")}${hasTrailingComma && values.length > 0 ? "," : ""}${trailing}]`;
}

function inlineText(table: DocumentInlineTable): string {
  const values = writtenValues(table);
  const entries = values.map(({ keys, value }, index) => {
    const usual = index === values.length - 1 ? BEFORE_BRACE : AFTER_EQUALS;
    return `${keyText(keys, INLINE_KEY)}=${valueText(value, usual)}`;
  });
  const comma = table.hasTrailingComma && table.entries.length > 0 ? "," : "";
  return `{${entries.join(",")}${comma}${table.trailing}}`;
}

/** The names that stand first in each key of a table, in the order in which they are written. */
export function writtenKeys(table: DocumentTableLike): readonly string[] {
  return writtenValues(table).map(({ keys }) => keys[0]?.name ?? "");
}
