// `npm test`: set-up, build, every test, the time of each part, and a last line that machines read.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build } from "./build.mjs";
import { installPackages, repository } from "./install.mjs";

const reportPath = join(repository, ".build", `vitest-${process.pid}.json`);

/**
 * Sums vitest's JSON report. A file that could not even be loaded counts as one failed test.
 *
 * @returns {{ passed: number, failed: number, skipped: number, parts: Map<string, { tests: number, ms: number }> }}
 */
function sum(report) {
  const total = { passed: 0, failed: 0, skipped: 0, parts: new Map() };
  for (const file of report.testResults) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const { status } of file.assertionResults) {
      if (status === "passed" || status === "failed") counts[status] += 1;
      else counts.skipped += 1;
    }
    if (file.status === "failed" && counts.failed === 0) counts.failed = 1;
    for (const kind of Object.keys(counts)) total[kind] += counts[kind];
    const name = relative(join(repository, "tests"), file.name).split(sep)[0];
    const part = total.parts.get(name) ?? { tests: 0, ms: 0 };
    part.tests += file.assertionResults.length;
    part.ms += Math.max(0, file.endTime - file.startTime);
    total.parts.set(name, part);
  }
  return total;
}

function readReport() {
  try {
    return JSON.parse(readFileSync(reportPath, "utf8"));
  } catch {
    return { testResults: [] }; // vitest ended before it could write; its own words are above
  } finally {
    rmSync(reportPath, { force: true });
  }
}

installPackages();
mkdirSync(join(repository, ".build"), { recursive: true });
let buildFailed = false;
try {
  await build();
} catch (error) {
  console.error(`build: ${error.message}`);
  buildFailed = true;
}
const started = performance.now();
const run = spawnSync(
  process.execPath,
  [
    join(repository, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${reportPath}`,
    ...process.argv.slice(2),
  ],
  { cwd: repository, stdio: ["ignore", "inherit", "inherit"] },
);
const total = sum(readReport());
// Unhandled errors and a broken global set-up fail the run without a failed test.
if (run.status !== 0 && total.failed === 0) total.failed = 1;
if (buildFailed) total.failed += 1;

console.log("Time of each part (its files added up):");
for (const [name, { tests, ms }] of [...total.parts].sort(([, a], [, b]) => b.ms - a.ms)) {
  console.log(`${(ms / 1000).toFixed(1).padStart(8)} s  ${name} (${tests} tests)`);
}
console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(8)} s  in all`);
const nothingMayBeSkipped = (process.env.CI ?? "") !== "" && process.env.CI !== "false";
if (nothingMayBeSkipped && total.skipped > 0) console.log("A skipped test is a failure where CI is set.");
if (total.passed + total.failed === 0) console.log("No test ran.");
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
const good = total.failed === 0 && total.passed > 0 && !(nothingMayBeSkipped && total.skipped > 0);
process.exitCode = good ? 0 : 1;
