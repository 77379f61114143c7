import { isWindowsPath, joinWindowsPath, rootOf } from "../../system/index.ts";

/**
 * Paths as text: this room has no file system. The base, which is absolute, says whose rules hold: those of Windows
 * when it begins with a drive or share, POSIX's otherwise. As in cargo, `..` is kept where paths are joined: with
 * symbolic links in the way, folding it would name another file.
 */

/** `path` taken from the absolute directory `base`; an absolute `path` stays. Empty and `.` parts are dropped. */
export function joinPath(base: string, path: string): string {
  if (isWindowsPath(base)) return joinWindowsPath(base, path);
  return `/${partsOf(path.startsWith("/") ? path : `${base}/${path}`).join("/")}`;
}

/** The directory that holds `path`; a root is its own. */
export function parentPath(path: string): string {
  if (!isWindowsPath(path)) return `/${partsOf(path).slice(0, -1).join("/")}`;
  const root = rootOf(path);
  const below = path.slice(root.length).replace(/[\\/]+$/, "");
  return root + below.slice(0, Math.max(below.lastIndexOf("\\"), below.lastIndexOf("/"), 0));
}

/** `path` and every directory above it, nearest first. */
export function pathAncestors(path: string): string[] {
  const ancestors = [path];
  for (let at = path, above = parentPath(at); above !== at; at = above, above = parentPath(at)) ancestors.push(above);
  return ancestors;
}

/**
 * One spelling for paths that differ in `.`, `..` and doubled separators only, and on Windows in the kind of separator
 * and the letter case: for comparing, not for opening.
 */
export function comparablePath(path: string): string {
  const root = isWindowsPath(path) ? rootOf(path) : "";
  const parts: string[] = [];
  for (const part of path.slice(root.length).split(root === "" ? /\/+/ : /[\\/]+/)) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  if (root !== "") return `${root}${parts.join("/")}`.replaceAll("\\", "/").toLowerCase();
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
