import { withoutCredentials } from "./plain-text.ts";

/** `3.4 MB`, `812 KB`, `17 B`: decimal units, as disks and downloads are sold. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ""}`;
}

/** `0.34s`, `12.04s`, `2m 05s`: cut, not rounded, as cargo prints durations. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds >= 60) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
  return `${seconds}.${String(Math.floor((ms % 1000) / 10)).padStart(2, "0")}s`;
}

/** `1 crate`, `12 crates`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The text of a JSON result: indented, one final newline. URLs lose their credentials. */
export function jsonDocument(value: unknown): string {
  return `${JSON.stringify(value, withoutCredentials, 2)}\n`;
}
