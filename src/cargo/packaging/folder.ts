import { directoryOf, foldPath } from "../slash-path.ts";

/** What a package's directory answers when it is asked which files there are. Paths are seen from it, with slashes. */
export interface PackageFolder {
  /** What a path leads to, links followed. A path may begin with `../`. */
  kindOf(path: string): "file" | "directory" | undefined;
  /** What stands in a directory; nothing when there is none. A link counts as a file, wherever it leads. */
  entriesOf(directory: string): readonly FolderEntry[];
}

/** One name in a directory. */
export interface FolderEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** The folder that holds just these files; their directories follow from the paths. */
export function folderOfFiles(files: Iterable<string>): PackageFolder {
  const directories = new Map<string, Map<string, FolderEntry>>();
  const kinds = new Map<string, "file" | "directory">();
  const add = (path: string, isDirectory: boolean): void => {
    kinds.set(path, isDirectory ? "directory" : "file");
    if (path === "") return;
    const parent = directoryOf(path);
    const name = path.slice(parent === "" ? 0 : parent.length + 1);
    const entries = directories.get(parent) ?? new Map<string, FolderEntry>();
    if (!entries.has(name)) entries.set(name, { name, isDirectory });
    directories.set(parent, entries);
    if (!kinds.has(parent)) add(parent, true);
  };
  for (const file of files) add(foldPath(file), false);
  return {
    kindOf: (path) => kinds.get(foldPath(path)),
    entriesOf: (directory) => [...(directories.get(foldPath(directory))?.values() ?? [])],
  };
}
