/**
 * Paths as text: this room has no file system. A path that starts with `/` follows POSIX's rules, any other
 * absolute path those of Windows. As in cargo, `..` is kept where paths are joined: with symbolic links in the
 * way, folding it would name another file.
 */

/** True when `path`, read on the machine that `base` (absolute) belongs to, is absolute. */
function isAbsolute(path: string, base: string): boolean {
  return base.startsWith("/") ? path.startsWith("/") : /^(?:[A-Za-z]:)?[\\/]/.test(path);
}

/** `path` taken from the absolute directory `base`; an absolute `path` stays. Empty and `.` parts are dropped. */
export function joinPath(base: string, path: string): string {
  if (!base.startsWith("/")) return isAbsolute(path, base) ? path : `${base.replace(/[\\/]+$/, "")}\\${path}`;
  const whole = isAbsolute(path, base) ? path : `${base}/${path}`;
  return `/${partsOf(whole).join("/")}`;
}

/** The directory that holds `path`; the root is its own. */
export function parentPath(path: string): string {
  if (path.startsWith("/")) return `/${partsOf(path).slice(0, -1).join("/")}`;
  const cut = Math.max(path.lastIndexOf("\\"), path.lastIndexOf("/"));
  if (cut <= 0) return path;
  return cut === 2 && path[1] === ":" ? path.slice(0, 3) : path.slice(0, cut);
}

/** `path` and every directory above it, nearest first. */
export function pathAncestors(path: string): string[] {
  const ancestors = [path];
  for (let at = path, above = parentPath(at); above !== at; at = above, above = parentPath(at)) ancestors.push(above);
  return ancestors;
}

/** One spelling for paths that differ in `.`, `..` and doubled separators only: for comparing, not for opening. */
export function comparablePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split(path.startsWith("/") ? /\/+/ : /[\\/]+/)) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
