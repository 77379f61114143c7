import { join } from "node:path";
import type { CommittedContent, FillReport } from "../hub/index.ts";
import { count, formatBytes, formatDuration } from "./render.ts";
import type { Shell } from "./shell.ts";

/** Says what a fill did. */
export function showFill(report: FillReport, shell: Shell): void {
  shell.clearProgress();
  const what = `${holdings({ ...report, vendored: report.vendored.length })}, in ${join(report.hub, ".cargo")}`;
  if (!report.changed) shell.status("Fresh", what);
  else {
    if (report.downloadedCrates > 0) {
      shell.status("Downloaded", `${count(report.downloadedCrates, "crate")} (${formatBytes(report.downloadedBytes)})`);
    }
    for (const { path, crates } of report.folders) shell.status("Copied", `${count(crates, "crate")} from ${path}`);
    shell.status(
      "Filled",
      `${what}; ${report.installed} new, ${report.removed.length} removed, in ${formatDuration(report.durationMs)}`,
    );
  }
  if (report.committed !== null) showCommitted(report.committed, shell);
  if (report.vendored.length > 0) shell.status("Note", unpackedOnly(report.vendored), "note");
  if (report.mode === "cargo-home")
    shell.status(
      "Note",
      `set CARGO_HOME=${join(report.hub, ".cargo")} to use it (hub.toml says mode = "cargo-home")`,
      "note",
    );
  else if (!report.on) shell.status("Note", "the hub is off; `cargo-hub on` lets Cargo use it", "note");
}

/** How many packages of each kind. */
interface Holdings extends Pick<FillReport, "crates" | "bytes" | "gitPackages"> {
  /** Crates that are held unpacked only. */
  readonly vendored: number;
}

/** `12 crates, 3.4 MB, 2 packages from git`. */
export function holdings({ crates, bytes, vendored, gitPackages }: Holdings): string {
  const others = [
    ...(vendored === 0 ? [] : [`${count(vendored, "crate")} unpacked only`]),
    ...(gitPackages === 0 ? [] : [fromGit(gitPackages)]),
  ];
  if (crates === 0 && others.length > 0) return others.join(", ");
  return [count(crates, "crate"), formatBytes(bytes), ...others].join(", ");
}

/** `2 packages from git`. */
export function fromGit(packages: number): string {
  return `${count(packages, "package")} from git`;
}

/** What is meant for git, and what git would leave out. */
function showCommitted(committed: CommittedContent, shell: Shell): void {
  const { files, bytes } = committed;
  shell.status("Note", `${count(files, "file")}, ${formatBytes(bytes)}, of it are to be committed`, "note");
  if (bytes >= largeBytes) {
    shell.warn(
      `every clone will carry these ${formatBytes(bytes)}, and those of every later change as well; ` +
        'with `commit = "none"` in hub.toml the crates stay out of git',
    );
  }
  const text = hiddenText(committed);
  if (text !== undefined) shell.warn(text);
}

const largeBytes = 100_000_000;

/** Says which files git ignores although they are meant to be committed. */
export function hiddenText({ hidden }: CommittedContent): string | undefined {
  const [first] = hidden;
  if (first === undefined) return undefined;
  return (
    `git ignores ${count(hidden.length, "file")} of the hub that should be committed: ${first.path} by ${first.rule}; ` +
    "change that rule, or add the files with `git add --force .cargo`"
  );
}

/** What is lost with crates that came unpacked, and how it comes back. */
function unpackedOnly(vendored: FillReport["vendored"]): string {
  const names = vendored.slice(0, 3).map(({ name, version }) => `${name} v${version}`);
  const more = vendored.length > names.length ? ", …" : "";
  return (
    `unpacked only: ${names.join(", ")}${more}; no .crate files and no index lines were at hand, so mode cargo-home and exports but \`directory\` ` +
    "need a fill with the registry at hand, which completes them"
  );
}
