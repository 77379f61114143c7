import { HubError } from "../errors/index.ts";

/** What is wrong with what was asked; whether there is a solution is no error but an outcome. */
export type ResolveErrorCode =
  | "resolve/resolver-unknown"
  | "resolve/rust-version-unknown"
  | "resolve/replacement-invalid"
  | "resolve/prepared-index-damaged";

/** A workspace that can not be resolved as its manifests ask, or a prepared index that can not be read. */
export class ResolveError extends HubError<ResolveErrorCode> {}

/** A prepared index of another shape than its format has. */
export function damaged(what: string, where: string): ResolveError {
  return new ResolveError({
    code: "resolve/prepared-index-damaged",
    what: `the prepared index is damaged: ${what}`,
    where,
    help: "delete it; it is made anew from the registry's index",
  });
}
