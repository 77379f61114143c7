import { type RunOptions, runIn } from "./hub-runs.ts";
import type { Finished, Scene } from "./stage.ts";

/** What keeps the machine's and the user's configuration of git out of a test. */
const gitEnvironment: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "test",
  GIT_AUTHOR_EMAIL: "test@example.invalid",
  GIT_COMMITTER_NAME: "test",
  GIT_COMMITTER_EMAIL: "test@example.invalid",
};

/** Runs git in the scene and waits for its success. */
export async function git(scene: Scene, options: RunOptions, ...args: readonly string[]): Promise<Finished> {
  const run = await runIn(scene, { ...options, env: { ...options.env, ...gitEnvironment } }, ["git", ...args]);
  if (run.code !== 0) throw new Error(`git ${args.join(" ")} ended with ${run.code}:\n${run.stdout}${run.stderr}`);
  return run;
}
