import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("../../", import.meta.url));

/** A file of the repository: its path from the top, with `/`, and its text. */
export interface RepositoryFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads every file that is committed or would be: tracked, or new and not ignored. Binary files are left out.
 *
 * `safe.directory` is given because a test run may not own the checkout.
 */
export function repositoryFiles(): readonly RepositoryFile[] {
  const listed = execFileSync(
    "git",
    ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: top, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  return listed
    .split("\0")
    .filter((path) => path !== "" && statSync(join(top, path), { throwIfNoEntry: false })?.isFile() === true)
    .map((path) => ({ path, text: readFileSync(join(top, path), "latin1") }))
    .filter(({ text }) => !text.includes("\0"));
}

/** The TypeScript files of src/. */
export function sourcesOf(files: readonly RepositoryFile[]): readonly RepositoryFile[] {
  return files.filter(({ path }) => path.startsWith("src/") && path.endsWith(".ts"));
}

/** Replaces comments by blanks, so that a rule reads code only. Line breaks stay. */
export function withoutComments(text: string): string {
  return text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (part: string, quoted: string | undefined) => quoted ?? part.replaceAll(/[^\n]/g, " "),
  );
}
