import type { GitReference } from "../cargo/index.ts";
import { quote } from "../errors/index.ts";
import { fetchFailure } from "./fetch-failure.ts";
import { GitError } from "./git-error.ts";
import { runGit } from "./git-program.ts";
import { checkReference, referenceText } from "./git-reference.ts";
import { callRemote, fetchInto, type GitRemote } from "./git-remote.ts";
import { isObjectId } from "./objects.ts";
import { EVERYTHING } from "./pack-commit.ts";

/** The shortest beginning of an id that cargo takes for one. */
const SHORTEST_PREFIX = 4;

/**
 * The commit that a dependency's reference leads to now.
 *
 * A full id is taken as it is: whether the repository has it is seen when it is fetched. As in cargo a `rev` may also be the beginning of an
 * id, a tag, `origin/<branch>` or a full `refs/…`, but not the plain name of a branch.
 *
 * @param reference Undefined for the default branch.
 * @throws {GitError} `git/reference-missing`, `git/reference-refused`, and what goes wrong on the way to the repository.
 */
export async function resolveReference(remote: GitRemote, reference: GitReference | undefined): Promise<string> {
  checkReference(reference);
  const value = reference?.value ?? "";
  if (reference?.kind === "rev" && isObjectId(value.toLowerCase())) return value.toLowerCase();
  const advertised = await listReferences(remote, reference);
  for (const name of candidateNames(reference)) {
    const commit = advertised.get(`${name}^{}`) ?? advertised.get(name);
    if (commit !== undefined) return commit;
  }
  if (reference?.kind === "rev" && value.length >= SHORTEST_PREFIX && /^[0-9a-f]+$/i.test(value)) {
    const commit = await commitByPrefix(remote, value.toLowerCase());
    if (commit !== undefined) return commit;
  }
  throw referenceMissing(remote, reference);
}

/** Full names that the reference may mean, as the server has them; the first one there counts. */
function candidateNames(reference: GitReference | undefined): string[] {
  if (reference === undefined) return ["HEAD"];
  const { kind, value } = reference;
  if (kind === "branch") return [`refs/heads/${value}`];
  if (kind === "tag") return [`refs/tags/${value}`];
  if (value.startsWith("refs/")) return [value];
  return value.startsWith("origin/") ? [`refs/tags/${value}`, `refs/heads/${value.slice(7)}`] : [`refs/tags/${value}`];
}

/** Name → id, with `<tag>^{}` for what a tag object leads to. */
async function listReferences(remote: GitRemote, reference: GitReference | undefined): Promise<Map<string, string>> {
  const patterns = candidateNames(reference).flatMap((name) => [name, `${name}^{}`]);
  const answer = await callRemote(remote, ["ls-remote", "--quiet", "--", remote.url.href, ...patterns]);
  if (answer.code !== 0) throw fetchFailure(answer, remote.url);
  const found = new Map<string, string>();
  for (const line of answer.stdout.toString("utf8").split("\n")) {
    const [id = "", name = ""] = line.split("\t");
    if (isObjectId(id)) found.set(name, id);
    else if (/^[0-9a-f]{64}$/.test(id)) throw sha256(remote);
  }
  return found;
}

/** Needs the history: only the server's references are advertised, and the commit may lie behind them. */
async function commitByPrefix(remote: GitRemote, prefix: string): Promise<string | undefined> {
  if ((await fetchInto(remote, { refspecs: EVERYTHING, depth: "all" })) === "refused") return undefined;
  const { settings, repository } = remote;
  const args = ["rev-parse", `--disambiguate=${prefix}`];
  const answer = await runGit(settings, { repository, args });
  const commits: string[] = [];
  for (const id of answer.stdout.toString("latin1").split("\n").filter(isObjectId)) {
    const type = await runGit(settings, { repository, args: ["cat-file", "-t", id] });
    if (type.stdout.toString("latin1") === "commit\n") commits.push(id);
  }
  const [commit, second] = commits;
  if (second === undefined) return commit;
  throw new GitError({
    code: "git/reference-missing",
    what: `rev ${quote(prefix)} is the beginning of several commits: ${commits.slice(0, 4).join(", ")}`,
    where: remote.url.shown,
    help: "write more digits of the commit in Cargo.toml",
  });
}

function referenceMissing({ url }: GitRemote, reference: GitReference | undefined): GitError {
  return new GitError({
    code: "git/reference-missing",
    what: `the repository has no ${reference === undefined ? "default branch" : referenceText(reference)}`,
    where: url.shown,
    help: "check the dependency in Cargo.toml against `git ls-remote` of this URL",
  });
}

function sha256({ url }: GitRemote): GitError {
  return new GitError({
    code: "git/object-format",
    what: "the repository names its objects by SHA-256",
    where: url.shown,
    help: "depend on a repository with SHA-1 names; cargo can not read others",
  });
}
