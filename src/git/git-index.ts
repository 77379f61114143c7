import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GitError, writeFailure } from "./git-error.ts";
import { type GitSettings, runGit } from "./git-program.ts";
import { fetchInto, type GitRemote, makeBareRepository } from "./git-remote.ts";
import { parseGitUrl } from "./git-url.ts";
import { openObjectStream } from "./object-stream.ts";
import { isObjectId, objectId } from "./objects.ts";

/** A registry's index in a git repository, at the commit that was newest when it was opened. */
export interface GitIndex {
  readonly commit: string;
  /**
   * Files by their path (`config.json`, `<prefix>/<name>`), in one go; a path that the index does not have is missing in the answer.
   *
   * @throws {GitError} `git/too-large`, `git/failed`.
   */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, IndexBlob>>;
}

/** A file of an index. */
export interface IndexBlob {
  readonly content: Buffer;
  /** The id of its blob: what cargo keeps as index version. */
  readonly blob: string;
}

/** The largest index file that is read. */
const INDEX_FILE_BYTES = 64 * 1024 * 1024;
const NEWEST = "refs/remotes/origin/HEAD";

/**
 * Opens a git index, after bringing its repository up to date unless the network must not be used.
 *
 * @param repository Where the index is kept between runs: a bare repository of ours, made when it is not there. The caller holds a lock on it.
 * @throws {GitError} `git/offline` when it was never fetched; what goes wrong on the way to the repository.
 */
export async function openGitIndex(
  settings: GitSettings,
  { url, repository }: { readonly url: string; readonly repository: string },
): Promise<GitIndex> {
  const remote = { settings, url: parseGitUrl(url), repository };
  if (!existsSync(`${repository}/HEAD`)) startAnew(remote);
  if (settings.network === "online" || (await newestCommit(remote)) === undefined) await update(remote);
  const commit = await newestCommit(remote);
  if (commit === undefined) throw noCommit(remote);
  return { commit, read: (paths) => readPaths(remote, commit, paths) };
}

/** Brings the repository up to date; one that a crash or a full disk has spoilt is made anew. */
async function update(remote: IndexRemote): Promise<void> {
  try {
    removeLeftOvers(remote.repository);
    await fetchNewest(remote);
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== "git/failed") throw writeFailure(error, remote.repository);
    startAnew(remote);
    await fetchNewest(remote);
  }
  await tidy(remote);
}

async function fetchNewest(remote: IndexRemote): Promise<void> {
  const refspecs = [`+HEAD:${NEWEST}`];
  if ((await fetchInto(remote, { refspecs, depth: "commit" })) === "fetched") return;
  if ((await fetchInto(remote, { refspecs, depth: "all" })) === "refused") throw noCommit(remote);
}

function startAnew({ repository }: IndexRemote): void {
  try {
    rmSync(repository, { recursive: true, force: true });
  } catch (error) {
    throw writeFailure(error, repository);
  }
  makeBareRepository(repository);
}

/** A killed git leaves locks, at which the next would stop, and parts of packs. The caller's lock says that no git is at work. */
function removeLeftOvers(repository: string): void {
  for (const name of readdirSync(repository, { recursive: true, encoding: "utf8" }))
    if (/(?:^|[\\/])(?:[^\\/]+\.lock|tmp_[^\\/]+)$/.test(name))
      rmSync(join(repository, name), { recursive: true, force: true });
}

/** Each update brings a pack. When there are many, what the newest commit needs goes into one. */
const MANY_PACKS = 40;

async function tidy({ settings, repository }: IndexRemote): Promise<void> {
  const packs = readdirSync(join(repository, "objects"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".pack"),
  );
  if (packs.length > MANY_PACKS) await runGit(settings, { repository, args: ["repack", "-a", "-d", "-q"] });
}

type IndexRemote = Omit<GitRemote, "places">;

async function newestCommit({ settings, repository }: IndexRemote): Promise<string | undefined> {
  const answer = await runGit(settings, {
    repository,
    args: ["rev-parse", "--verify", "--quiet", `${NEWEST}^{commit}`],
  });
  const commit = answer.stdout.toString("latin1").trim();
  return isObjectId(commit) ? commit : undefined;
}

async function readPaths(
  { settings, repository }: IndexRemote,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, IndexBlob>> {
  const found = new Map<string, IndexBlob>();
  const stream = openObjectStream(settings, { repository });
  try {
    const asked = paths.filter((path) => !path.includes("\n"));
    stream.ask(asked.map((path) => `${commit}:${path}`));
    for (const path of asked) {
      const head = await stream.next();
      if (head === undefined) continue;
      if (head.sizeBytes > INDEX_FILE_BYTES) throw tooLarge(path, head.sizeBytes);
      const pieces: Buffer[] = [];
      for await (const piece of stream.pieces(head)) pieces.push(piece);
      if (head.type !== "blob") continue;
      const content = Buffer.concat(pieces);
      if (objectId("blob", content) !== head.id) throw damagedIndex(repository, head.id);
      found.set(path, { content, blob: head.id });
    }
    return found;
  } finally {
    stream.close();
  }
}

function damagedIndex(repository: string, id: string): GitError {
  return new GitError({
    code: "git/object-damaged",
    what: `the content of blob ${id} hashes to something else`,
    where: repository,
    help: "remove this directory and run the command again; the index is fetched anew",
    object: id,
  });
}

function tooLarge(path: string, sizeBytes: number): GitError {
  return new GitError({
    code: "git/too-large",
    what: `the index file ${path} has ${sizeBytes} bytes, more than ${INDEX_FILE_BYTES}`,
    help: "tell the registry's operator; cargo reads such a file, but no registry needs one",
  });
}

function noCommit({ url }: IndexRemote): GitError {
  return new GitError({
    code: "git/reference-missing",
    what: "the repository of the index has no default branch",
    where: url.shown,
    help: "check the index URL of the registry",
  });
}
