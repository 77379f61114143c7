import { endOfLine, endOfString } from "./statements.ts";

/**
 * What a document uses that TOML 1.0 did not have, in words; `undefined` when it reads as TOML 1.0 too.
 *
 * @param text A document that {@link parseToml} has accepted: errors are not looked for again.
 * @see https://toml.io/en/v1.1.0
 */
export function newerTomlSyntax(text: string): string | undefined {
  const open: string[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? "";
    if (character === '"' || character === "'") {
      const end = endOfString(text, at);
      if (character === '"' && hasNewerEscape(text, at, end)) return "an escape of TOML 1.1 in a string";
      at = end;
    } else if (character === "#") {
      if (open.at(-1) === "{") return "a comment in an inline table";
      at = endOfLine(text, at);
    } else {
      const newer = newerAt(text, at, open.at(-1) === "{");
      if (newer !== undefined) return newer;
      if (character === "[" || character === "{") open.push(character);
      if (character === "]" || character === "}") open.pop();
      at += 1;
    }
  }
  return undefined;
}

const TRAILING_COMMA = /,[ \t]*\}/y;
const TIME_WITHOUT_SECONDS = /\d\d:\d\d(?![:\d])/y;

function newerAt(text: string, at: number, inInlineTable: boolean): string | undefined {
  if (inInlineTable && text[at] === "\n") return "an inline table on several lines";
  TRAILING_COMMA.lastIndex = at;
  if (inInlineTable && TRAILING_COMMA.test(text)) return "a comma at the end of an inline table";
  if (text[at + 2] !== ":" || !isTimeStart(text, at)) return undefined;
  return "a time without seconds";
}

/** Not the minutes of a full time, nor of an offset such as `+02:00`, which stand behind `:`, `+` or `-`. */
function isTimeStart(text: string, at: number): boolean {
  const before = text[at - 1] ?? "";
  TIME_WITHOUT_SECONDS.lastIndex = at;
  return !/[\d:+-]/.test(before) && TIME_WITHOUT_SECONDS.test(text);
}

function hasNewerEscape(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    if (text[at] !== "\\") continue;
    at += 1;
    if (text[at] === "e" || text[at] === "x") return true;
  }
  return false;
}
