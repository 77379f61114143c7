import { parsePrivateToml } from "./parse-toml.ts";
import { type Element, elementsOf, endOfLine, type Layout, layoutOf, type Statement } from "./statements.ts";
import { TomlError } from "./toml-error.ts";
import { isTomlTable, sameTomlValue, type TomlTable, type TomlValue } from "./toml-value.ts";

/** One string of one array. */
export interface ArrayEntry {
  /** The array's key, outermost part first; at least one part. */
  readonly path: readonly string[];
  readonly value: string;
}

/**
 * Adds one string to an array of a TOML document and keeps every other byte.
 *
 * An array that is there gets the string behind its last element, in the array's own style. A key that is
 * absent becomes the document's first line, with an empty line behind it when anything follows; a key below
 * a `[table]` that is written out becomes that table's first line. Line ends are the document's own.
 *
 * @param at Where the text stands, for error messages: a path.
 * @returns The new text; `text` itself when the array holds the string already.
 * @throws {TomlError} `toml/syntax`; `toml/not-an-array` when the key holds something else;
 *   `toml/not-editable` when the array is written as `[[key]]` tables or stands in an inline table.
 */
export function addToArray(text: string, entry: ArrayEntry, at: string): string {
  const table = parsePrivateToml(text, at);
  const array = arrayAt(table, entry.path, at);
  if (array?.includes(entry.value) === true) return text;
  const layout = layoutOf(text);
  const statement = statementOf(layout, entry.path);
  const edited = statement === undefined ? withKey(text, layout, entry) : withElement(text, statement, entry.value);
  return checked(edited, { before: table, entry, array: [...(array ?? []), entry.value], at });
}

/**
 * Takes one string out of an array of a TOML document: the inverse of {@link addToArray}.
 *
 * When the array becomes empty and stands as `addToArray` would have made it (the document's first line, in
 * its form), the line and the empty line behind it go too; any other array stays, empty.
 *
 * @returns The new text; `text` itself when there is no such string.
 * @throws {TomlError} as {@link addToArray}.
 */
export function removeFromArray(text: string, entry: ArrayEntry, at: string): string {
  const table = parsePrivateToml(text, at);
  const array = arrayAt(table, entry.path, at);
  if (array?.includes(entry.value) !== true) return text;
  const statement = statementOf(layoutOf(text), entry.path);
  if (statement === undefined) throw notEditable(entry.path, at);
  const own = ownKeyEnd(text, statement, entry);
  if (own !== undefined) return bomOf(text) + text.slice(own);
  let edited = text;
  const index = array.indexOf(entry.value);
  for (let last = array.lastIndexOf(entry.value); last >= index; last -= 1) {
    if (array[last] === entry.value) edited = withoutElement(edited, statement, last);
  }
  return checked(edited, { before: table, entry, array: array.filter((value) => value !== entry.value), at });
}

function arrayAt(table: TomlTable, path: readonly string[], at: string): TomlValue[] | undefined {
  let value: TomlValue | undefined = table;
  for (const part of path) {
    if (!isTomlTable(value)) break;
    value = Object.hasOwn(value, part) ? value[part] : undefined;
  }
  if (value === undefined || Array.isArray(value)) return value;
  throw new TomlError({
    code: "toml/not-an-array",
    what: `\`${path.join(".")}\` is ${isTomlTable(value) ? "a table" : `a ${typeof value}`}, but an array is needed`,
    where: at,
    help: `write it as an array: \`${path.join(".")} = [ … ]\``,
  });
}

function statementOf(layout: Layout, path: readonly string[]): Statement | undefined {
  return layout.statements.find((statement) => samePath(statement.path, path));
}

function samePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((part, index) => part === right[index]);
}

/** The text with a new statement at its top, or at the top of the table that the key belongs to. */
function withKey(text: string, layout: Layout, { path, value }: ArrayEntry): string {
  const eol = lineEnd(text);
  const parent = path.slice(0, -1);
  const header =
    parent.length === 0
      ? undefined
      : layout.headers.find((header) => header.path !== undefined && samePath(header.path, parent));
  if (header !== undefined) {
    const line = endOfLine(text, header.end);
    return `${text.slice(0, line)}${eol}${keyLine(path.slice(-1), value)}${text.slice(line)}`;
  }
  const rest = text.slice(bomOf(text).length);
  return bomOf(text) + keyLine(path, value) + eol + (rest === "" ? "" : eol + rest);
}

function keyLine(path: readonly string[], value: string): string {
  const key = path.map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : quoted(part))).join(".");
  return `${key} = [${quoted(value)}]`;
}

/** Where the text goes on behind a line (and an empty line) that `withKey` made; undefined for any other. */
function ownKeyEnd(text: string, statement: Statement, { path, value }: ArrayEntry): number | undefined {
  if (statement.start !== bomOf(text).length) return undefined;
  if (text.slice(statement.start, statement.valueEnd) !== keyLine(path, value)) return undefined;
  const eol = lineEnd(text);
  if (!text.startsWith(eol, statement.valueEnd)) return undefined;
  const next = statement.valueEnd + eol.length;
  if (next === text.length) return next;
  return text.startsWith(eol, next) ? next + eol.length : undefined;
}

function withElement(text: string, statement: Statement, value: string): string {
  const elements = elementsOf(text, statement.valueStart);
  const last = elements.at(-1);
  if (last === undefined) return splice(text, statement.valueStart + 1, quoted(value));
  const separator = separatorBefore(text, statement, elements);
  const behind = (last.comma ?? last.end - 1) + 1;
  const place = behindComment(text, behind, statement.valueEnd);
  const gap = place > behind && separator === " " ? lineEnd(text) + indentation(text, last.start) : separator;
  const element = gap + quoted(value) + (last.comma === undefined ? "" : ",");
  const edited = splice(text, place, element);
  return last.comma === undefined ? splice(edited, last.end, ",") : edited;
}

/** What stands between the last two elements (or the bracket and the only one): a blank, or a new line's start. */
function separatorBefore(text: string, statement: Statement, elements: readonly Element[]): string {
  const last = elements.at(-1);
  if (last === undefined) return "";
  const before = elements.at(-2)?.end ?? statement.valueStart + 1;
  return text.slice(before, last.start).includes("\n") ? lineEnd(text) + indentation(text, last.start) : " ";
}

function indentation(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  const blank = /^[ \t]*/.exec(line)?.[0] ?? "";
  return blank.length === line.length ? blank : `${blank}  `;
}

/** The end of a comment that stands on the same line behind `from`, else `from`. */
function behindComment(text: string, from: number, limit: number): number {
  const end = Math.min(endOfLine(text, from), limit);
  return /^[ \t]*#/.test(text.slice(from, end)) ? end : from;
}

function withoutElement(text: string, statement: Statement, index: number): string {
  const elements = elementsOf(text, statement.valueStart);
  const element = elements[index];
  if (element === undefined) return text;
  const before = elements[index - 1];
  const next = elements[index + 1];
  const end = element.comma === undefined ? element.end : element.comma + 1;
  if (next !== undefined && !text.slice(end, next.start).includes("\n")) {
    return text.slice(0, element.start) + text.slice(next.start);
  }
  const gap = text.slice((before?.comma ?? statement.valueStart) + 1, element.start);
  // What follows on the line must not slip into a comment of the line before.
  const keepsLine = gap.includes("#") && !text.slice(end, statement.valueEnd).includes("\n");
  const start = keepsLine ? element.start : element.start - (/[ \t\r\n]*$/.exec(gap)?.[0].length ?? 0);
  const shorter = text.slice(0, start) + text.slice(end);
  if (next !== undefined || element.comma !== undefined || before?.comma === undefined) return shorter;
  return shorter.slice(0, before.comma) + shorter.slice(before.comma + 1);
}

/** The edited text, once it is sure that the edit did what it should and nothing else. */
function checked(
  edited: string,
  wish: { before: TomlTable; entry: ArrayEntry; array: readonly TomlValue[]; at: string },
): string {
  const { path } = wish.entry;
  try {
    const after = parsePrivateToml(edited, wish.at);
    const array = arrayAt(after, path, wish.at);
    const isRight = array !== undefined && sameTomlValue(array, [...wish.array]);
    if (isRight && sameTomlValue(without(after, path), without(wish.before, path))) return edited;
  } catch (cause) {
    throw notEditable(path, wish.at, cause);
  }
  throw notEditable(path, wish.at);
}

/** The table less one key and less the tables that only led to it. */
function without(table: TomlTable, path: readonly string[]): TomlTable {
  const entries = Object.entries(table).flatMap(([key, value]): [string, TomlValue][] => {
    if (key !== path[0]) return [[key, value]];
    if (path.length === 1) return [];
    if (!isTomlTable(value)) return [[key, value]];
    const rest = without(value, path.slice(1));
    return Object.keys(rest).length === 0 ? [] : [[key, rest]];
  });
  return Object.fromEntries(entries);
}

function notEditable(path: readonly string[], at: string, cause?: unknown): TomlError {
  const key = path.join(".");
  return new TomlError({
    code: "toml/not-editable",
    what: `\`${key}\` is written in a form that can not be changed line by line`,
    where: at,
    help: `write it as one array: \`${key} = [ … ]\``,
    cause,
  });
}

function splice(text: string, at: number, insertion: string): string {
  return text.slice(0, at) + insertion + text.slice(at);
}

function quoted(value: string): string {
  // JSON's escapes are all TOML's too; DEL is the one character that only TOML forbids.
  return JSON.stringify(value).replaceAll("\u007f", "\\u007F");
}

function lineEnd(text: string): string {
  const feed = text.indexOf("\n");
  return feed > 0 && text[feed - 1] === "\r" ? "\r\n" : "\n";
}

function bomOf(text: string): string {
  return text.startsWith("\ufeff") ? "\ufeff" : "";
}
