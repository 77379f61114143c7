import { TomlError as LibraryError, parse } from "smol-toml";
import { TomlError } from "./toml-error.ts";
import type { TomlTable } from "./toml-value.ts";

/**
 * Reads a TOML 1.1 document.
 *
 * @param text The document. A byte order mark at its start is ignored, as cargo 1.95 does.
 * @param at Where the text stands, for error messages: a path.
 * @returns Its table; a fresh object, without anything inherited that a key could be mistaken for.
 * @throws {TomlError} `toml/syntax`, whose `where` is `at:line:column`, both counted from 1.
 * @see https://toml.io/en/v1.1.0
 */
export function parseToml(text: string, at: string): TomlTable {
  try {
    return parse(text.startsWith("\ufeff") ? text.slice(1) : text, { integersAsBigInt: "asNeeded" });
  } catch (cause) {
    if (!(cause instanceof LibraryError)) throw cause;
    throw new TomlError({
      code: "toml/syntax",
      what: reason(cause.message),
      where: `${at}:${cause.line}:${cause.column}`,
      help: "correct the text at this place; https://toml.io shows the grammar",
      cause,
    });
  }
}

/** The library's message is a headline, an empty line and the lines around the place; the place is in `where`. */
function reason(message: string): string {
  const headline = message.split("\n", 1)[0] ?? "";
  return `this is not TOML: ${headline.replace(/^Invalid TOML document: /, "")}`;
}
