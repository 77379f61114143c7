import type { Activations } from "./activations.ts";
import { type Candidate, compareCandidates, type Dependency } from "./candidate.ts";
import { enabledBy } from "./enabled.ts";
import type { Step } from "./expansion.ts";
import type { ChainLink, ExcludedVersion, Exclusion, NoSolution } from "./failure.ts";
import { fulfils } from "./fulfils.ts";
import { askedDependency, packageName } from "./package-name.ts";
import { parentsOf } from "./parents.ts";
import type { Queries } from "./queries.ts";
import type { Failed } from "./search.ts";

/** Why the search failed, as data in which every statement can be checked against the index. */
export function noSolution(
  { parent, step, conflicts }: Failed,
  queries: Queries,
  activations: Activations,
): NoSolution {
  const sorted = [...conflicts].sort(([a], [b]) => compareCandidates(b, a));
  const excluded = new Excluded(step, queries, activations);
  const beside = sorted.map(([candidate]) => packageName(candidate));
  return {
    kind: "no-solution",
    asked: { ...askedDependency(step.dependency), features: featuresOf(step) },
    chain: chainTo(parent),
    versions: excluded.versions({ kind: "dependencies", beside }),
    obstacles: sorted.map(([candidate, reason]) => ({
      package: packageName(candidate),
      reason,
      chain: chainTo(candidate),
    })),
  };
}

function featuresOf({ request }: Step): readonly string[] {
  return request.features === "all" ? [] : request.features;
}

/** The shortest way from a member to a package. */
function chainTo(goal: Candidate): readonly ChainLink[] {
  const below = new Map<Candidate, { readonly child: Candidate; readonly dependency: Dependency }>();
  const queue = [goal];
  let top = goal;
  for (const next of queue) {
    top = next;
    const parents = parentsOf(next);
    if (parents.length === 0) break;
    for (const [parent, dependencies] of parents) {
      const [dependency] = dependencies;
      if (dependency === undefined || below.has(parent) || parent === goal) continue;
      below.set(parent, { child: next, dependency });
      queue.push(parent);
    }
  }
  const chain: ChainLink[] = [{ package: packageName(top), asked: undefined }];
  for (let edge = below.get(top); edge !== undefined; edge = below.get(edge.child)) {
    chain.push({ package: packageName(edge.child), asked: askedDependency(edge.dependency) });
  }
  return chain;
}

/** Tells of each version of a package why one dependency can not have it. */
class Excluded {
  readonly #step: Step;
  readonly #queries: Queries;
  readonly #activations: Activations;

  constructor(step: Step, queries: Queries, activations: Activations) {
    this.#step = step;
    this.#queries = queries;
    this.#activations = activations;
  }

  /** @param otherwise What is said of candidates that nothing speaks against. */
  versions(otherwise: Exclusion): readonly ExcludedVersion[] {
    const { packages } = this.#queries;
    const { dependency, candidates } = this.#step;
    const home = packages.package(dependency.source, dependency.packageName);
    const found: (ExcludedVersion & { readonly candidate: Candidate | undefined })[] = [];
    const add = (candidate: Candidate, exclusion: Exclusion): void => {
      const { versionText: version, rustVersion, source } = candidate;
      found.push({ version, source: source.id, exclusion, rustVersion, candidate });
    };
    for (const candidate of candidates) add(candidate, this.#candidate(candidate) ?? otherwise);
    const rest = home.local.filter((candidate) => !candidates.includes(candidate));
    for (const candidate of rest) add(candidate, this.#mismatch(candidate));
    for (const version of home.index?.versions ?? []) {
      const { state, version: parsed, versionText } = version;
      if (state === "invalid" || state === "unsupported-schema") {
        const exclusion = this.#matches(parsed) ? ({ kind: state } as const) : this.#mismatch({ version: parsed });
        found.push({
          version: versionText,
          source: home.source.id,
          exclusion,
          rustVersion: undefined,
          candidate: undefined,
        });
        continue;
      }
      const candidate = packages.indexed(home, version);
      if (candidates.includes(candidate)) continue;
      add(candidate, state === "yanked" && this.#matches(parsed) ? { kind: "yanked" } : this.#mismatch(candidate));
    }
    return found.map(({ candidate: _candidate, ...excluded }) => excluded);
  }

  #matches(version: Candidate["version"]): boolean {
    return fulfils(this.#step.dependency, { version });
  }

  #mismatch({ version }: Pick<Candidate, "version">): Exclusion {
    const { requirement, locked } = this.#step.dependency;
    const isAdmitted = fulfils({ requirement, locked: undefined }, { version });
    return { kind: locked !== undefined && isAdmitted ? "not-the-locked-one" : "requirement" };
  }

  #candidate(candidate: Candidate): Exclusion | undefined {
    const { holder } = candidate.slot;
    if (holder !== undefined && holder !== candidate) return { kind: "version-in-use", by: packageName(holder) };
    const { links } = candidate;
    const owner = links === undefined ? undefined : this.#activations.linksOwner(links);
    if (links !== undefined && owner !== undefined && owner !== candidate) {
      return { kind: "links-in-use", links, by: packageName(owner) };
    }
    const enabled = enabledBy(candidate.contents(), this.#step.request, this.#queries.packages.requests);
    return enabled.kind === "missing-feature" ? enabled : undefined;
  }
}
