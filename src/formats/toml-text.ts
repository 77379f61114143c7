/** Writes `text` as a TOML basic string: `"`, `\`, newline, tab and other control characters escaped. */
export function quoteToml(text: string): string {
  let result = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"') result += '\\"';
    else if (character === "\\") result += "\\\\";
    else if (character === "\n") result += "\\n";
    else if (character === "\t") result += "\\t";
    else if (code < 0x20 || code === 0x7f) result += `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
    else result += character;
  }
  return `${result}"`;
}

/** Reads the inside of a basic string that {@link quoteToml} wrote. */
export function unquoteToml(inside: string): string {
  if (!inside.includes("\\")) return inside;
  return inside.replace(/\\(?:u([0-9A-F]{4})|(.))/g, (_all, hex: string | undefined, plain: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (plain === "n") return "\n";
    if (plain === "t") return "\t";
    return plain ?? "";
  });
}
