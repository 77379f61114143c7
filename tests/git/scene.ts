import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import {
  type CommitPack,
  closePack,
  closeRemote,
  GitError,
  type GitSettings,
  openPack,
  openRemote,
  type PackedCommit,
  packCommit,
  type RepositoryFile,
  type WantedCommit,
} from "../../src/git/index.ts";
import { type GitRepository, gitTestEnvironment, makeRepository } from "../support/git-repository.ts";
import { type GitServer, type GitServerOptions, startGitServer } from "../support/git-server.ts";

/** A fresh directory that goes away with the test. */
export function scratch(parent: string = tmpdir()): string {
  const path = mkdtempSync(join(parent, "cargo-hub-git-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A repository in a directory of its own, which goes away with the test. */
export function repository(name = "repo", ...initOptions: string[]): GitRepository {
  return makeRepository(join(scratch(), name), ...initOptions);
}

/** A server that ends with the test. */
export async function server(options: GitServerOptions): Promise<GitServer> {
  const started = await startGitServer(options);
  onTestFinished(() => started.close());
  return started;
}

/** Settings with a fresh private directory. */
export function settings(more: Partial<GitSettings> = {}): GitSettings {
  return { directory: scratch(), env: gitTestEnvironment, terminal: false, network: "online", ...more };
}

/** What {@link pack} is asked for. */
export interface PackWish extends Partial<Omit<WantedCommit, "commit">> {
  readonly url: string;
  readonly commit: string;
  readonly settings?: GitSettings;
  readonly places?: readonly string[];
}

/** Packs one commit by a remote of its own; gives its facts and the path of the pack. */
export async function pack(wish: PackWish): Promise<PackedCommit & { readonly path: string }> {
  const { url, commit, reference, places } = wish;
  const path = wish.target ?? join(scratch(), "a.pack");
  const remote = openRemote(wish.settings ?? settings(), { url, ...(places === undefined ? {} : { places }) });
  try {
    return { ...(await packCommit(remote, { commit, reference, target: path })), path };
  } finally {
    closeRemote(remote);
  }
}

/** The pack of the newest commit of a repository on this machine, opened until the test ends. */
export async function packOf(from: GitRepository, commit = from.git("rev-parse", "HEAD")): Promise<CommitPack> {
  const { path } = await pack({ url: from.url, commit });
  return opened(path, commit);
}

/** An open pack that is closed when the test ends. */
export function opened(path: string, commit: string): CommitPack {
  const result = openPack({ path }, commit);
  onTestFinished(() => closePack(result));
  return result;
}

/** Writes the files of a repository below `directory`, packs by copy. */
export function writeRepository(
  directory: string,
  files: readonly RepositoryFile[],
  packs: readonly CommitPack[] = [],
): void {
  for (const file of files) {
    const target = join(directory, file.path);
    if (existsSync(target)) throw new Error(`${target} is there twice`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, "content" in file ? file.content : packBytes(packs, file.packOf));
  }
}

function packBytes(packs: readonly CommitPack[], commit: string): Buffer {
  const found = packs.find((candidate) => candidate.commit === commit);
  if (found === undefined) throw new Error(`no pack of ${commit}`);
  return readFileSync(found.bytes.where);
}

/** The error of the git room that a call throws. */
export function errorOf(act: () => unknown): GitError {
  try {
    act();
  } catch (error) {
    if (error instanceof GitError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** {@link errorOf} for a promise. */
export async function rejection(promise: Promise<unknown>): Promise<GitError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GitError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
