import type { Lockfile } from "../cargo/index.ts";
import type { Version } from "../semver/index.ts";
import type { Candidate } from "./candidate.ts";
import { noSolution } from "./explain.ts";
import { Stop } from "./failure.ts";
import { fulfils } from "./fulfils.ts";
import { graphOf } from "./graph.ts";
import { type Keeping, keeping, type Update } from "./keep.ts";
import { LockedPins } from "./locked.ts";
import { Lookahead } from "./lookahead.ts";
import { type Asking, ask } from "./need.ts";
import type { Effort, ResolvedGraph, ResolveOutcome } from "./outcome.ts";
import { packageName } from "./package-name.ts";
import type { PackageSummary } from "./package-summary.ts";
import { Packages, type UnpinnedDependency } from "./packages.ts";
import { pathSources } from "./path-sources.ts";
import { candidateSorter } from "./preferences.ts";
import { type Previous, type PreviousPackage, previousFrom } from "./previous.ts";
import { Queries } from "./queries.ts";
import { type PatchRequest, type RegisteredPatches, registerPatches } from "./register-patches.ts";
import { type ReplacementRequest, Replacements } from "./replacements.ts";
import { Search } from "./search.ts";
import { unlockedPackages } from "./unlocked.ts";

/** Everything a resolution depends on, beside the packages of the world. */
export interface ResolveRequest {
  /** The members of the workspace in cargo's order; a package alone is its only member. */
  readonly members: readonly PackageSummary[];
  /** Rust versions that the chosen packages should be built with; empty when that does not matter. */
  readonly rustVersions: readonly Version[];
  /** `[patch]` of the workspace, in the order of the manifest. */
  readonly patches: readonly PatchRequest[];
  /** `[replace]` of the workspace, in the order of the manifest. */
  readonly replacements: readonly ReplacementRequest[];
  /** The lockfile there is, and what of it may change; without it all is chosen anew. */
  readonly previous: { readonly lock: Lockfile; readonly update: Update } | undefined;
  /** How many candidates are tried before the search is given up; 2 million unless told. Cargo never gives up. */
  readonly mostSteps?: number;
}

const MOST_STEPS = 2_000_000;

/**
 * Chooses packages exactly as cargo does. Does no input or output: it yields what it has to know, and is resumed with it.
 *
 * @returns The graph, or why there is none.
 */
export function* resolve(request: ResolveRequest): Asking<ResolveOutcome> {
  const running: { search: Search | undefined } = { search: undefined };
  try {
    const graph = yield* resolved(request, running);
    return { kind: "resolved", graph, effort: running.search?.effort ?? NO_EFFORT };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { kind: "failed", failure: error.failure, effort: running.search?.effort ?? NO_EFFORT };
  }
}

const NO_EFFORT: Effort = { steps: 0, returns: 0, conflictsStored: 0, candidatesPruned: 0 };

function* resolved(request: ResolveRequest, running: { search: Search | undefined }): Asking<ResolvedGraph> {
  let registered: RegisteredPatches | undefined;
  const pins = new LockedPins((source, entry) => registered?.patches.wasPatchOf(source, entry) ?? false);
  const packages = new Packages(pins);
  const members = request.members.map((summary) => packages.add(summary));
  const previous = yield* previousOf(request, packages);
  const kept = yield* keptOf(request, previous, packages);
  registered = yield* registerPatches(request.patches, packages, { previous, keeps: kept.keeps });
  const { patches, outdated } = registered;
  const keeps = (entry: PreviousPackage): boolean => kept.keeps(entry) && !outdated.has(entry);
  if (previous !== undefined) {
    const unlocked = unlockedPackages(previous, keeps, { members: request.members, packages });
    pins.lock(previous, (entry) => keeps(entry) && !unlocked.has(entry), packages.sources);
  }
  const replacements = new Replacements(request.replacements, packages, { patches, kept: { previous, keeps } });
  const isKept = keptCandidates(previous, keeps);
  const asked = request.patches.map(({ dependency }) => packages.unpinned(dependency));
  const queries = new Queries(packages, {
    patches,
    replacements,
    sort: candidateSorter({ rustVersions: request.rustVersions, prefers: preferring(isKept, asked) }),
    mayBeYanked: isKept ?? (() => false),
    precise: kept.precise,
  });
  running.search = new Search(queries, members, request.mostSteps ?? MOST_STEPS);
  yield* searched(running.search, queries, members);
  const inGraph = packages.inGraph();
  refuseOtherChecksums(previous, inGraph);
  const replacementOf = (candidate: Candidate): Candidate | undefined => replacements.of(candidate);
  return graphOf({ candidates: inGraph, patches: patches.all(), replacementOf });
}

function* previousOf(
  { members, patches, replacements, previous }: ResolveRequest,
  packages: Packages,
): Asking<Previous | undefined> {
  if (previous === undefined) return undefined;
  const overrides = [...patches, ...replacements].map(({ dependency }) => dependency);
  const paths = yield* pathSources(members, overrides, packages);
  return previousFrom(previous.lock, paths, packages.sources);
}

const KEEP_ALL: Keeping = { keeps: () => true, precise: undefined };

function* keptOf(
  { members, previous: asked }: ResolveRequest,
  previous: Previous | undefined,
  packages: Packages,
): Asking<Keeping> {
  if (previous === undefined || asked === undefined) return KEEP_ALL;
  const kept = keeping(asked.update, previous, { members, sources: packages.sources });
  if (kept.precise?.kind === "revision") {
    const { source, revision } = kept.precise;
    packages.learn(yield* ask([packages.sourceNeed(source, revision)]));
    packages.settle(source);
  }
  return kept;
}

function* searched(search: Search, queries: Queries, members: readonly Candidate[]): Asking<void> {
  const lookahead = new Lookahead(queries, members);
  for (;;) {
    const progress = search.advance();
    if (progress.kind === "done") return;
    if (progress.kind === "failed") throw new Stop(noSolution(progress, queries, search.activations));
    const { needs } = progress;
    queries.packages.learn(yield { needed: needs, likely: () => lookahead.likely(needs) });
  }
}

type IsCandidate = (candidate: Candidate) => boolean;

function keptCandidates(
  previous: Previous | undefined,
  keeps: (entry: PreviousPackage) => boolean,
): IsCandidate | undefined {
  const kept = new Map<string, PreviousPackage[]>();
  for (const entry of previous?.packages ?? []) {
    if (!keeps(entry)) continue;
    const key = `${entry.name} ${entry.versionText}`;
    const same = kept.get(key);
    if (same === undefined) kept.set(key, [entry]);
    else same.push(entry);
  }
  if (kept.size === 0) return undefined;
  return ({ name, versionText, source }) =>
    kept.get(`${name} ${versionText}`)?.some((entry) => entry.source === source) === true;
}

/** Kept packages are preferred, and so is whatever a patch asks for. */
function preferring(isKept: IsCandidate | undefined, patches: readonly UnpinnedDependency[]): IsCandidate | undefined {
  if (patches.length === 0) return isKept;
  const isPatch: IsCandidate = (candidate) =>
    patches.some(
      ({ packageName: name, source, requirement }) =>
        name === candidate.name &&
        source === candidate.source &&
        fulfils({ requirement, locked: undefined }, candidate),
    );
  return (candidate) => isKept?.(candidate) === true || isPatch(candidate);
}

/** A version whose checksum has changed is not the one that was locked. */
function refuseOtherChecksums(previous: Previous | undefined, inGraph: ReadonlySet<Candidate>): void {
  if (previous === undefined) return;
  const locked = new Map<string, PreviousPackage[]>();
  for (const entry of previous.packages) {
    const same = locked.get(entry.name);
    if (same === undefined) locked.set(entry.name, [entry]);
    else same.push(entry);
  }
  for (const candidate of inGraph) {
    const { name, versionText, source } = candidate;
    const entry = locked.get(name)?.find((other) => other.versionText === versionText && other.source === source);
    const found = candidate.contents().checksum;
    if (entry?.checksum === undefined || entry.checksum === found) continue;
    throw new Stop({ kind: "checksum-changed", package: packageName(candidate), locked: entry.checksum, found });
  }
}
