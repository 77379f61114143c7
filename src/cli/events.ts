import type { HubEvent, OnEvent } from "../hub/index.ts";
import { count, formatBytes } from "./render.ts";
import type { Shell } from "./shell.ts";

/** Shows what a running command tells: status lines, a progress bar, or JSON lines. */
export function showEvents(shell: Shell): OnEvent {
  const progress = { done: 0, of: 0 };
  return (event) => {
    if (shell.messageFormat === "json") shell.json({ reason: event.kind, ...withoutKind(event) });
    else showEvent(event, shell, progress);
  };
}

function withoutKind(event: HubEvent): Record<string, unknown> {
  const { kind: _kind, ...rest } = event;
  return rest;
}

function showEvent(event: HubEvent, shell: Shell, progress: { done: number; of: number }): void {
  const crate = "name" in event ? `${event.name} v${event.version}` : "";
  switch (event.kind) {
    case "blocking":
      return shell.status("Blocking", `waiting for file lock on ${event.on}`, "note");
    case "planned":
      progress.of = event.missing;
      return;
    case "updating":
      return shell.status("Updating", event.registry);
    case "updating-repository":
      return shell.status("Updating", `git repository \`${event.url}\``);
    case "downloaded":
      if (shell.verbosity > 0) shell.status("Downloaded", `${crate} (${formatBytes(event.bytes)})`);
      return;
    case "installed":
      progress.done += 1;
      progress.of = Math.max(progress.of, progress.done); // git packages are not among what was planned
      if (shell.verbosity > 0) shell.status("Adding", `${crate} (${event.from})`);
      return shell.progress("Filling", progress.done, progress.of);
    case "packed":
      return shell.status("Packaging", `${crate} (${event.path})`);
    case "removed":
      return shell.status("Removing", crate);
    case "quarantined":
      return shell.warn(quarantined(event));
    case "adopted":
      return shell.status("Adopting", crate);
    case "line-changed":
      return shell.status("Changed", `${crate} in the registry's index: ${event.changes.join(", ")}`, "warning");
    case "tree-changed":
      return shell.warn(treeChanged(event));
    case "retrying":
      return shell.warn(`${event.url}: ${event.cause}; trying again in ${(event.waitMs / 1000).toFixed(1)} s`);
    case "credential":
      if (shell.verbosity > 0) shell.status("Credential", `${event.provider} for ${event.registry}`);
      return;
    case "provider-said":
      return shell.note(event.text);
    case "checked":
      return shell.progress("Verifying", event.done, event.of);
    case "exported":
      return shell.progress("Exporting", event.done, event.of);
    case "swept":
      return shell.progress("Removing", event.done, event.of);
    case "repaired":
      return shell.status("Repaired", event.path);
    case "warning":
      return shell.warn(event.message);
  }
}

function quarantined(event: Extract<HubEvent, { kind: "quarantined" }>): string {
  return (
    `${event.name} v${event.version} lies in quarantine, so that it does not make the whole hub unusable: ${event.reason}; ` +
    "to compile it, lock another version of it or, where it needs a newer cargo, say a higher `rust-version` in hub.toml"
  );
}

function treeChanged(event: Extract<HubEvent, { kind: "tree-changed" }>): string {
  const by = event.by.length === 0 ? "" : ` through the hub of ${event.by.join(", ")}`;
  const paths = event.paths.slice(0, 3).join(", ") + (event.paths.length > 3 ? ", …" : "");
  return (
    `${count(event.paths.length, "file")} of ${event.name} v${event.version} in the store had been edited${by} (${paths}); ` +
    "it was unpacked anew, run `cargo-hub verify --repair` there"
  );
}
