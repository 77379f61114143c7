import { type ErrorParts, HubError } from "../errors/index.ts";

export type GitErrorCode =
  | "git/url-refused"
  | "git/reference-refused"
  | "git/program-missing"
  | "git/failed"
  | "git/unreachable"
  | "git/unauthorized"
  | "git/repository-missing"
  | "git/reference-missing"
  | "git/commit-missing"
  | "git/offline"
  | "git/stalled"
  | "git/object-format"
  | "git/too-large"
  | "git/object-damaged"
  | "git/pack-damaged"
  | "git/tree-refused"
  | "git/submodule-refused"
  | "git/write-failed";

/** A git source that is refused, damaged or can not be had. */
export class GitError extends HubError<GitErrorCode> {
  /** The object at fault, hexadecimal; absent when it is none. */
  readonly object: string | undefined;
  /** The byte of the pack at which the fault was noticed; only for `git/pack-damaged`. */
  readonly offset: number | undefined;

  constructor(parts: ErrorParts<GitErrorCode> & { readonly object?: string; readonly offset?: number }) {
    super(parts);
    this.object = parts.object;
    this.offset = parts.offset;
  }
}

/** The same error with a place, when it has none yet; what is no {@link GitError} passes unchanged. */
export function located(error: unknown, where: string): unknown {
  if (!(error instanceof GitError) || error.where !== undefined) return error;
  const { code, what, help, object, offset, cause } = error;
  return new GitError({
    code,
    what,
    where,
    help,
    ...(object === undefined ? {} : { object }),
    ...(offset === undefined ? {} : { offset }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a system error at `path` means to a user. A {@link GitError} passes unchanged. */
export function writeFailure(error: unknown, path: string): GitError {
  if (error instanceof GitError) return error;
  return new GitError({
    code: "git/write-failed",
    what: error instanceof Error ? error.message : String(error),
    where: path,
    help: "check free space and permissions of the directory, then run the command again",
    cause: error,
  });
}
