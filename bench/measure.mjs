// One run of a command with its costs, and several contenders taking turns.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as signalsMayArrive } from "node:timers/promises";

const gnuTime = "/usr/bin/time";

/** @typedef {{ wallMs: number, cpuMs: number, peakKib: number }} Cost wall time; user and system time; peak resident memory */

/**
 * Runs a command to its end under GNU time, output thrown away.
 *
 * @param {{ command: string[], cwd: string, env: Record<string, string | undefined> }} run
 * @returns {Cost}
 */
export function timed({ command, cwd, env }) {
  if (!existsSync(gnuTime)) throw new Error("GNU time is needed: apt install time");
  const scratch = mkdtempSync(join(tmpdir(), "cargo-hub-bench-time-"));
  const errors = openSync(join(scratch, "stderr"), "w");
  try {
    const started = performance.now();
    const done = spawnSync(gnuTime, ["-q", "-f", "%U %S %M", "-o", join(scratch, "cost"), "--", ...command], {
      cwd,
      env,
      stdio: ["ignore", "ignore", errors],
    });
    const wallMs = performance.now() - started;
    if (done.error !== undefined) throw done.error;
    if (done.status !== 0) {
      const words = readFileSync(join(scratch, "stderr"), "utf8").slice(-2000);
      throw new Error(`${command.join(" ")} ended with ${done.status ?? done.signal} in ${cwd}:\n${words}`);
    }
    const [user, system, peakKib] = readFileSync(join(scratch, "cost"), "utf8").trim().split(" ").map(Number);
    return { wallMs, cpuMs: (user + system) * 1000, peakKib };
  } finally {
    closeSync(errors);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Lets contenders take turns, so that both meet the same weather, and changes who begins.
 *
 * @param {number} runs how often each contender runs
 * @param {Record<string, { prepare(): Parameters<typeof timed>[0], after?(): void } | undefined>} contenders
 * @param {() => void} settle called before each measured run
 * @returns {Promise<Record<string, Summary>>}
 */
export async function takeTurns(runs, contenders, settle) {
  const present = Object.entries(contenders).filter(([, contender]) => contender !== undefined);
  const costs = new Map(present.map(([name]) => [name, []]));
  for (let round = 0; round < runs; round += 1) {
    const order = round % 2 === 0 ? present : present.toReversed();
    for (const [name, contender] of order) {
      const run = contender.prepare();
      settle();
      costs.get(name).push(timed(run));
      contender.after?.();
      await signalsMayArrive();
    }
  }
  return Object.fromEntries([...costs].map(([name, all]) => [name, summarise(all)]));
}

/** @typedef {Cost & { allWallMs: number[] }} Summary medians, and every wall time */

function summarise(costs) {
  return {
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    peakKib: median(costs.map(({ peakKib }) => peakKib)),
    allWallMs: costs.map(({ wallMs }) => Math.round(wallMs * 10) / 10),
  };
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
