import { type Amount, type HubOfStore, type StoreStatus, storeStatus } from "../../hub/index.ts";
import type { RunCommand } from "../command.ts";
import { formatDay, formatPeriod } from "../duration.ts";
import { exitCodes } from "../exit-codes.ts";
import { storeOptions } from "../options.ts";
import { count, formatBytes, jsonDocument } from "../render.ts";
import { showProblem } from "../report-error.ts";
import type { Shell } from "../shell.ts";

export const run: RunCommand = async ({ flags }, io) => {
  const report = storeStatus({ ...storeOptions(io), nowMs: Date.now() });
  io.shell.print(flags["json"] === true ? jsonDocument(report) : statusText(report, io.shell));
  if (flags["json"] !== true) for (const problem of report.gc.blockedBy) showProblem(problem, io.shell);
  return exitCodes.done;
};

function statusText(report: StoreStatus, shell: Shell): string {
  const row = (label: string, text: string): string => `${shell.paint("bold", label.padEnd(9))} ${text}\n`;
  if (!report.exists) return row("store", `${report.store} (not there yet; the first fill makes it)`);
  const { kinds } = report;
  const holds = amountRows([
    ["crate", kinds.crate],
    ["tree", kinds.tree],
    ["pack", kinds.pack],
    ["index line", kinds.line],
    ["index file", kinds["index-file"]],
    ["index clone", kinds["git-index"]],
    ["private file", kinds.partial],
  ]);
  return [
    row("store", report.store),
    row("takes", `${formatBytes(report.diskBytes)} on the disk for ${formatBytes(report.bytes)} of files`),
    ...holds.map((text, at) => row(at === 0 ? "holds" : "", text)),
    row("shared", sharedText(report.sharedBytes)),
    row("gc", gcText(report)),
    ...hubRows(report.hubs, shell).map((text, at) => row(at === 0 ? "hubs" : "", text)),
  ].join("");
}

/** Numbers below each other; kinds of which there is nothing are left out. */
function amountRows(amounts: readonly (readonly [noun: string, amount: Amount])[]): string[] {
  const shown = amounts.filter(([, { count: number }]) => number > 0);
  if (shown.length === 0) return ["nothing"];
  const cells = shown.map(([noun, { count: number, bytes }]) => {
    return [String(number), number === 1 ? noun : `${noun}s`, formatBytes(bytes)] as const;
  });
  const width = (at: 0 | 1 | 2): number => Math.max(...cells.map((cell) => cell[at].length));
  return cells.map(
    ([number, noun, bytes]) => `${number.padStart(width(0))} ${noun.padEnd(width(1))}  ${bytes.padStart(width(2))}`,
  );
}

function sharedText(bytes: number): string {
  if (bytes === 0) return "nothing: no hub has hard links to it";
  return `${formatBytes(bytes)} more would be on the disk if hubs held copies instead of hard links`;
}

function gcText({ gc }: StoreStatus): string {
  const period = formatPeriod(gc.graceMs);
  if (gc.blockedBy.length > 0) return "can delete nothing as long as it is not known what every hub needs (see below)";
  if (gc.deletions === 0) return `would free nothing: all is needed or younger than ${period}`;
  return `would free ${formatBytes(gc.freedBytes)}: what no hub needs and is older than ${period}; run \`cargo-hub store gc\``;
}

function hubRows(hubs: readonly HubOfStore[], shell: Shell): string[] {
  if (hubs.length === 0) return ["none was filled from it"];
  return hubs.map((hub) => `${hub.path}: ${stateText(hub, shell)}`);
}

function stateText(hub: HubOfStore, shell: Shell): string {
  const holds = `${hub.crates === null ? "contents not known" : count(hub.crates, "crate")}, ${formatBytes(hub.bytes)}`;
  const amount = `${holds}, ${formatBytes(hub.onlyBytes)} for it alone`;
  const until = hub.goesAtMs === null ? "" : `; gc keeps it until ${formatDay(hub.goesAtMs)}`;
  switch (hub.state) {
    case "alive":
      return hub.changed ? `${amount}; ${shell.paint("warning", "hub.lock changed")} since it was filled` : amount;
    case "gone": {
      const since = hub.goneSinceMs === null ? "" : ` since ${formatDay(hub.goneSinceMs)}`;
      return `${shell.paint("warning", "not there")}${since}${until}; ${amount}`;
    }
    case "moved":
      return `${shell.paint("warning", "moved")} to ${hub.otherPath ?? ""}`;
    case "same":
      return `another path of ${hub.otherPath ?? ""}`;
    case "unknown":
      return shell.paint("bad", "contents not known");
  }
}
