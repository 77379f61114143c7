import { redact, visible } from "../errors/index.ts";

/**
 * Text as people may see it: URLs without credentials, and nothing that a terminal would obey: names, reasons and what programs say
 * come from anywhere.
 */
export function plainText(text: string): string {
  return visible(redact(text));
}

/** {@link plainText} for `JSON.stringify`, which escapes control characters itself. */
export function withoutCredentials(_key: string, value: unknown): unknown {
  return typeof value === "string" ? redact(value) : value;
}
