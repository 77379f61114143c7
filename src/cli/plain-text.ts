import { redact } from "../errors/index.ts";

/**
 * Text as people may see it: URLs without credentials, and nothing that a terminal would obey: names, reasons and what programs say
 * come from anywhere.
 */
export function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not get through
  return redact(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** {@link plainText} for `JSON.stringify`, which escapes control characters itself. */
export function withoutCredentials(_key: string, value: unknown): unknown {
  return typeof value === "string" ? redact(value) : value;
}
