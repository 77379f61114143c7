import { constants, copyFileSync, linkSync } from "node:fs";
import type { LinkMode } from "../../store/index.ts";
import { errorCode } from "../files.ts";

/** Errors that say "not this way", as opposed to "not at all". */
const otherWay: ReadonlySet<string> = new Set(["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** Gives a second name to a file of the hub's own, or copies it where that does not work or is not wanted. */
export function linkFile(from: string, to: string, mode: LinkMode): void {
  if (mode === "copy" || mode === "reflink") return copyFileSync(from, to, constants.COPYFILE_FICLONE);
  try {
    linkSync(from, to);
  } catch (error) {
    if (!otherWay.has(errorCode(error) ?? "")) throw error;
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  }
}
