import { parseSourceId } from "../../cargo/index.ts";
import type { HubGitPackage } from "../../formats/index.ts";
import { hubLayout } from "../../plan/index.ts";

/** The repository and commit of a git package. */
export function addressOf({ source }: Pick<HubGitPackage, "source">): { url: string; commit: string } {
  const { url, precise = "" } = parseSourceId(source, hubLayout.hubLock);
  return { url, commit: precise };
}
