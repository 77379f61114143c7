import { HubError } from "../errors/index.ts";

/** What is wrong with what was asked; whether there is a solution is no error but an outcome. */
export type ResolveErrorCode =
  | "resolve/resolver-unknown"
  | "resolve/rust-version-unknown"
  | "resolve/replacement-invalid";

/** A workspace that can not be resolved as its manifests ask. */
export class ResolveError extends HubError<ResolveErrorCode> {}
