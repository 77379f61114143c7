import { lstatSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { isOfOneMachine } from "../system/index.ts";
import { DAY_MS } from "./age.ts";
import { writerOf } from "./process-identity.ts";
import { errnoOf } from "./store-error.ts";

/**
 * Whether nobody works on a private file or holds an owner file any more: its process is dead, or, where that can not be told, a day went by.
 *
 * A process of another boot is dead on a disk of this machine; elsewhere it may be one of another machine.
 *
 * @param file.owner The part of its name that {@link writerOf} reads. @param nowMs Milliseconds since 1970.
 */
export function isAbandoned(
  { path, owner }: { readonly path: string; readonly owner: string },
  nowMs: number,
): boolean {
  const writer = writerOf(owner);
  if (writer === "alive") return false;
  if (writer === "dead" && isOnOwnDisk(path)) return true;
  // By ctime: a file that was linked in or moved aside keeps its old mtime.
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.ctimeMs < nowMs - DAY_MS;
}

function isOnOwnDisk(path: string): boolean {
  try {
    return isOfOneMachine(statfsSync(dirname(path)).type);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
