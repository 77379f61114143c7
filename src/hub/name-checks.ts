import { lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { clashingPlaces, hubLayout, packagePlaces, unusablePlace } from "../plan/index.ts";
import { thisSystem } from "../store/index.ts";
import { otherCase } from "../system/index.ts";
import type { FillScene } from "./fill-scene.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type HubPlace, inHub } from "./locate.ts";

/**
 * Refuses packages whose names the disk of the hub takes for one, and those that this system can not have at all.
 *
 * Asked before anything is written: afterwards one of the two would be gone without a word.
 *
 * @throws {HubRoomError} hub/name-collision, hub/name-unusable.
 */
export function checkNames(
  { place, wanted, wantedGit }: Pick<FillScene, "place" | "wanted" | "wantedGit">,
  system = thisSystem,
): void {
  const places = packagePlaces(wanted, wantedGit);
  const unusable = system === "windows" ? unusablePlace(places) : undefined;
  if (unusable !== undefined) {
    throw new HubRoomError({
      code: "hub/name-unusable",
      what: `${unusable.place.of} would lie in a place that Windows can not have: ${unusable.place.path} ${unusable.reason}`,
      where: place.dotCargo,
      help: "take another package, or fill and build on another system",
    });
  }
  const clash = clashingPlaces(places);
  if (clash !== undefined && countsNoCase(inHub(place, hubLayout.registry))) throw nameCollision(place, clash);
}

/** Whether a directory is found under its name in other letters, asked of the file system itself. No, when there is no such directory. */
function countsNoCase(directory: string): boolean {
  const other = otherCase(basename(directory));
  if (other === undefined) return false;
  const own = lstatSync(directory, { bigint: true, throwIfNoEntry: false });
  const found = lstatSync(join(dirname(directory), other), { bigint: true, throwIfNoEntry: false });
  return own !== undefined && found !== undefined && own.ino === found.ino && own.dev === found.dev;
}

type Clash = NonNullable<ReturnType<typeof clashingPlaces>>;

function nameCollision(place: HubPlace, [first, second]: Clash): HubRoomError {
  return new HubRoomError({
    code: "hub/name-collision",
    what: `${first.of} and ${second.of} differ only in letter case, and the disk takes ${second.path} for ${first.path}`,
    where: place.dotCargo,
    help: "put the project on a file system that tells upper from lower case, or depend on one of the two only",
  });
}
