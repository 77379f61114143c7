import { GitError, type GitErrorCode } from "./git-error.ts";
import type { GitAnswer } from "./git-program.ts";
import { type GitUrl, withoutSecrets } from "./git-url.ts";

/** What is said by servers and transports that do not give a single commit, or do not have the reference. */
const WANT_REFUSED =
  /not our ref|unadvertised object|does not support shallow|couldn't find remote ref|no such remote ref|remote did not send all necessary objects|upload-pack: not our/i;

interface Kind {
  readonly code: GitErrorCode;
  readonly pattern: RegExp;
  readonly help: string;
}

/** The first that fits. git runs with `LC_ALL=C`, so its words are known. */
const KINDS: readonly Kind[] = [
  {
    code: "git/url-refused",
    pattern: /transport '[^']*' not allowed/,
    help: "look at `url.*.insteadOf` in git's configuration; it leads to a protocol that is not allowed",
  },
  {
    code: "git/object-format",
    pattern: /mismatched algorithms|object.format|hash algorithm/i,
    help: "depend on a repository with SHA-1 names; cargo can not read others",
  },
  {
    code: "git/unauthorized",
    pattern:
      /Authentication failed|could not read (?:Username|Password)|returned error: 40[13]|Permission denied|terminal prompts disabled|Host key verification failed/i,
    help: "check that the repository exists, and give git access to it: a credential helper for https, an agent for ssh",
  },
  {
    code: "git/repository-missing",
    pattern:
      /not found|does not appear to be a git repository|is this a git repository|does not exist|repository not exported/i,
    help: "check the URL in Cargo.toml; if the repository has moved, change the dependency",
  },
  {
    code: "git/unreachable",
    pattern:
      /could not resolve|failed to connect|couldn't connect|connection (?:refused|reset|timed out|closed)|unable to (?:connect|look up)|network is unreachable|operation (?:too slow|timed out)|early EOF|hung up|unexpected disconnect|RPC failed|unable to access|protocol error|SSL|TLS|certificate|timed out/i,
    help: "check the network, proxy and host, then run the command again",
  },
];

/** Whether a failed fetch says only that this commit, or this reference, can not be had in this way. */
export function wantRefused({ stderr }: GitAnswer): boolean {
  return WANT_REFUSED.test(stderr);
}

/** The error for a call of git that failed on its way to a repository. */
export function fetchFailure({ stderr, code }: GitAnswer, url: GitUrl): GitError {
  const kind = KINDS.find(({ pattern }) => pattern.test(stderr));
  const said = withoutSecrets(lastWords(stderr), url);
  return new GitError({
    code: kind?.code ?? "git/failed",
    what: said === "" ? `git ended with ${code} and said nothing` : `git says: ${said}`,
    where: url.shown,
    help: kind?.help ?? "run the command again; if it stays the same, try `git ls-remote` with this URL",
  });
}

/** The lines that matter, on one line. */
function lastWords(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const matter = lines.filter((line) => /^(?:fatal|error|remote|ssh|ERROR)\b/.test(line));
  const chosen = matter.length > 0 ? matter : lines.filter((line) => line !== "");
  return chosen.slice(-4).join("; ").slice(-500);
}
