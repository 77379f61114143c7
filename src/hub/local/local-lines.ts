import { crateKey, type WantedCrate } from "../../plan/index.ts";
import { findLines, type LineSearch, type PinnedLine, settle } from "../lines.ts";
import type { LocalCrate } from "./local-crates.ts";

/**
 * The index lines of the crates that share one index file: of local ones those that were made from their manifests, of others
 * what {@link findLines} finds.
 */
export async function findAllLines(
  group: readonly WantedCrate[],
  local: readonly LocalCrate[],
  search: LineSearch,
): Promise<Map<string, PinnedLine>> {
  const made = new Map(local.map(({ crate, line }) => [crateKey(crate), line]));
  const others = group.filter((crate) => !made.has(crateKey(crate)));
  const found = others.length === 0 ? new Map<string, PinnedLine>() : await findLines(others, search);
  for (const crate of group) {
    const line = made.get(crateKey(crate));
    if (line !== undefined) found.set(crateKey(crate), settle(crate, line, search));
  }
  return found;
}
