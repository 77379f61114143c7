import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { hubLayout } from "../plan/index.ts";
import { removePath } from "../store/index.ts";
import { errorCode, isPartialFile } from "./files.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { list } from "./observe.ts";

/**
 * Removes what killed fills left in a hub: their staging directories, and private files that were not renamed into place yet.
 *
 * Call it with the hub's lock held: then nobody is at work in a staging directory. The index is looked through only when there is one.
 */
export function sweepLeftovers(place: HubPlace): void {
  const staging = inHub(place, hubLayout.staging);
  const registry = inHub(place, hubLayout.registry);
  removePartialFiles(place.dotCargo, list(place.dotCargo));
  removePartialFiles(registry, list(registry));
  if (!existsSync(staging)) return;
  removePath(staging, { recursive: true });
  const index = join(registry, "index");
  if (existsSync(index)) removePartialFiles(index, readdirSync(index, { recursive: true, encoding: "utf8" }));
}

function removePartialFiles(directory: string, names: readonly string[]): void {
  for (const name of names) if (isPartialFile(name)) removePath(join(directory, name));
}

/** Another fill is at work, or on Windows somebody looks into the directory: the next fill removes it. */
const mayStay: ReadonlySet<string> = new Set(["ENOENT", "ENOTEMPTY", "EROFS", "EBUSY", "EPERM", "EACCES"]);

/** Removes a fill's own staging directory, and the one above when no other is in it. */
export function removeStaging(place: HubPlace, staging: string): void {
  removePath(staging, { recursive: true });
  try {
    rmdirSync(inHub(place, hubLayout.staging));
  } catch (error) {
    if (!mayStay.has(errorCode(error) ?? "")) throw error;
  }
}
