// The main job, on the examples: two fills (a shared hub, a nested one), then build, run and test of three projects
// with no network and an empty CARGO_HOME.
import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import { styleText } from "node:util";
import { repository } from "./install.mjs";

const program = join(repository, "dist", "cargo-hub.js");
const examples = join(repository, "examples");
const nested = join(examples, "rust", "async_example");
const projects = ["async_example", "systems_example", "macro_example"].map((name) => join(examples, "rust", name));
const proofs = ["build", "run", "test"];

/**
 * Fills and proves all examples and prints what happened.
 *
 * @returns {boolean} whether everything passed
 */
export function mainJob() {
  const started = performance.now();
  const filled = [examples, nested].map(fill);
  if (filled.some(({ report }) => report === undefined)) return false;
  const proved = projects.flatMap((directory) => proofs.map((verb) => prove(directory, verb)));
  print(filled, proved, performance.now() - started);
  return proved.every(({ passed }) => passed);
}

function fill(directory) {
  const started = performance.now();
  const report = hub(directory, ["fill", "--json"], "inherit");
  return { directory, report, durationMs: performance.now() - started };
}

function prove(directory, verb) {
  status("Proving", `cargo ${verb} --frozen in ${shown(directory)}`);
  const started = performance.now();
  const report = hub(directory, ["prove", "--json", "--", "cargo", verb, "--frozen"], "pipe");
  const durationMs = report?.durationMs ?? performance.now() - started;
  return { directory, verb, passed: report?.passed === true, isolation: report?.isolation, durationMs };
}

/**
 * Runs cargo-hub. What it says on the way goes to the terminal ("inherit"), or only after a failure ("pipe").
 *
 * @returns its one JSON document, or undefined when it could not do its work
 */
function hub(directory, args, words) {
  const done = spawnSync(process.execPath, [program, ...args], {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", words],
  });
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0) process.stderr.write(done.stderr ?? "");
  // 0: done; 1: the check found problems, and its report is there all the same.
  return done.status === 0 || done.status === 1 ? JSON.parse(done.stdout) : undefined;
}

function print(filled, proved, totalMs) {
  console.log("");
  console.log(paint("bold", `  ${"hub".padEnd(34)}${"crates".padStart(8)}${"size".padStart(11)}${"time".padStart(9)}`));
  for (const { directory, report, durationMs } of filled) {
    const cells = [
      String(report.crates).padStart(8),
      megabytes(report.bytes).padStart(11),
      seconds(durationMs).padStart(9),
    ];
    console.log(`  ${`${shown(directory)}/.cargo`.padEnd(34)}${cells.join("")}`);
  }
  console.log("");
  console.log(
    paint("bold", `  ${"proved with no network".padEnd(34)}${proofs.map((verb) => verb.padStart(9)).join("")}`),
  );
  for (const directory of projects) {
    const cells = proved
      .filter((proof) => proof.directory === directory)
      .map(({ passed, durationMs }) =>
        paint(passed ? "green" : "red", (passed ? seconds(durationMs) : "failed").padStart(9)),
      );
    console.log(`  ${shown(directory).padEnd(34)}${cells.join("")}`);
  }
  const ways = [...new Set(proved.map(({ isolation }) => isolation).filter((way) => way !== undefined))].join(", ");
  const good = proved.filter(({ passed }) => passed).length;
  console.log("");
  console.log(
    `  ${good} of ${proved.length} proofs passed${ways === "" ? "" : ` (${ways})`}, ${seconds(totalMs)} in all`,
  );
}

function shown(directory) {
  return relative(repository, directory);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function status(verb, text) {
  console.error(`${paint(["green", "bold"], verb.padStart(12), process.stderr)} ${text}`);
}

function paint(format, text, stream = process.stdout) {
  return stream.isTTY && (process.env.NO_COLOR ?? "") === "" ? styleText(format, text) : text;
}
