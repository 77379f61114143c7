import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchFailure, wantRefused } from "./fetch-failure.ts";
import { GitError, writeFailure } from "./git-error.ts";
import { type GitAnswer, type GitSettings, runGit } from "./git-program.ts";
import { type GitUrl, parseGitUrl } from "./git-url.ts";
import { FETCHED_BYTES } from "./limits.ts";
import { configText } from "./repository-files.ts";

/** A repository somewhere else, and the private one into which its commits are fetched. Close it with {@link closeRemote}. */
export interface GitRemote {
  readonly settings: GitSettings;
  readonly url: GitUrl;
  /** Bare, in the settings' directory, ours alone. */
  readonly repository: string;
  /** Bare repositories that may already hold what is wanted, such as `git/db/<gident>` of a CARGO_HOME. */
  readonly places: readonly string[];
}

/**
 * Prepares the way to a repository. Nothing is sent.
 *
 * @throws {GitError} `git/url-refused`, `git/write-failed`.
 */
export function openRemote(
  settings: GitSettings,
  { url, places = [] }: { readonly url: string | GitUrl; readonly places?: readonly string[] },
): GitRemote {
  const repository = join(settings.directory, `${randomUUID()}.git`);
  const vetted = typeof url === "string" ? parseGitUrl(url) : url;
  makeBareRepository(repository);
  return { settings, url: vetted, repository, places };
}

/** Removes the private repository. */
export function closeRemote({ repository }: GitRemote): void {
  rmSync(repository, { recursive: true, force: true });
}

/** An empty bare repository, without templates and hooks. */
export function makeBareRepository(path: string): void {
  try {
    mkdirSync(join(path, "objects"), { recursive: true });
    mkdirSync(join(path, "refs"), { recursive: true });
    writeFileSync(join(path, "config"), configText(true));
    writeFileSync(join(path, "HEAD"), "ref: refs/heads/master\n");
  } catch (error) {
    throw writeFailure(error, path);
  }
}

const FETCH = [
  "fetch",
  "--progress",
  "--force",
  "--no-tags",
  "--no-auto-gc",
  "--no-recurse-submodules",
  "--update-head-ok",
];

/** How much history a fetch brings. */
export type FetchDepth = "commit" | "all";

/**
 * Fetches references or commits into the private repository.
 *
 * @param refspecs With both sides; checked by the caller.
 * @returns `refused` when the server does not give just this.
 * @throws {GitError} `git/offline`; what {@link fetchFailure} makes of git's words; what `runGit` throws.
 */
export async function fetchInto(
  remote: Omit<GitRemote, "places">,
  { refspecs, depth }: { readonly refspecs: readonly string[]; readonly depth: FetchDepth },
): Promise<"fetched" | "refused"> {
  const isShallow = existsSync(join(remote.repository, "shallow"));
  // A shallow repository would keep its boundary, and what lies behind it would not come.
  const depths = depth === "commit" ? ["--depth=1"] : isShallow ? ["--depth=2147483647"] : [];
  const args = [...FETCH, ...depths, "--", remote.url.href, ...refspecs];
  const answer = await callRemote(remote, args, () => tooLarge(remote));
  if (answer.code === 0) return "fetched";
  if (wantRefused(answer)) return "refused";
  throw fetchFailure(answer, remote.url);
}

/**
 * Runs a command of git that goes to the remote.
 *
 * @throws {GitError} `git/offline`; what `runGit` and `watch` say.
 */
export function callRemote(
  remote: Omit<GitRemote, "places">,
  args: readonly string[],
  watch: () => GitError | undefined = () => undefined,
): Promise<GitAnswer> {
  const { settings, url, repository } = remote;
  if (settings.network === "offline" && url.protocol !== "file") throw offline(url);
  const others = (["https", "http", "ssh", "git"] as const).filter((name) => name !== url.protocol);
  return runGit(settings, { args, repository, protocols: [url.protocol, ...others], watch });
}

/** A server can send without end; the packs that it fills are on the disk. */
function tooLarge({ settings, url, repository }: Omit<GitRemote, "places">): GitError | undefined {
  const limit = settings.fetchedBytes ?? FETCHED_BYTES;
  const packs = join(repository, "objects", "pack");
  const sizes = existsSync(packs)
    ? readdirSync(packs).map((name) => statSync(join(packs, name), { throwIfNoEntry: false })?.size ?? 0)
    : [];
  const fetched = sizes.reduce((sum, size) => sum + size, 0);
  if (fetched <= limit) return undefined;
  return new GitError({
    code: "git/too-large",
    what: `git has fetched ${fetched} bytes, more than ${limit}`,
    where: url.shown,
    help: "depend on a smaller repository; see the limits in docs/formats/git.md",
  });
}

function offline(url: GitUrl): GitError {
  return new GitError({
    code: "git/offline",
    what: "the repository would have to be fetched, but the network must not be used",
    where: url.shown,
    help: "run the command once without --offline",
  });
}
