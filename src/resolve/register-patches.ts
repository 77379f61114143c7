import { canonicalUrl } from "../cargo/index.ts";
import type { Candidate } from "./candidate.ts";
import { type PatchFailure, Stop } from "./failure.ts";
import { fulfils } from "./fulfils.ts";
import { masterOf } from "./locked.ts";
import { type Asking, ask } from "./need.ts";
import { askedDependency } from "./package-name.ts";
import type { SummaryDependency } from "./package-summary.ts";
import type { Packages, UnpinnedDependency } from "./packages.ts";
import { Patches, type PatchesOfSource } from "./patches.ts";
import type { Previous, PreviousPackage } from "./previous.ts";

/** An entry of `[patch]`. */
export interface PatchRequest {
  /** What is patched: the URL of a registry's index, with `sparse+` for a sparse one, or of a git repository. */
  readonly url: string;
  readonly dependency: SummaryDependency;
}

/** What patches mean for a resolution. */
export interface RegisteredPatches {
  readonly patches: Patches;
  /** Packages of the previous lockfile that can not be kept, because the patch they came from has changed. */
  readonly outdated: ReadonlySet<PreviousPackage>;
}

/** The previous lockfile, and which of its packages are to be kept. */
export interface Kept {
  readonly previous: Previous | undefined;
  readonly keeps: (entry: PreviousPackage) => boolean;
}

/**
 * Finds the one package that each entry of `[patch]` stands for.
 *
 * @throws {Stop} when that is none or several.
 */
export function* registerPatches(
  requests: readonly PatchRequest[],
  packages: Packages,
  kept: Kept,
): Asking<RegisteredPatches> {
  const byUrl = new Map<string, PatchesOfSource>();
  const outdated = new Set<PreviousPackage>();
  for (const [url, group] of groupedByUrl(requests)) {
    const canonical = canonicalUrl(
      url.startsWith("sparse+") ? { kind: "sparse", url: url.slice("sparse+".length) } : { kind: "registry", url },
    );
    const patches: Candidate[] = [];
    const alsoLockedAs: PreviousPackage[] = [];
    for (const { dependency } of group) {
      const entry: Entry = { dependency: packages.unpinned(dependency), url };
      const locked = lockedAs(entry, packages, kept);
      const { patch, isOutdated } = yield* theOne(entry, locked, packages);
      if (isOutdated && locked !== undefined) {
        outdated.add(locked.entry);
        for (const old of kept.previous?.packages ?? []) {
          if (old.source.canonical === canonical && isAskedFor(entry, old)) outdated.add(old);
        }
      }
      if (patch.source.canonical === canonical) throw fault(entry, { kind: "same-source" });
      const same = patches.some(({ name, versionText }) => name === patch.name && versionText === patch.versionText);
      if (same) throw fault(entry, { kind: "twice", version: patch.versionText });
      patches.push(patch);
      if (locked?.isByMaster === true) alsoLockedAs.push(locked.entry);
    }
    byUrl.set(canonical, { patches, alsoLockedAs });
  }
  return { patches: new Patches(byUrl), outdated };
}

function groupedByUrl(requests: readonly PatchRequest[]): ReadonlyMap<string, readonly PatchRequest[]> {
  const byUrl = new Map<string, PatchRequest[]>();
  for (const request of requests) {
    const group = byUrl.get(request.url);
    if (group === undefined) byUrl.set(request.url, [request]);
    else group.push(request);
  }
  return byUrl;
}

interface Entry {
  readonly dependency: UnpinnedDependency;
  readonly url: string;
}

/** What a patch was in the previous lockfile. */
interface LockedPatch {
  readonly entry: PreviousPackage;
  /** The lockfile does not tell the branch `master`, which the patch names, from the default one. */
  readonly isByMaster: boolean;
}

function lockedAs(entry: Entry, packages: Packages, { previous, keeps }: Kept): LockedPatch | undefined {
  if (previous === undefined) return undefined;
  const { source } = entry.dependency;
  const known = [...previous.packages, ...previous.unusedPatches].filter(
    (candidate) => isAskedFor(entry, candidate) && keeps(candidate),
  );
  const exact = known.find((candidate) => candidate.source === source);
  if (exact !== undefined) return { entry: exact, isByMaster: false };
  if (!previous.confusesMaster) return undefined;
  const byMaster = known.find((candidate) => masterOf(candidate.source, packages.sources) === source);
  return byMaster === undefined ? undefined : { entry: byMaster, isByMaster: true };
}

function isAskedFor({ dependency }: Entry, { name, version }: PreviousPackage): boolean {
  return (
    name === dependency.packageName && fulfils({ requirement: dependency.requirement, locked: undefined }, { version })
  );
}

interface Found {
  readonly patch: Candidate;
  readonly isOutdated: boolean;
}

function* theOne(entry: Entry, locked: LockedPatch | undefined, packages: Packages): Asking<Found> {
  const { source, packageName, requirement } = entry.dependency;
  const lockedCommit = locked?.entry.commit;
  for (;;) {
    const need = packages.lacking({ source, packageName, lockedCommit });
    if (need === undefined) break;
    packages.learn(yield* ask([need]));
  }
  const all = packages.all(source, packageName);
  const offered = all.filter(({ isYanked }) => !isYanked).map(({ candidate }) => candidate);
  const byRequirement = offered.filter((candidate) => fulfils({ requirement, locked: undefined }, candidate));
  const byLock =
    locked === undefined
      ? undefined
      : all
          .filter(({ candidate }) => candidate.versionText === locked.entry.versionText)
          .map(({ candidate }) => candidate);
  const isOutdated = byLock !== undefined && byLock.length === 0;
  const [patch, ...others] = byLock === undefined || isOutdated ? byRequirement : byLock;
  if (patch === undefined) throw fault(entry, { kind: "nothing-matches", found: versions(offered) });
  if (others.length > 0) throw fault(entry, { kind: "several-match", found: versions([patch, ...others]) });
  return { patch, isOutdated };
}

function versions(candidates: readonly Candidate[]): readonly string[] {
  return candidates.map(({ versionText }) => versionText);
}

function fault({ dependency, url }: Entry, problem: PatchFailure["problem"]): Stop {
  return new Stop({ kind: "patch", problem, asked: askedDependency(dependency), url });
}
