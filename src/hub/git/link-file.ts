import { constants } from "node:fs";
import { copyFile, type LinkMode, linkOrCopy } from "../../store/index.ts";

/** Gives a second name to a file of the hub's own, or copies it where that does not work or is not wanted. */
export function linkFile(from: string, to: string, mode: LinkMode): void {
  if (mode === "copy" || mode === "reflink") copyFile(from, to, constants.COPYFILE_FICLONE);
  else linkOrCopy(from, to);
}
