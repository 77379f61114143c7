// Resolves 2,000 random worlds (or as many as the first argument says) with cargo and with us, most of them also after updates:
// `node tests/differential/resolve-soak.mjs [WORLDS] [SEED]`. Its last line counts what was seen.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [worlds = "2000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const run = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "tests/differential/random-worlds.test.ts", "--disable-console-intercept"],
  {
    cwd: repository,
    env: { ...process.env, CARGO_HUB_WORLDS: worlds, CARGO_HUB_SEED: seed },
    stdio: "inherit",
  },
);
process.exitCode = run.status ?? 1;
