// Updates older lockfiles of all projects of the corpus with cargo and with us, in eight ways each:
// `CARGO_HUB_CORPUS=DIRECTORY node tests/differential/update-soak.mjs [MOST_PACKAGES] [SEED]`. Its last line counts the runs.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [packages = "100000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const run = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "tests/differential/corpus-updates.test.ts", "--disable-console-intercept"],
  {
    cwd: repository,
    env: {
      ...process.env,
      CARGO_HUB_MOST_PACKAGES: packages,
      CARGO_HUB_SEED: seed,
      NODE_OPTIONS: "--max-old-space-size=6144",
    },
    stdio: "inherit",
  },
);
process.exitCode = run.status ?? 1;
