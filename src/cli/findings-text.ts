import type { Finding } from "../hub/index.ts";
import type { Shell } from "./shell.ts";

/** How many findings of a kind people are shown; `--json` has all. */
export const shownAtMost = 20;

/** Shows findings of one kind, one a line. */
export function showFindings(verb: string, findings: readonly Finding[], shell: Shell): void {
  for (const { path, reason } of findings.slice(0, shownAtMost))
    shell.status(verb, `${path}: ${reason}`, verb === "Foreign" ? "warning" : "error");
  if (findings.length > shownAtMost)
    shell.status(verb, `… and ${findings.length - shownAtMost} more (all with --json)`, "note");
}
