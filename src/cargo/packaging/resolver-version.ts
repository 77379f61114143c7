import { parseManifest } from "../manifest.ts";
import type { ManifestFacts } from "../manifest-facts.ts";
import type { ReadPackage } from "./package-source.ts";

/**
 * The `resolver` that a packed manifest has to state so that the package alone is resolved as in its workspace;
 * `undefined` when it already says so, or when its edition means the same.
 */
export function workspaceResolver({ source, facts }: ReadPackage): string | undefined {
  const root = source.workspace;
  const rootFacts = root === undefined || facts.workspace !== undefined ? facts : parseManifest(root.text, root.at);
  const ofWorkspace = rootFacts.resolver ?? (rootFacts.isVirtual ? "1" : ofEdition(rootFacts));
  const own = facts.workspace?.resolver === undefined ? facts.resolver : undefined;
  const written = own ?? ofEdition(facts);
  return ofWorkspace !== written ? ofWorkspace : undefined;
}

function ofEdition({ edition }: ManifestFacts): string {
  if (edition === undefined || edition === "2015" || edition === "2018") return "1";
  return edition === "2021" ? "2" : "3";
}
