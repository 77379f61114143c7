// The table people read and the JSON that is kept.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cargo } from "./cargo.mjs";
import { judge } from "./goals.mjs";

const results = fileURLToPath(new URL("./results/", import.meta.url));

const columns = [
  ["size", 5],
  ["on", 8],
  ["ours", 10],
  ["cpu", 8],
  ["peak", 8],
  ["peer", 10],
  ["cpu", 8],
  ["peak", 8],
  ["result", 10],
  ["goal", 11],
  ["", 8],
];

/** Prints the rows below their measures. */
export function printTable(rows) {
  for (const group of groupByMeasure(rows).values()) {
    console.log(`\n${judge(group[0]).what}`);
    console.log(columns.map(([title, width]) => title.padStart(width)).join(""));
    for (const row of group) {
      console.log(
        cells(row)
          .map((cell, at) => cell.padStart(columns[at][1]))
          .join(""),
      );
      if (row.note !== undefined) console.log(`      ${row.note}`);
    }
  }
}

function groupByMeasure(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.measure, [...(groups.get(row.measure) ?? []), row]);
  return groups;
}

function cells(row) {
  const { unit, value, goal, met } = judge(row);
  const verdict = met === undefined ? "" : met ? "met" : "MISSED";
  return [
    String(row.size ?? "–"),
    row.fileSystem ?? "–",
    ...sideCells(row.ours),
    ...sideCells(row.peer),
    value === undefined ? "–" : shown(value, unit),
    goal === undefined ? "–" : `≤ ${shown(goal, unit)}`,
    verdict,
  ];
}

function sideCells(side) {
  if (side === undefined) return ["–", "–", "–"];
  return [milliseconds(side.wallMs), milliseconds(side.cpuMs), `${(side.peakKib / 1024).toFixed(0)} MB`];
}

function shown(value, unit) {
  if (unit === "ratio") return value.toFixed(2);
  return unit === "ms" ? `${value.toFixed(1)} ms` : `${value.toFixed(0)} MB`;
}

function milliseconds(ms) {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
}

/** @returns {string} where the results were written */
export function saveResults(rows, options) {
  mkdirSync(results, { recursive: true });
  const date = new Date().toISOString();
  const path = join(results, `${date.replaceAll(":", "-")}.json`);
  const processors = cpus();
  const document = {
    formatVersion: 1,
    date,
    machine: {
      processors: processors.length,
      model: processors[0]?.model ?? "unknown",
      kernel: release(),
      node: process.version,
      cargo: execFileSync(cargo, ["--version"], { encoding: "utf8" }).trim(),
    },
    runs: options.runs,
    rows: rows.map((row) => ({ ...row, ...judge(row) })),
  };
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
  return path;
}
