import { documentItem } from "../../toml/index.ts";
import type { OpenManifest } from "./add-project.ts";
import { bareEntry, type DependencyEntry, readEntry, withoutVersion } from "./dependency-entry.ts";
import { type DependencySection, isSameSection, presentSections } from "./dependency-section.ts";
import { ManifestEditError } from "./edit-error.ts";

/**
 * The dependency that a manifest has under a key: as it is when it stands in `section`. From another section only where it
 * comes from is taken, since most packages are wanted in one version everywhere; a normal dependency counts more than one
 * for building, that more than one for tests, and one for a target more than its like for every platform.
 *
 * @throws {ManifestEditError} `cargo/edit-impossible` when its entry can not be read.
 */
export function existingDependency(
  { document, place }: OpenManifest,
  key: string,
  section: DependencySection,
): DependencyEntry | undefined {
  const found = presentSections(document).flatMap((present) => {
    const item = documentItem(present.table, key);
    return item === undefined ? [] : [{ section: present.section, read: () => readEntry(key, item, place) }];
  });
  const own = found.find((candidate) => isSameSection(candidate.section, section));
  if (own !== undefined) return own.read();
  const [best] = found
    .map((candidate) => ({ ...candidate, rank: rank(candidate.section, candidate.read) }))
    .toReversed()
    .sort((a, b) => b.rank - a.rank);
  return best === undefined ? undefined : fromElsewhere(best.read(), section);
}

const RANKS = { normal: 3, build: 2, dev: 1 };

/** An entry that can not be read counts least. */
function rank({ kind, target }: DependencySection, read: () => DependencyEntry): number {
  const isForTarget = target === undefined ? 0 : 0.5;
  return isReadable(read) ? RANKS[kind] + isForTarget : isForTarget;
}

function fromElsewhere({ name, source, registry }: DependencyEntry, section: DependencySection): DependencyEntry {
  const entry = { ...bareEntry(name), source, registry };
  return source?.kind !== "registry" && section.kind === "dev" ? withoutVersion(entry) : entry;
}

function isReadable(read: () => DependencyEntry): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof ManifestEditError) return false;
    throw error;
  }
}
