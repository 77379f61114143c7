// Kills 100 gcs (or as many as the first argument says) at random instants: `node tests/faults/gc-soak.mjs [KILLS] [SEED]`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [kills = "100", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const run = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "tests/faults/gc-kills.test.ts", "--disable-console-intercept"],
  {
    cwd: repository,
    env: { ...process.env, CARGO_HUB_KILLS: kills, CARGO_HUB_SEED: seed },
    stdio: "inherit",
  },
);
process.exitCode = run.status ?? 1;
