const nonAscii = /[^\0-\x7f]/;
/** Code points that Apple's HFS+ ignores in names. */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Gives two names or paths the same text when some usual file system takes them for one: case and Unicode forms do not count. */
export function foldName(name: string): string {
  return nonAscii.test(name) ? name.replaceAll(ignoredByHfs, "").normalize("NFC").toLowerCase() : name.toLowerCase();
}

/** `name` with the case of its ASCII letters turned round, or undefined when it has none. For asking a file system whether case counts. */
export function otherCase(name: string): string | undefined {
  const other = name.replaceAll(/[A-Za-z]/g, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));
  return other === name ? undefined : other;
}
