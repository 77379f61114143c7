// `npm run ok`: everything that must be right before a commit, cheapest first. `--fast` leaves out the tests.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installPackages, repository } from "./install.mjs";

const tools = join(repository, "node_modules", ".bin");
const packed = join(repository, ".build", "packed");

/** Each step is a list of commands; the first one that fails ends the run. */
const steps = [
  ["types", [[join(tools, "tsc"), "-b"]]],
  ["lint", [[join(tools, "oxlint"), "--type-aware", "--deny-warnings"]]],
  ["format", [[join(tools, "biome"), "check", "--error-on-warnings"]]],
  ["unused", [[join(tools, "knip")]]],
  ["doors", [[process.execPath, "scripts/api-doors.mjs", "--check"]]],
  ["build", [[process.execPath, "scripts/build.mjs"]]],
  ["package", [["npm", "pack", "--silent", "--pack-destination", packed], () => publintPacked()]],
];
if (!process.argv.includes("--fast")) steps.push(["tests", [[process.execPath, "scripts/test.mjs"]]]);

function publintPacked() {
  const [tarball] = readdirSync(packed);
  return [join(tools, "publint"), "run", "--strict", join(packed, tarball)];
}

function runStep(commands) {
  for (const command of commands) {
    const [program, ...args] = typeof command === "function" ? command() : command;
    const done = spawnSync(program, args, { cwd: repository, stdio: ["ignore", "inherit", "inherit"] });
    if (done.error !== undefined) throw done.error;
    if (done.status !== 0) return false;
  }
  return true;
}

installPackages();
rmSync(packed, { recursive: true, force: true });
mkdirSync(packed, { recursive: true });
for (const [name, commands] of steps) {
  const started = performance.now();
  const good = runStep(commands);
  console.log(`${good ? "ok    " : "FAILED"} ${name.padEnd(8)} ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (!good) {
    process.exitCode = 1;
    break;
  }
}
