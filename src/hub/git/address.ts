import { formatSourceId, parseSourceId, type SourceId } from "../../cargo/index.ts";
import type { HubGitPackage, HubRepository } from "../../formats/index.ts";
import { checkGitSource, GitError, parseGitUrl } from "../../git/index.ts";
import { hubLayout, type PlacedLockfile, type WantedGitPackage, wantedGitPackages } from "../../plan/index.ts";

/** The repository and commit of a git package. */
export function addressOf({ source }: Pick<HubGitPackage, "source">): { url: string; commit: string } {
  const { url, precise = "" } = parseSourceId(source, hubLayout.hubLock);
  return { url, commit: precise };
}

/** A repository as reports name it: a URL may hold somebody's password. */
export function shownRepository({ url, commit }: Pick<HubRepository, "url" | "commit">): {
  url: string;
  commit: string;
} {
  return { url: shownUrl(url), commit };
}

/** What a git dependency asks for, as cargo shows it: `https://host/path?tag=v1`. */
export function shownSource({ url, reference }: Pick<SourceId, "url" | "reference">): string {
  const shown = formatSourceId({ kind: "git", url: shownUrl(url), reference });
  return shown.slice("git+".length);
}

function shownUrl(url: string): string {
  try {
    return parseGitUrl(url).shown;
  } catch (error) {
    if (error instanceof GitError) return url; // nobody is asked with it; what it holds of secrets is hidden where it is shown
    throw error;
  }
}

/**
 * The git packages of lockfiles, each from a repository that git may be asked for.
 *
 * @throws {PlanError} as {@link wantedGitPackages} does; {GitError} git/url-refused, git/reference-refused, git/object-format, naming the lockfile.
 */
export function checkedGitPackages(lockfiles: readonly PlacedLockfile[]): WantedGitPackage[] {
  const wanted = wantedGitPackages(lockfiles);
  for (const { sourceId, commit, wantedBy } of wanted) checkGitSource({ ...sourceId, commit }, wantedBy);
  return wanted;
}
