import { readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join, sep } from "node:path";
import type { FolderEntry, PackageFolder } from "../../cargo/index.ts";
import { errorCode } from "../files.ts";
import { HubRoomError } from "../hub-room-error.ts";

/** The real directory of a package. */
export function folderAt(directory: string): PackageFolder {
  return {
    kindOf(path) {
      const stat = statIfThere(join(directory, path));
      if (stat === undefined) return undefined;
      return stat.isDirectory() ? "directory" : "file";
    },
    entriesOf: (path) => entriesIn(join(directory, path)),
  };
}

function entriesIn(directory: string): FolderEntry[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return [];
    throw error;
  }
}

/** What a path leads to, links followed; undefined when nothing is there. */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** A package's directory and how far links in it may lead; both absolute. */
export interface FolderPlace {
  readonly directory: string;
  /** The top of the checkout or workspace. */
  readonly boundary: string;
}

/**
 * All files below a directory, links followed as cargo does; a link in a circle is passed over. `.git`, and what cargo
 * builds in `target`, are not looked at.
 *
 * @param hidden Whether other names that begin with a dot are.
 * @param start Where to begin, seen from the directory; `""` for all of it.
 * @returns Paths seen from the directory, with slashes.
 * @throws {HubRoomError} `hub/with-link`.
 */
export function walkFolder(place: FolderPlace, hidden: boolean, start = ""): readonly string[] {
  const paths: string[] = [];
  const visit = (at: string, above: readonly string[]): void => {
    const real = realpathSync(join(place.directory, at));
    if (above.includes(real)) return;
    for (const { name } of entriesIn(join(place.directory, at))) {
      const path = at === "" ? name : `${at}/${name}`;
      if (name === ".git" || path === "target" || (!hidden && name.startsWith("."))) continue;
      checkLink(place, path);
      const stat = statIfThere(join(place.directory, path));
      if (stat?.isDirectory() === true) visit(path, [...above, real]);
      else if (stat?.isFile() === true) paths.push(path);
    }
  };
  visit(start, []);
  return paths;
}

/** Refuses a path that leads out of the boundary: a packed crate is carried further than whoever made the link knows. */
export function checkLink({ directory, boundary }: FolderPlace, path: string): void {
  const absolute = join(directory, path);
  if (statIfThere(absolute) === undefined) return;
  const real = realpathSync(absolute);
  const top = realpathSync(boundary);
  if (real === top || real.startsWith(top.endsWith(sep) ? top : top + sep)) return;
  throw new HubRoomError({
    code: "hub/with-link",
    what: `it leads to ${real}, out of ${top}`,
    where: absolute,
    help: "put the file itself into the package, or leave it out with `exclude` in [package]",
  });
}
