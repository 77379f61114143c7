import { join } from "node:path";
import { hubStatus, type StatusReport } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { fromGit, hiddenText } from "../fill-text.ts";
import { standpoint } from "../options.ts";
import { plainText } from "../plain-text.ts";
import { count, formatBytes } from "../render.ts";
import { runPerHub } from "../several-text.ts";
import type { Shell } from "../shell.ts";

export const run: RunCommand = ({ flags }, io) => {
  let first = true;
  const show = (report: StatusReport, shell: Shell): void => {
    if (flags["json"] !== true) shell.print((first ? "" : "\n") + statusText(report, shell));
    first = false;
  };
  return runPerHub(flags, io, { action: (at) => hubStatus({ ...standpoint(flags, io), ...at }), show });
};

function statusText(report: StatusReport, shell: Shell): string {
  const { buildTimeCode } = report;
  const rows: [string, string][] = [
    ["hub", join(report.hub, ".cargo")],
    ["state", stateText(report, shell)],
    ["holds", `${count(report.crates, "crate")}, ${formatBytes(report.bytes)} of .crate files`],
    ...(report.vendored.length === 0 ? [] : [unpackedRow(report.vendored)]),
    ...gitRows(report),
    ...quarantineRows(report, shell),
    [
      "builds",
      `${count(buildTimeCode.buildScripts, "build script")}, ${count(buildTimeCode.procMacros, "proc macro")} run while building`,
    ],
    ...report.lockfiles.map(({ path, state }): [string, string] => [
      "lockfile",
      `${path}: ${lockfileText(state, shell)}`,
    ]),
    ...stdRows(report),
    ...committedRows(report, shell),
    ["store", report.store.exists ? report.store.path : `${report.store.path} (not there; it costs only time)`],
  ];
  if (report.incomplete.length > 0) {
    rows.push([
      "lacks",
      `${shell.paint("bad", count(report.incomplete.length, "crate"))}: ${report.incomplete.slice(0, 5).join(", ")} – run \`cargo-hub fill\``,
    ]);
  }
  return rows.map(([label, text]) => `${shell.paint("bold", label.padEnd(9))} ${text}\n`).join("");
}

function unpackedRow(vendored: readonly string[]): [string, string] {
  const names = vendored.slice(0, 5).join(", ") + (vendored.length > 5 ? ", …" : "");
  return ["unpacked", `${count(vendored.length, "crate")} without .crate file and index line: ${names}`];
}

const stdTexts: Readonly<Record<NonNullable<StatusReport["std"]>, string>> = {
  same: "for this toolchain",
  other: "for another toolchain; `cargo-hub fill --std` takes the lockfile of this one",
  unknown: "held; this toolchain has no sources of the standard library to compare with",
};

function stdRows({ std }: StatusReport): [string, string][] {
  return std === null ? [] : [["std", stdTexts[std]]];
}

function gitRows({ gitPackages, repositories }: StatusReport): [string, string][] {
  if (gitPackages === 0) return [];
  const count = repositories.length;
  return [["", `${fromGit(gitPackages)}, of ${count} ${count === 1 ? "repository" : "repositories"}`]];
}

const shownInQuarantine = 5;

function quarantineRows({ quarantine }: StatusReport, shell: Shell): [string, string][] {
  const rows = quarantine.slice(0, shownInQuarantine).map(({ name, version, reason }): [string, string] => {
    return ["", `${shell.paint("warning", "in quarantine")}: ${name} ${version}, ${plainText(reason)}`];
  });
  const more = quarantine.length - rows.length;
  return more === 0 ? rows : [...rows, ["", `and ${more} more in quarantine (all with --json)`]];
}

function committedRows({ committed }: StatusReport, shell: Shell): [string, string][] {
  if (committed === null) return [];
  const hidden = hiddenText(committed);
  const rows: [string, string][] = [
    ["git", `${count(committed.files, "file")}, ${formatBytes(committed.bytes)}, are to be committed`],
  ];
  return hidden === undefined ? rows : [...rows, ["", `${shell.paint("bad", "lacks")}: ${hidden}`]];
}

function stateText(report: StatusReport, shell: Shell): string {
  if (report.on) return `${shell.paint("good", "on")}: Cargo uses it`;
  const outer = report.outer === null ? "" : `; the hub of ${report.outer} applies`;
  switch (report.offBecause) {
    case "switched-off":
      return `off${outer}; \`cargo-hub on\` switches it on`;
    case "not-filled":
      return `not filled yet${outer}; run \`cargo-hub fill\``;
    case "mode-cargo-home":
      return report.cargoHomeHere
        ? `${shell.paint("good", "on")}: CARGO_HOME points here`
        : `mode cargo-home: set CARGO_HOME=${join(report.hub, ".cargo")}`;
    case "source-toml-missing":
    case null:
      return `off, because registry/source.toml is missing${outer}; run \`cargo-hub fill\``;
  }
}

function lockfileText(state: StatusReport["lockfiles"][number]["state"], shell: Shell): string {
  if (state === "held") return shell.paint("good", "held");
  return state === "changed"
    ? `${shell.paint("warning", "changed")} since the hub was filled; run \`cargo-hub fill\``
    : shell.paint("warning", "absent");
}
