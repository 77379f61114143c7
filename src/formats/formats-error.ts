import { HubError } from "../errors/index.ts";

export type FormatsErrorCode =
  | "formats/export-version"
  | "formats/hub-toml-invalid"
  | "formats/hub-toml-version"
  | "formats/hub-lock-damaged"
  | "formats/hub-lock-version";

/** A file of our own formats cannot be used. */
export class FormatsError extends HubError<FormatsErrorCode> {}
