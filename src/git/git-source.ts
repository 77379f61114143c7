import type { GitReference } from "../cargo/index.ts";
import { quote } from "../errors/index.ts";
import { GitError, located } from "./git-error.ts";
import { checkReference } from "./git-reference.ts";
import { parseGitUrl } from "./git-url.ts";
import { isObjectId } from "./objects.ts";

/** What a lockfile says of a git package's repository. */
export interface GitSource {
  readonly url: string;
  /** Undefined for the default branch. */
  readonly reference?: GitReference | undefined;
  readonly commit: string;
}

/**
 * Checks a source before anything is done with it: a URL and a reference that can be handed to git, and a commit as cargo has them.
 *
 * @param where Where it stands, for error messages: a path.
 * @throws {GitError} `git/url-refused`, `git/reference-refused`, `git/object-format`.
 */
export function checkGitSource({ url, reference, commit }: GitSource, where: string): void {
  try {
    checkCommit(commit, parseGitUrl(url).shown);
    checkReference(reference);
  } catch (error) {
    throw located(error, where);
  }
}

/** @throws {GitError} `git/object-format`. */
export function checkCommit(commit: string, shownUrl: string): void {
  if (isObjectId(commit)) return;
  throw new GitError({
    code: "git/object-format",
    what: `${quote(commit)}, to which ${shownUrl} is locked, is no SHA-1 name of a commit`,
    help: "depend on a repository with SHA-1 names; cargo can not read others",
  });
}
