import { HubError } from "../errors/index.ts";

/** What can be wrong with a TOML text, or with a wish to change it. */
export type TomlErrorCode = "toml/syntax" | "toml/not-an-array" | "toml/not-editable";

/** A TOML text that can not be read, or not be changed as asked. */
export class TomlError extends HubError<TomlErrorCode> {}
