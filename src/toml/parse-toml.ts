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
  return readable(text, at, "asNeeded");
}

/** Like {@link parseToml}, but every integer is a bigint, so that `1` and `1.0` differ. */
export function parseExact(text: string, at: string): TomlTable {
  return readable(text, at, true);
}

function readable(text: string, at: string, integersAsBigInt: BigIntegers): TomlTable {
  try {
    return parsed(text, integersAsBigInt);
  } catch (cause) {
    if (cause instanceof LibraryError) throw syntaxError(cause, at, cause);
    throw cause;
  }
}

/**
 * {@link parseToml} for a text that may hold secrets.
 *
 * @throws {TomlError} `toml/syntax` that says where the mistake is and quotes nothing of the text, not even in its `cause`.
 */
export function parsePrivateToml(text: string, at: string): TomlTable {
  try {
    return parsed(text, "asNeeded");
  } catch (error) {
    if (error instanceof LibraryError) throw syntaxError(error, at, undefined);
    throw error;
  }
}

type BigIntegers = boolean | "asNeeded";

function parsed(text: string, integersAsBigInt: BigIntegers): TomlTable {
  return parse(text.startsWith("\ufeff") ? text.slice(1) : text, { integersAsBigInt });
}

/** @param cause The library's own error, which quotes the lines around the place. */
function syntaxError({ message, line, column }: LibraryError, at: string, cause: LibraryError | undefined): TomlError {
  return new TomlError({
    code: "toml/syntax",
    what: reason(message),
    where: `${at}:${line}:${column}`,
    help: "correct the text at this place; https://toml.io shows the grammar",
    cause,
  });
}

/** The library's message is a headline, an empty line and the lines around the place; the place is in `where`. */
function reason(message: string): string {
  const headline = message.split("\n", 1)[0] ?? "";
  return `this is not TOML: ${headline.replace(/^Invalid TOML document: /, "")}`;
}
