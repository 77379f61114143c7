import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a file of a commit is: its text or bytes, with its mode where it is not a plain file. */
export type FileSpec =
  | string
  | Uint8Array
  | { readonly executable: string }
  | { readonly link: string }
  /** A submodule; its URL as `.gitmodules` is to say it, or undefined for none. */
  | { readonly submodule: string; readonly url: string | undefined; readonly update?: string };

/** A real repository in a directory, made with git. */
export interface GitRepository {
  readonly path: string;
  /** `file://` and the path. */
  readonly url: string;
  /** Replaces the whole work tree by `files` and commits it on the present branch; gives the commit's id. */
  commit(files: Readonly<Record<string, FileSpec>>, message?: string): string;
  /** Runs git in it; gives what it says, without the last newline. Its failure is the test's. */
  git(...args: string[]): string;
}

/** Environment of every git in tests: no user's configuration, fixed author and time. */
export const gitTestEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@localhost",
  GIT_AUTHOR_DATE: "1700000000 +0000",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@localhost",
  GIT_COMMITTER_DATE: "1700000000 +0000",
};

/** Runs git and gives stdout without the last newline; its failure is the test's. */
export function runTestGit(cwd: string, args: readonly string[], input?: string | Uint8Array): string {
  const done = spawnSync("git", ["-c", "protocol.file.allow=always", ...args], {
    cwd,
    env: { ...gitTestEnvironment },
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });
  if (done.error !== undefined) throw done.error;
  const stdout = done.stdout.toString("utf8");
  if (done.status !== 0) throw new Error(`git ${args.join(" ")} ended with ${done.status}: ${done.stderr.toString()}`);
  return stdout.replace(/\n$/, "");
}

/** Makes a repository with the branch `main`. */
export function makeRepository(path: string, ...initOptions: string[]): GitRepository {
  mkdirSync(path, { recursive: true });
  const git = (...args: string[]): string => runTestGit(path, args);
  git("init", "--quiet", "--initial-branch=main", ...initOptions);
  return {
    path,
    url: `file://${path}`,
    git,
    commit(files, message = "a commit") {
      git("rm", "-rfq", "--ignore-unmatch", ".");
      const submodules = Object.entries(files).flatMap(([name, spec]) => placeFile(path, name, spec));
      if (submodules.length > 0) writeFileSync(join(path, ".gitmodules"), submodules.join(""));
      git("add", "--force", "--all", ".");
      for (const [name, spec] of Object.entries(files))
        if (typeof spec === "object" && "submodule" in spec)
          git("update-index", "--add", "--cacheinfo", `160000,${spec.submodule},${name}`);
      git("commit", "--quiet", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD");
    },
  };
}

/** Writes one file; gives the lines that a submodule needs in `.gitmodules`. */
function placeFile(root: string, name: string, spec: FileSpec): string[] {
  const target = join(root, name);
  mkdirSync(dirname(target), { recursive: true });
  if (typeof spec === "string" || spec instanceof Uint8Array) writeFileSync(target, spec);
  else if ("executable" in spec) {
    writeFileSync(target, spec.executable);
    chmodSync(target, 0o755);
  } else if ("link" in spec) {
    rmSync(target, { force: true });
    symlinkSync(spec.link, target);
  } else if (spec.url !== undefined) {
    const update = spec.update === undefined ? "" : `\tupdate = ${spec.update}\n`;
    return [`[submodule "${name}"]\n\tpath = ${name}\n\turl = ${spec.url}\n${update}`];
  }
  return [];
}

/** The files of a library package. */
export function libraryFiles(name: string, body = "", manifest = ""): Record<string, string> {
  return {
    "Cargo.toml": `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${manifest}`,
    "src/lib.rs": `${body}\n`,
  };
}
