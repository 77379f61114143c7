import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Builds dist/ once before the first test, so that tests which start the command line see the present source.
 *
 * `npm test` counts a broken build as a failure of its own; here it only warns, because most tests do not need dist/.
 */
export function setup(): void {
  const script = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
  const done = spawnSync(process.execPath, [script], { encoding: "utf8" });
  if (done.status !== 0) process.stderr.write(`dist/ was not built: ${done.stderr.trim()}\n`);
}
