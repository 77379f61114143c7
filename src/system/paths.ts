/** A drive, a share, or what begins with `\\?\` or `\\.\`, without the separator behind it. */
const windowsPrefix = /^(?:\\\\[?.]\\(?:UNC\\[^\\]+\\[^\\]+|[^\\]+)|[\\/]{2}[^\\/]+[\\/]+[^\\/]+|[A-Za-z]:)/;

/** Paths as text, for rooms without a file system: what begins with one `/` follows POSIX's rules, other absolute paths those of Windows. */
export function isWindowsPath(path: string): boolean {
  return !/^\/(?!\/)/.test(path) && windowsPrefix.test(path);
}

/**
 * What an absolute path begins with and keeps on the way up, with its separator: `/`, `C:\`, `C:/`, `\\server\share\`.
 *
 * @returns `""` for a relative path, also for those of Windows that begin at some drive's or directory's current place (`\x`, `C:x`).
 */
export function rootOf(path: string): string {
  if (!isWindowsPath(path)) return path.startsWith("/") ? "/" : "";
  const prefix = windowsPrefix.exec(path)?.[0] ?? "";
  const behind = path.charAt(prefix.length);
  if (behind === "\\" || behind === "/") return prefix + behind;
  if (/^[A-Za-z]:$/.test(prefix)) return "";
  return `${prefix}${prefix.startsWith("/") ? "/" : "\\"}`;
}

/**
 * Takes `path` from the absolute Windows directory `base` as Rust's `Path::join` does: one with a drive or share replaces it, one that
 * begins with a separator keeps the drive.
 *
 * @returns With `\` everywhere, without `.` and doubled separators; `..` is kept, because of links.
 */
export function joinWindowsPath(base: string, path: string): string {
  if (windowsPrefix.test(path)) return tidy(path);
  return tidy(/^[\\/]/.test(path) ? `${windowsPrefix.exec(base)?.[0] ?? ""}${path}` : `${base}\\${path}`);
}

function tidy(path: string): string {
  const root = rootOf(path);
  const parts = path
    .slice(root.length)
    .split(/[\\/]+/)
    .filter((part) => part !== "" && part !== ".");
  return root.replaceAll("/", "\\") + parts.join("\\");
}

/** A Windows path with `/` in place of `\`; those of POSIX, where `\` is a letter like any other, and `\\?\` paths stay. */
export function withSlashes(path: string): string {
  return isWindowsPath(path) && !/^\\\\[?.]\\/.test(path) ? path.replaceAll("\\", "/") : path;
}
