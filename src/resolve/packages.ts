import {
  type FeatureTable,
  type IndexDependency,
  implicitFeatures,
  registrySourceId,
  type Sha256,
  type SourceId,
} from "../cargo/index.ts";
import { formatRequirement } from "../semver/index.ts";
import type { Candidate, Contents, Dependency } from "./candidate.ts";
import { IndexedCandidate, LocalCandidate } from "./candidate-kinds.ts";
import { Stop } from "./failure.ts";
import { type FeatureRequests, featureRequests } from "./feature-requests.ts";
import type { IndexVersion } from "./index-package.ts";
import type { IndexNeed, Need, ResolveAnswer, SourceNeed } from "./need.ts";
import { Package } from "./package.ts";
import type { PackageSummary, SummaryDependency } from "./package-summary.ts";
import type { Pins } from "./pins.ts";
import { type Source, type SourceTable, sourceTable } from "./sources.ts";

/** Everything known about packages during one resolution: facts only, nothing is chosen here. */
export class Packages {
  readonly sources: SourceTable = sourceTable();
  readonly requests: FeatureRequests = featureRequests();
  readonly #pins: Pins;
  readonly #bySource = new Map<Source, Map<string, Package>>();
  /** Directories and repositories that are loaded, with the commit that was asked for. */
  readonly #loaded = new Map<Source, { readonly commit: string | undefined }>();
  readonly #faults = new Map<Source, { readonly fault: unknown }>();
  readonly #summaries = new Map<Candidate, PackageSummary>();
  readonly #needs = new Map<string, Need>();

  constructor(pins: Pins) {
    this.#pins = pins;
  }

  package(source: Source, name: string): Package {
    let byName = this.#bySource.get(source);
    if (byName === undefined) {
      byName = new Map();
      this.#bySource.set(source, byName);
    }
    let found = byName.get(name);
    if (found === undefined) {
      found = new Package(source, name);
      byName.set(name, found);
    }
    return found;
  }

  /** What has to be known before a dependency's candidates can be told; `undefined` when all is. */
  lacking(dependency: Pick<Dependency, "source" | "packageName" | "lockedCommit">): Need | undefined {
    const { source, packageName, lockedCommit } = dependency;
    if (source.isRegistry) {
      const wanted = this.package(source, packageName);
      return wanted.isKnown ? undefined : wanted.need;
    }
    const loaded = this.#loaded.get(source);
    if (loaded === undefined || (loaded.commit !== undefined && loaded.commit !== lockedCommit)) {
      return this.sourceNeed(source, lockedCommit);
    }
    const failed = this.#faults.get(source);
    if (failed !== undefined) throw new Stop({ kind: "unavailable", source: source.id, fault: failed.fault });
    return undefined;
  }

  sourceNeed(source: Source, commit: string | undefined): SourceNeed {
    const id: SourceId = commit === undefined ? source.id : { ...source.id, precise: commit };
    const key = `${id.kind} ${source.canonical} ${id.reference?.kind} ${id.reference?.value} ${commit}`;
    const known = this.#needs.get(key);
    if (known?.kind === "packages") return known;
    const need: SourceNeed = { kind: "packages", source: id };
    this.#needs.set(key, need);
    return need;
  }

  learn(answers: readonly ResolveAnswer[]): void {
    for (const answer of answers) {
      const source = this.sources(answer.need.source);
      if (isIndexAnswer(answer)) {
        const known = this.package(source, answer.need.name);
        if (known.isKnown) continue;
        known.isKnown = true;
        known.index = answer.found;
        continue;
      }
      this.#loaded.set(source, { commit: answer.need.source.precise });
      if ("fault" in answer) this.#faults.set(source, { fault: answer.fault });
      else for (const summary of answer.found) this.add(summary);
    }
  }

  /** Takes what was read at a revision for all that is asked of the source. */
  settle(source: Source): void {
    this.#loaded.set(source, { commit: undefined });
  }

  /** Whether a directory or repository was asked for. */
  isLoaded(source: Source): boolean {
    return this.#loaded.has(source);
  }

  /** The packages of a directory or repository that is loaded. */
  summaries(source: Source): readonly PackageSummary[] {
    const homes = [...(this.#bySource.get(source)?.values() ?? [])];
    return homes.flatMap(({ local }) => local.flatMap((candidate) => this.#summaries.get(candidate) ?? []));
  }

  /** Every usable version of a package, whatever is asked of it. What it needs must be known. */
  all(source: Source, name: string): readonly { readonly candidate: Candidate; readonly isYanked: boolean }[] {
    const home = this.package(source, name);
    if (home.index === undefined) return home.local.map((candidate) => ({ candidate, isYanked: false }));
    return home.index.versions
      .filter(({ state }) => state === "offered" || state === "yanked")
      .map((version) => ({ candidate: this.indexed(home, version), isYanked: version.state === "yanked" }));
  }

  /** Takes in a package that comes with its manifest. */
  add(summary: PackageSummary): Candidate {
    const source = this.sources(summary.source);
    const home = this.package(source, summary.name);
    home.isKnown = true;
    const known = home.local.find(({ versionText }) => versionText === summary.version);
    if (known !== undefined) return known;
    if (source.id.kind === "path") this.#loaded.set(source, { commit: undefined });
    const candidate = new LocalCandidate(home, summary, (self) =>
      contentsOf(
        undefined,
        summary.features,
        summary.dependencies.map((dependency) => this.#pinned(self, this.unpinned(dependency))),
      ),
    );
    this.#summaries.set(candidate, summary);
    home.local.push(candidate);
    home.queries.clear();
    return candidate;
  }

  /** The candidate of a line of the index, which must be offered or yanked. */
  indexed(home: Package, version: IndexVersion): Candidate {
    const known = home.candidateAt(version.position);
    if (known !== undefined) return known;
    const candidate = new IndexedCandidate(home, version, this);
    home.keep(version.position, candidate);
    return candidate;
  }

  /** What a line of the index says, for the candidate that is made from it. */
  contentsOf(owner: Candidate, version: IndexVersion): Contents {
    const { checksum, features, dependencies } = version.contents();
    const own = dependencies.map((dependency) => this.#fromIndex(owner, dependency));
    return contentsOf(checksum, features, own);
  }

  /** The packages that are in the graph now. */
  inGraph(): ReadonlySet<Candidate> {
    const found = new Set<Candidate>();
    for (const byName of this.#bySource.values()) {
      for (const home of byName.values()) {
        for (const holder of home.holders()) found.add(holder);
      }
    }
    return found;
  }

  /** A dependency as its manifest has it. */
  unpinned(dependency: SummaryDependency): UnpinnedDependency {
    const { requirement } = dependency;
    return {
      ...dependency,
      source: this.sources(dependency.source),
      query: requirement === undefined ? "" : formatRequirement(requirement),
    };
  }

  /** Written out for speed: a large graph has ten thousand of them. */
  #fromIndex(owner: Candidate, dependency: IndexDependency): Dependency {
    const { packageName, requirement, features, defaultFeatures, registry } = dependency;
    const source = registry === undefined ? owner.source : this.sources(registrySourceId(registry, registry));
    const pin = this.#pins.isEmpty ? undefined : this.#pins.pin(owner, { packageName, source, requirement });
    return {
      name: dependency.name,
      packageName,
      source,
      requirement,
      kind: dependency.kind,
      optional: dependency.optional,
      defaultFeatures,
      features,
      target: dependency.target,
      request: this.requests(features, defaultFeatures),
      locked: pin?.version,
      lockedCommit: pin?.commit,
      query: pin === undefined ? dependency.requirementText : `locked ${pin.versionText}`,
    };
  }

  #pinned(owner: Candidate, dependency: UnpinnedDependency): Dependency {
    const pin = this.#pins.isEmpty ? undefined : this.#pins.pin(owner, dependency);
    return {
      ...dependency,
      request: this.requests(dependency.features, dependency.defaultFeatures),
      locked: pin?.version,
      lockedCommit: pin?.commit,
      query: pin === undefined ? dependency.query : `locked ${pin.versionText}`,
    };
  }
}

function contentsOf(
  checksum: Sha256 | undefined,
  features: FeatureTable,
  dependencies: readonly Dependency[],
): Contents {
  const implicit = implicitFeatures(features, dependencies);
  const optional = new Set<string>();
  for (const dependency of dependencies) if (dependency.optional) optional.add(dependency.name);
  return {
    checksum,
    dependencies,
    features: implicit.size === 0 ? features : new Map([...features, ...implicit]),
    optional,
  };
}

/** A dependency before the previous lockfile has its say. */
export type UnpinnedDependency = Omit<Dependency, "request" | "locked" | "lockedCommit">;

function isIndexAnswer(answer: ResolveAnswer): answer is Extract<ResolveAnswer, { need: IndexNeed }> {
  return answer.need.kind === "index";
}
