/**
 * As the TOML writer inside cargo quotes a string: plainly when possible, else in the first form that needs no
 * escapes, else with escapes, over several lines when the text has several.
 */
export function tomlString(text: string): string {
  return onOneLine(text) ?? withTripleQuotes(text) ?? (text.includes("\n") ? escapedLines(text) : escaped(text));
}

/** As the TOML writer inside cargo writes a key: bare when possible. */
export function tomlKey(text: string): string {
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : (onOneLine(text) ?? escaped(text));
}

/** Control characters but for the line feed. The writer escapes tabs too, though TOML would allow them. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;

function onOneLine(text: string): string | undefined {
  if (text.includes("\n") || CONTROL.test(text)) return undefined;
  if (!text.includes('"') && !text.includes("\\")) return `"${text}"`;
  return text.includes("'") ? undefined : `'${text}'`;
}

/** A line feed right behind the opening quotes is dropped by readers, so a text with lines gets one. */
function withTripleQuotes(text: string): string | undefined {
  if (CONTROL.test(text)) return undefined;
  const start = text.includes("\n") ? "\n" : "";
  if (!text.includes("\\") && !text.includes('"""')) return `"""${start}${text}"""`;
  return text.includes("'''") ? undefined : `'''${start}${text}'''`;
}

function escaped(text: string): string {
  return `"${Array.from(text, escapedCharacter).join("")}"`;
}

/** Quotation marks stay, but for every third of a row. */
function escapedLines(text: string): string {
  let lines = "";
  let quotes = 0;
  for (const character of text) {
    quotes = character === '"' ? quotes + 1 : 0;
    if (character === "\n" || (quotes > 0 && quotes < 3)) {
      lines += character;
    } else {
      lines += escapedCharacter(character);
      quotes = 0;
    }
  }
  return `"""\n${lines}"""`;
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\f", "\\f"],
  ["\r", "\\r"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

function escapedCharacter(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  if (!CONTROL.test(character)) return character;
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
