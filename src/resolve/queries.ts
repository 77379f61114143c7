import { type Candidate, type Dependency, type FeatureRequest, nodeOf } from "./candidate.ts";
import { enabledBy } from "./enabled.ts";
import type { Expansion, Step } from "./expansion.ts";
import { fulfils, sameVersion } from "./fulfils.ts";
import { matchesPrecise, type Precise, preciseVersion } from "./keep.ts";
import type { Need } from "./need.ts";
import type { Packages } from "./packages.ts";
import type { Patches } from "./patches.ts";
import { byVersion, type CandidateSorter } from "./preferences.ts";
import type { Replacements } from "./replacements.ts";

/** What decides which packages a dependency can be, beside the packages themselves. */
export interface QueryRules {
  readonly patches: Patches;
  readonly replacements: Replacements;
  readonly sort: CandidateSorter;
  /** Yanked versions that may be used, because they are in the previous lockfile. */
  readonly mayBeYanked: (candidate: Candidate) => boolean;
  readonly precise: Precise | undefined;
}

/** Tells candidates and expansions; each is found out once. */
export class Queries {
  readonly packages: Packages;
  readonly #rules: QueryRules;

  constructor(packages: Packages, rules: QueryRules) {
    this.packages = packages;
    this.#rules = rules;
  }

  /** The package that stands in for `candidate` by `[replace]`. Known only after a dependency was answered with it. */
  replacementOf(candidate: Candidate): Candidate | undefined {
    return this.#rules.replacements.of(candidate);
  }

  /**
   * The candidates of a dependency in the order in which they are tried.
   *
   * @param lacking Takes what has to be known first; then the result is `undefined`.
   */
  candidates(dependency: Dependency, lacking: Need[]): readonly Candidate[] | undefined {
    const home = this.packages.package(dependency.source, dependency.packageName);
    const known = home.queries.get(dependency.query);
    if (known !== undefined) return known;
    const { patches, replacements, sort } = this.#rules;
    const patched = patches.isEmpty ? [] : patches.matching(dependency);
    let found: readonly Candidate[];
    const [onlyPatch, ...otherPatches] = patched;
    if (onlyPatch !== undefined && otherPatches.length === 0 && dependency.locked !== undefined) {
      found = patched;
    } else {
      const need = this.packages.lacking(dependency);
      if (need !== undefined) {
        lacking.push(need);
        return undefined;
      }
      const offered = this.#offered(dependency);
      found =
        patched.length === 0
          ? offered
          : [...patched, ...offered.filter((other) => !isHidden(other, patched))].sort(byVersion);
    }
    if (!replacements.isEmpty && !replacements.apply(found, lacking)) return undefined;
    const sorted = sort(found);
    home.queries.set(dependency.query, sorted);
    return sorted;
  }

  /** What the dependency's own source has for it. */
  #offered(dependency: Dependency): readonly Candidate[] {
    const { packages } = this;
    const { requirement, locked } = dependency;
    const home = packages.package(dependency.source, dependency.packageName);
    if (home.index === undefined) {
      return home.local.filter((candidate) => fulfils(dependency, candidate)).sort(byVersion);
    }
    const { mayBeYanked, precise } = this.#rules;
    const exact = preciseVersion(precise, dependency);
    const found: Candidate[] = [];
    const versions =
      locked !== undefined
        ? home.index.versions.filter(({ version }) => sameVersion(version, locked))
        : requirement === undefined
          ? home.index.versions
          : home.index.matching(requirement);
    for (const version of versions) {
      if (exact !== undefined && !matchesPrecise(exact, version.version)) continue;
      const { state } = version;
      if (state !== "offered" && state !== "yanked") continue;
      const candidate = packages.indexed(home, version);
      if (state === "offered" || exact !== undefined || mayBeYanked(candidate)) found.push(candidate);
    }
    return found;
  }

  /**
   * What a package needs with the features of `request`.
   *
   * @param lacking Takes what has to be known first; then the result is `undefined`.
   */
  expansion(candidate: Candidate, request: FeatureRequest, lacking: Need[]): Expansion | undefined {
    const { expansions } = nodeOf(candidate);
    const known = expansions.get(request);
    if (known !== undefined) return known;
    const enabled = enabledBy(candidate.contents(), request, this.packages.requests);
    if (enabled.kind !== "enabled") {
      expansions.set(request, enabled);
      return enabled;
    }
    const steps: Step[] = [];
    for (const { dependency, request: asked } of enabled.dependencies) {
      const candidates = this.candidates(dependency, lacking);
      if (candidates !== undefined) steps.push({ dependency, candidates, request: asked });
    }
    if (steps.length < enabled.dependencies.length) return undefined;
    steps.sort((a, b) => a.candidates.length - b.candidates.length);
    const expansion: Expansion = { kind: "steps", features: enabled.features, steps };
    expansions.set(request, expansion);
    return expansion;
  }
}

/** A patch hides the version of the registry that is equal to its own. */
function isHidden(candidate: Candidate, patched: readonly Candidate[]): boolean {
  return patched.some(({ version }) => sameVersion(version, candidate.version));
}
