import { parse } from "smol-toml";

/** One `key = value` of a document, with its place in the text. */
export interface Statement {
  /** The whole key: the path of the table that stands above it, then its own dotted parts. */
  readonly path: readonly string[];
  /** Offset of the key's first character. */
  readonly start: number;
  /** Offset of the value's first character. */
  readonly valueStart: number;
  /** Offset behind the value's last character. */
  readonly valueEnd: number;
}

/** One `[table]` or `[[array of tables]]` line. */
export interface Header {
  /** Undefined below an array of tables, where a path names no single table. */
  readonly path: readonly string[] | undefined;
  /** Offset behind the closing bracket. */
  readonly end: number;
}

/** What stands where in a document. Statements below `[[array of tables]]` are left out: no key path names them. */
export interface Layout {
  readonly statements: readonly Statement[];
  readonly headers: readonly Header[];
}

/**
 * Finds every statement of a document by a forward scan.
 *
 * @param text A document that {@link parseToml} has accepted: errors are not looked for again.
 */
export function layoutOf(text: string): Layout {
  const statements: Statement[] = [];
  const headers: Header[] = [];
  const arrays: (readonly string[])[] = [];
  let table: readonly string[] | undefined = [];
  let at = skipBlank(text, text.startsWith("\ufeff") ? 1 : 0);
  while (at < text.length) {
    if (text[at] === "[") {
      const isArray = text[at + 1] === "[";
      const name = readKey(text, at + (isArray ? 2 : 1));
      const end = text.indexOf("]", name.end) + (isArray ? 2 : 1);
      if (isArray) arrays.push(name.path);
      const isNamed = !arrays.some((array) => array.every((part, index) => part === name.path[index]));
      table = isNamed ? name.path : undefined;
      headers.push({ path: table, end });
      at = skipBlank(text, end);
      continue;
    }
    const key = readKey(text, at);
    const valueStart = skipSpaces(text, text.indexOf("=", key.end) + 1);
    const valueEnd = endOfValue(text, valueStart);
    if (table !== undefined) statements.push({ path: [...table, ...key.path], start: at, valueStart, valueEnd });
    at = skipBlank(text, valueEnd);
  }
  return { statements, headers };
}

/** One element of an array value. */
export interface Element {
  readonly start: number;
  readonly end: number;
  /** Offset of the comma behind it; undefined for a last element without one. */
  readonly comma: number | undefined;
}

/** The elements of the array whose `[` stands at `open`. */
export function elementsOf(text: string, open: number): Element[] {
  const elements: Element[] = [];
  let at = skipBlank(text, open + 1);
  while (at < text.length && text[at] !== "]") {
    const end = endOfValue(text, at);
    const next = skipBlank(text, end);
    const hasComma = text[next] === ",";
    elements.push({ start: at, end, comma: hasComma ? next : undefined });
    at = skipBlank(text, hasComma ? next + 1 : next);
  }
  return elements;
}

function readKey(text: string, from: number): { path: string[]; end: number } {
  const path: string[] = [];
  let at = skipSpaces(text, from);
  for (;;) {
    const end = endOfKeyPart(text, at);
    path.push(keyName(text.slice(at, end)));
    const next = skipSpaces(text, end);
    if (text[next] !== ".") return { path, end };
    at = skipSpaces(text, next + 1);
  }
}

/** What one part of a key, as it is written, says. */
export function keyName(raw: string): string {
  return /^["']/.test(raw) ? stringValue(raw) : raw;
}

/** The text that a string of any of the four kinds stands for. */
export function stringValue(raw: string): string {
  const isLong = raw.startsWith('"""') || raw.startsWith("'''");
  if (!isLong && (raw.startsWith("'") || !raw.includes("\\"))) return raw.slice(1, -1);
  const value = parse(`key = ${raw}`)["key"];
  return typeof value === "string" ? value : raw;
}

/** The offset behind a part of a key that begins at `from`. */
export function endOfKeyPart(text: string, from: number): number {
  return text[from] === '"' || text[from] === "'" ? endOfString(text, from) : endOfBareKey(text, from);
}

function endOfBareKey(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[A-Za-z0-9_-]/.test(text[at] ?? "")) at += 1;
  return at;
}

/** The offset behind the string, of any of the four kinds, that begins at `from`. */
export function endOfString(text: string, from: number): number {
  const quote = text[from] ?? "";
  const long = quote.repeat(3);
  const isLong = text.startsWith(long, from);
  let at = from + (isLong ? 3 : 1);
  while (at < text.length) {
    if (text[at] === "\\" && quote === '"') at += 2;
    else if (!isLong && text[at] === quote) return at + 1;
    else if (isLong && text.startsWith(long, at)) {
      // Up to two quotes may stand directly before the closing three.
      at += 3;
      while (text[at] === quote) at += 1;
      return at;
    } else at += 1;
  }
  return at;
}

/** The offset behind the value that begins at `from`. */
export function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"' || first === "'") return endOfString(text, from);
  if (first === "[" || first === "{") return endOfBrackets(text, from);
  let at = from;
  while (at < text.length && !"\r\n#,]}".includes(text[at] ?? "")) at += 1;
  while (at > from && (text[at - 1] === " " || text[at - 1] === "\t")) at -= 1;
  return at;
}

function endOfBrackets(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '"' || character === "'") {
      at = endOfString(text, at);
      continue;
    }
    if (character === "#") {
      at = endOfLine(text, at);
      continue;
    }
    at += 1;
    if (character === "[" || character === "{") depth += 1;
    if (character === "]" || character === "}") depth -= 1;
    if (depth === 0) return at;
  }
  return at;
}

/** The offset of the line feed (or of the carriage return before it) that ends the line, or the text's length. */
export function endOfLine(text: string, from: number): number {
  const feed = text.indexOf("\n", from);
  if (feed === -1) return text.length;
  return feed > from && text[feed - 1] === "\r" ? feed - 1 : feed;
}

/** Skips blanks and tabs. */
export function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

/** Skips blanks, line ends and comments. */
export function skipBlank(text: string, from: number): number {
  let at = from;
  for (;;) {
    const character = text[at];
    if (character === " " || character === "\t" || character === "\n" || character === "\r") at += 1;
    else if (character === "#") at = endOfLine(text, at);
    else return at;
  }
}
