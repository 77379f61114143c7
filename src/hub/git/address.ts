import { parseSourceId } from "../../cargo/index.ts";
import type { HubGitPackage } from "../../formats/index.ts";
import { checkGitSource } from "../../git/index.ts";
import { hubLayout, type PlacedLockfile, type WantedGitPackage, wantedGitPackages } from "../../plan/index.ts";

/** The repository and commit of a git package. */
export function addressOf({ source }: Pick<HubGitPackage, "source">): { url: string; commit: string } {
  const { url, precise = "" } = parseSourceId(source, hubLayout.hubLock);
  return { url, commit: precise };
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
