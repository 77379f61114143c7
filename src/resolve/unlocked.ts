import { fulfils } from "./fulfils.ts";
import { addWithDependencies } from "./keep.ts";
import type { PackageSummary, SummaryDependency } from "./package-summary.ts";
import type { Packages } from "./packages.ts";
import type { Previous, PreviousPackage } from "./previous.ts";
import type { Source } from "./sources.ts";

/** What decides which packages of the previous lockfile may change. */
export interface Manifests {
  readonly members: readonly PackageSummary[];
  readonly packages: Packages;
}

/**
 * The packages of the previous lockfile that are not held to their version: those not kept, those of a source from which a
 * manifest now asks for something that the lockfile does not have, all with everything they need; and path packages whose
 * version is another one now.
 */
export function unlockedPackages(
  previous: Previous,
  keeps: (entry: PreviousPackage) => boolean,
  manifests: Manifests,
): ReadonlySet<PreviousPackage> {
  const unlocked = new Set<PreviousPackage>();
  for (const entry of previous.packages) if (!keeps(entry)) addWithDependencies(entry, unlocked);
  for (const source of changedSources(previous, manifests)) {
    for (const entry of previous.packages) if (entry.source === source) addWithDependencies(entry, unlocked);
  }
  for (const entry of previous.packages) {
    if (entry.source.id.kind !== "path") continue;
    const present = manifests.packages.summaries(entry.source);
    const isPresent = present.some(({ name, version }) => name === entry.name && version === entry.versionText);
    if (present.length > 0 && !isPresent) unlocked.add(entry);
  }
  return unlocked;
}

/** Sources of dependencies of members, or of path packages they reach, for which the lockfile has nothing that fits. */
function changedSources(previous: Previous, { members, packages }: Manifests): ReadonlySet<Source> {
  const changed = new Set<Source>();
  const own = new Set(members.map(({ source }) => packages.sources(source)));
  const seen = new Set<PackageSummary>();
  const pending = [...members];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const isMember = own.has(packages.sources(next.source));
    for (const dependency of next.dependencies) {
      if (!isMember && (dependency.optional || dependency.kind === "dev")) continue;
      const source = packages.sources(dependency.source);
      const reached = source.id.kind === "path" ? packages.summaries(source) : [];
      if (reached.length > 0) pending.push(...reached);
      else if (!previous.packages.some((entry) => fits(dependency, entry))) changed.add(source);
    }
  }
  return changed;
}

function fits({ packageName, requirement }: SummaryDependency, { name, version }: PreviousPackage): boolean {
  return name === packageName && fulfils({ requirement, locked: undefined }, { version });
}
