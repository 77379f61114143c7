declare const sha256: unique symbol;

/** Lower-case hexadecimal SHA-256, 64 characters. Made only by checking text with {@link isSha256}. */
export type Sha256 = string & { readonly [sha256]: true };

const PATTERN = /^[0-9a-f]{64}$/;

/** Whether `text` is a SHA-256 as Cargo writes it: 64 lower-case hexadecimal digits. */
export function isSha256(text: unknown): text is Sha256 {
  return typeof text === "string" && text.length === 64 && PATTERN.test(text);
}
