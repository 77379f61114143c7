import { existsSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { parseExportRecord, parseFileSums } from "../formats/index.ts";
import { exportLayout } from "../plan/index.ts";
import { movePath, removePath, uniqueName, writerOf } from "../store/index.ts";
import { errorCode, lstatIfThere, makeDirectory, readText, writeError } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import type { HubPlace } from "./locate.ts";
import { list } from "./observe.ts";

/** Where an export goes, and the private directory beside it in which it is made. */
export interface ExportTarget {
  readonly path: string;
  readonly staging: string;
}

/**
 * Makes the private directory, after a look at what stands at the target.
 *
 * @param path Absolute.
 * @throws {HubRoomError} hub/export-target when the target must not be replaced or lies badly; hub/not-writable.
 */
export function openExportTarget(place: HubPlace, path: string): ExportTarget {
  refuseOverlap(place, path);
  checkReplaceable(path);
  makeDirectory(dirname(path));
  const staging = join(dirname(path), privatePrefix(path) + uniqueName());
  try {
    mkdirSync(staging);
  } catch (error) {
    throw writeError(error, staging);
  }
  return { path, staging };
}

/**
 * Puts the finished export in its place, and removes what killed exports left beside it.
 *
 * @returns whether an older export was replaced.
 */
export function publishExport({ path, staging }: ExportTarget): boolean {
  const aside: string[] = [];
  try {
    while (!renamedInto(staging, path)) {
      checkReplaceable(path); // once more: something may have been put into it meanwhile
      const old = `${staging}-old-${aside.length}`;
      if (renamedInto(path, old)) aside.push(old);
    }
  } catch (error) {
    throw error instanceof HubRoomError ? error : writeError(error, path);
  }
  for (const old of aside) removePath(old, { recursive: true });
  removeLeftovers(path);
  return aside.length > 0;
}

/** Removes the private directory of an export that failed. */
export function discardExport({ staging }: ExportTarget): void {
  removePath(staging, { recursive: true });
}

/** An empty directory at `to` gives way by itself. @returns false when something else stands there, or `from` is gone. */
function renamedInto(from: string, to: string): boolean {
  try {
    movePath(from, to);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR") return false;
    if (code === "ENOENT" && !existsSync(from)) return false;
    throw error;
  }
}

function privatePrefix(path: string): string {
  return `.${basename(path)}.cargo-hub-`;
}

function removeLeftovers(path: string): void {
  const prefix = privatePrefix(path);
  for (const name of list(dirname(path))) {
    if (name.startsWith(prefix) && writerOf(name.slice(prefix.length)) === "dead")
      removePath(join(dirname(path), name), { recursive: true });
  }
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer + sep);
}

/** Refuses a target that is, holds or lies in the hub; links are followed as far as they exist. */
function refuseOverlap({ dotCargo }: HubPlace, path: string): void {
  const [target, hub] = [realPath(path), realPath(dotCargo)];
  if (!isWithin(target, hub) && !isWithin(hub, target)) return;
  throw badTarget(path, `it is, holds or lies in the hub, ${dotCargo}`, "give a directory outside of the hub");
}

function realPath(path: string): string {
  if (existsSync(path) || dirname(path) === path) return existsSync(path) ? realpathSync(path) : path;
  return join(realPath(dirname(path)), basename(path));
}

/** What cargo itself leaves in a CARGO_HOME, and makes again when it is gone. */
const cargoOwn: ReadonlySet<string> = new Set([
  ".package-cache",
  ".package-cache-mutate",
  ".global-cache",
  ".global-cache-journal",
]);

/** Refuses to replace anything but nothing, an empty directory, or an export that nobody added anything to. */
function checkReplaceable(path: string): void {
  const there = lstatIfThere(path);
  if (there === undefined) return;
  if (!there.isDirectory()) throw foreign(path, "it is not a directory");
  if (readdirSync(path).length === 0) return;
  const record = join(path, exportLayout.record);
  const sums = readText(join(path, exportLayout.sums));
  const isOurs = parseExportRecord(readText(record) ?? "", record) !== undefined;
  const listed = isOurs && sums !== undefined ? parseFileSums(sums) : undefined;
  if (listed === undefined) throw foreign(path, "it is not empty, and not an export that cargo-hub made");
  const known = new Set([exportLayout.sums, ...cargoOwn, ...listed.map((sum) => sum.path)]);
  const stranger = filesBelow(path).find((file) => !known.has(file));
  if (stranger !== undefined) throw foreign(join(path, stranger), "it lies in an export and is not the export's");
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, resolve(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}

function foreign(path: string, what: string): HubRoomError {
  return badTarget(
    path,
    `${what}; cargo-hub replaces only what it made`,
    "move it away, or export to another directory",
  );
}

function badTarget(where: string, what: string, help: string): HubRoomError {
  return new HubRoomError({ code: "hub/export-target", what, where, help });
}
