import { isWindowsPath, joinWindowsPath, rootOf, withSlashes } from "../system/index.ts";

/**
 * Folds `.` and `..` in a path written with slashes, without asking any file system. A relative path may keep leading
 * `..`; `""` stands for the directory itself. Absolute paths begin with `/`, or with a drive or share of Windows.
 */
export function foldPath(path: string): string {
  const root = rootOf(path);
  const kept: string[] = [];
  for (const part of path.slice(root.length).split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (root === "") kept.push("..");
  }
  return root + kept.join("/");
}

/**
 * `path` as seen from where `directory` is written; an absolute `path` stays what it is. Folded. Below a directory of
 * Windows `path` may be written with backslashes.
 */
export function joinPath(directory: string, path: string): string {
  return foldPath(joinUnfolded(directory, path));
}

/** {@link joinPath} with `..` kept as a name like any other. */
export function joinUnfolded(directory: string, path: string): string {
  if (isWindowsPath(directory)) return withSlashes(joinWindowsPath(directory, path));
  return path.startsWith("/") || directory === "" ? path : `${directory}/${path}`;
}

/** The directory a path lies in; that of a root is the root, and that of a bare name is `""`. */
export function directoryOf(path: string): string {
  const root = rootOf(path);
  const slash = path.lastIndexOf("/");
  return slash < root.length ? root : path.slice(0, slash);
}

/** How one absolute directory is reached from another: `../..`, or `""` when they are the same. */
export function relativeDirectory(from: string, to: string): string {
  const start = partsOf(from);
  const goal = partsOf(to);
  let common = 0;
  while (common < start.length && common < goal.length && start[common] === goal[common]) common += 1;
  return [...start.slice(common).map(() => ".."), ...goal.slice(common)].join("/");
}

/** True when `path` is `directory` or lies below it, compared name by name; `..` is a name like any other. */
export function liesIn(path: string, directory: string): boolean {
  const names = partsOf(path);
  return partsOf(directory).every((name, index) => names[index] === name);
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
