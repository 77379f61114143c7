/**
 * What stands around a part of a document: blanks, comments and line ends, without carriage returns. What is `undefined`
 * is left to the writer, who then puts what is usual in that place.
 */
export interface Decor {
  prefix: string | undefined;
  suffix: string | undefined;
}

/** One part of a key. */
export interface DocumentKey {
  readonly name: string;
  /** As the text spells it; `undefined` for the writer's own spelling. */
  written: string | undefined;
  /** Around the whole key, when this is its last part. */
  around: Decor;
  /** Around this part alone, up to the dots beside it. */
  besideDots: Decor;
}

/** A string, a boolean, or something that editing never looks at. */
export interface DocumentScalar {
  readonly kind: "scalar";
  /** `undefined` for numbers, dates and times. */
  readonly value: string | boolean | undefined;
  readonly written: string;
  decor: Decor;
}

/** `[ … ]` */
export interface DocumentArray {
  readonly kind: "array";
  readonly values: DocumentValue[];
  /** What stands behind the last comma, or in an empty array. */
  trailing: string;
  readonly hasTrailingComma: boolean;
  decor: Decor;
}

/** `{ … }`, or below one what dotted keys have in common. */
export interface DocumentInlineTable {
  readonly kind: "inline-table";
  entries: DocumentEntry[];
  readonly trailing: string;
  readonly hasTrailingComma: boolean;
  /** Written as dotted keys of the table it is in. */
  isDotted: boolean;
  decor: Decor;
}

/** A table with a header, or without one what dotted keys, or the headers below, have in common. */
export interface DocumentTable {
  readonly kind: "table";
  entries: DocumentEntry[];
  /** Its header is only written when there are keys below it. */
  isImplicit: boolean;
  /** Written as dotted keys of the table it is in. */
  isDotted: boolean;
  /** Its place among the headers; `undefined` puts it behind the table that comes before it. */
  position: number | undefined;
  /** Around the header. */
  decor: Decor;
}

/** `[[ … ]]` */
export interface DocumentTables {
  readonly kind: "tables";
  readonly tables: DocumentTable[];
}

/** What can stand behind `=`. */
export type DocumentValue = DocumentScalar | DocumentArray | DocumentInlineTable;

/** Something with keys. */
export type DocumentTableLike = DocumentTable | DocumentInlineTable;

/** What a key can name. */
export type DocumentItem = DocumentValue | DocumentTable | DocumentTables;

/** A key and what it names. */
export interface DocumentEntry {
  readonly key: DocumentKey;
  item: DocumentItem;
}

/**
 * A TOML text taken apart so that parts of it can be changed and everything else keeps its form. The shape, and what
 * becomes of the text when it is put together again, is that of the editor inside cargo: line ends become `\n`.
 */
export interface TomlDocument {
  readonly root: DocumentTable;
  /** What stands behind the last statement. */
  readonly trailing: string;
}

/** Decor that the writer chooses. */
export function usualDecor(): Decor {
  return { prefix: undefined, suffix: undefined };
}

/** A key as the writer spells it. */
export function newKey(name: string): DocumentKey {
  return { name, written: undefined, around: usualDecor(), besideDots: usualDecor() };
}

/** Leaves what stands around a key to the writer. */
export function resetKeyDecor(key: DocumentKey): void {
  key.around = usualDecor();
  key.besideDots = usualDecor();
}

/** A table that has no header of its own in the text yet. */
export function newTable(): DocumentTable {
  return { kind: "table", entries: [], isImplicit: true, isDotted: false, position: undefined, decor: usualDecor() };
}

/** `{ … }` of the given entries, in the usual form. */
export function newInlineTable(entries: readonly (readonly [string, DocumentValue])[]): DocumentInlineTable {
  return {
    kind: "inline-table",
    entries: entries.map(([name, item]) => ({ key: newKey(name), item })),
    trailing: "",
    hasTrailingComma: false,
    isDotted: false,
    decor: usualDecor(),
  };
}

/** `[ … ]` of the given values, in the usual form. */
export function newArray(values: readonly DocumentValue[]): DocumentArray {
  return { kind: "array", values: [...values], trailing: "", hasTrailingComma: false, decor: usualDecor() };
}

/** True for what has keys, in whatever form. */
export function isTableLike(item: DocumentItem | undefined): item is DocumentTableLike {
  return item?.kind === "table" || item?.kind === "inline-table";
}
