/**
 * The operating systems that differ for a hub. `unix` is any other than the three: files as on Linux, no `/proc`.
 *
 * What a *file system* can do (letter case, modes, links) is never derived from this: a disk of one system is mounted by another.
 */
export type System = "windows" | "macos" | "linux" | "unix";

/** The system that Node's `process.platform` names. */
export function systemOf(platform: string): System {
  if (platform === "win32") return "windows";
  if (platform === "darwin") return "macos";
  return platform === "linux" || platform === "android" ? "linux" : "unix";
}
