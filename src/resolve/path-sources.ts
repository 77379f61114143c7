import { type Asking, ask, type Need } from "./need.ts";
import type { PackageSummary, SummaryDependency } from "./package-summary.ts";
import type { Packages } from "./packages.ts";
import type { PathSources } from "./previous.ts";
import type { Source } from "./sources.ts";

/**
 * Finds the path packages that a lockfile may mean: members, whatever they reach through dependencies on paths (of any
 * kind), and what `others` name. Directories that can not be read do not count.
 */
export function* pathSources(
  members: readonly PackageSummary[],
  others: readonly SummaryDependency[],
  packages: Packages,
): Asking<PathSources> {
  const found = new Map<string, Map<string, Source>>();
  const add = ({ name, version, source }: PackageSummary): void => {
    const versions = found.get(name) ?? new Map<string, Source>();
    found.set(name, versions.set(version, packages.sources(source)));
  };
  for (const member of members) add(member);
  const seen = new Set(members.map(({ source }) => packages.sources(source)));
  let pending = [...members.flatMap(({ dependencies }) => dependencies), ...others];
  while (pending.length > 0) {
    const reached = new Set<Source>();
    for (const { source } of pending) {
      const known = packages.sources(source);
      if (source.kind === "path" && !seen.has(known)) reached.add(known);
    }
    const needs: Need[] = [];
    for (const source of reached) {
      seen.add(source);
      if (!packages.isLoaded(source)) needs.push(packages.sourceNeed(source, undefined));
    }
    if (needs.length > 0) packages.learn(yield* ask(needs));
    const summaries = [...reached].flatMap((source) => packages.summaries(source));
    for (const summary of summaries) add(summary);
    pending = summaries.flatMap(({ dependencies }) => dependencies);
  }
  return found;
}
