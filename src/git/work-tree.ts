import { GitError } from "./git-error.ts";
import { type GitAnswer, type GitSettings, runGit } from "./git-program.ts";

/** A directory of somebody's checkout, as git sees it. */
export interface WorkTree {
  /** The top of the checkout; absolute. */
  readonly top: string;
  /**
   * What git lists in the directory, seen from it: files of the index, and those that are neither in it nor ignored. Below
   * `target` only files of the index. A submodule is listed as one path.
   */
  readonly paths: readonly string[];
}

/**
 * Lists a directory of a checkout in which `file` is in git's index; `undefined` when there is no checkout, or it is not.
 *
 * Runs nothing of the repository's own: no hooks, no monitor of the file system.
 *
 * @param directory Absolute.
 * @throws {GitError} `git/program-missing`; `git/failed`, also when git does not trust the owner of the checkout.
 */
export async function listWorkTree(
  settings: Pick<GitSettings, "env">,
  directory: string,
  file: string,
): Promise<WorkTree | undefined> {
  const ask = (...args: readonly string[]): Promise<GitAnswer> =>
    runGit(
      { directory, env: settings.env, terminal: false, network: "offline" },
      { args, repository: directory, inWorkTree: true },
    );
  const top = await ask("rev-parse", "--show-toplevel");
  if (top.code !== 0) {
    if (/dubious ownership|unsafe repository/.test(top.stderr)) throw failed(directory, top.stderr);
    return undefined;
  }
  const list = async (...args: readonly string[]): Promise<readonly string[] | undefined> => {
    const { code, stdout, stderr } = await ask("ls-files", "-z", ...args);
    if (code === 1 && args.includes("--error-unmatch")) return undefined;
    if (code !== 0) throw failed(directory, stderr);
    return stdout
      .toString("utf8")
      .split("\0")
      .filter((path) => path !== "");
  };
  if ((await list("--error-unmatch", "--", `:(literal)${file}`)) === undefined) return undefined;
  const all = (await list("--cached", "--others", "--exclude-standard")) ?? [];
  const target = (await list("--cached", "--", ":(literal)target")) ?? [];
  const paths = [...all.filter((path) => !path.startsWith("target/")), ...target];
  return { top: top.stdout.toString("utf8").replace(/\r?\n$/, ""), paths: [...new Set(paths)] };
}

function failed(directory: string, said: string): GitError {
  return new GitError({
    code: "git/failed",
    what: `git can not list the files: ${said.trim()}`,
    where: directory,
    help: "mend what git says; `git -C DIRECTORY status` shows the same",
  });
}
