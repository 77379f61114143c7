import { matchesPackageIdSpec, type PackageIdSpec } from "../cargo/index.ts";
import type { Candidate } from "./candidate.ts";
import { type ReplacementFailure, Stop } from "./failure.ts";
import { fulfils } from "./fulfils.ts";
import type { Need } from "./need.ts";
import { askedDependency, packageName } from "./package-name.ts";
import type { SummaryDependency } from "./package-summary.ts";
import type { Packages, UnpinnedDependency } from "./packages.ts";
import type { Patches } from "./patches.ts";
import type { Kept } from "./register-patches.ts";

/** An entry of the deprecated `[replace]`. */
export interface ReplacementRequest {
  /** Names the package to replace, its version and its source. */
  readonly spec: PackageIdSpec;
  /** Its requirement is exactly the version of `spec`. */
  readonly dependency: SummaryDependency;
}

interface Replacement {
  readonly spec: PackageIdSpec;
  readonly dependency: UnpinnedDependency;
  readonly lockedCommit: string | undefined;
}

/** Packages that stand in for others, by `[replace]`. */
export class Replacements {
  readonly #replacements: readonly Replacement[];
  readonly #used = new Map<Candidate, Candidate>();
  readonly #packages: Packages;
  readonly #patches: Patches;

  constructor(requests: readonly ReplacementRequest[], packages: Packages, { patches, kept }: ReplacementContext) {
    this.#packages = packages;
    this.#patches = patches;
    this.#replacements = requests.map(({ spec, dependency }) => {
      const unpinned = packages.unpinned(dependency);
      return { spec, dependency: unpinned, lockedCommit: lockedCommit(spec, unpinned, kept) };
    });
  }

  get isEmpty(): boolean {
    return this.#replacements.length === 0;
  }

  /** What stands in for a package; known once a dependency was answered with it. */
  of(candidate: Candidate): Candidate | undefined {
    return this.#used.get(candidate);
  }

  /**
   * Finds what stands in for the candidates of a dependency.
   *
   * @returns False when something has to be known first, which `lacking` then takes.
   */
  apply(candidates: readonly Candidate[], lacking: Need[]): boolean {
    for (const candidate of candidates) {
      const [first, ...others] = this.#replacements.filter(({ spec }) =>
        matchesPackageIdSpec(spec, { name: candidate.name, version: candidate.version, source: candidate.source.id }),
      );
      if (first === undefined) continue;
      const { dependency } = first;
      const need = this.#packages.lacking({ ...dependency, lockedCommit: first.lockedCommit });
      if (need !== undefined) {
        lacking.push(need);
        return false;
      }
      const asked = { ...dependency, locked: undefined };
      const patched = this.#patches.matching(asked);
      const own = this.#packages
        .all(dependency.source, dependency.packageName)
        .filter((found) => !found.isYanked && fulfils(asked, found.candidate))
        .map((found) => found.candidate);
      const [stand, ...more] = [...patched, ...own];
      if (stand === undefined) throw fault("nothing-matches", candidate, dependency);
      if (more.length > 0) throw fault("several-match", candidate, dependency);
      if (stand.versionText !== candidate.versionText) throw fault("other-version", candidate, dependency);
      if (others.length > 0) throw fault("overlap", candidate, dependency);
      if (stand.source !== candidate.source) this.#used.set(candidate, stand);
    }
    return true;
  }
}

interface ReplacementContext {
  readonly patches: Patches;
  readonly kept: Kept;
}

/** The commit that a git replacement had in the previous lockfile. */
function lockedCommit(
  spec: PackageIdSpec,
  dependency: UnpinnedDependency,
  { previous, keeps }: Kept,
): string | undefined {
  for (const { name, version, source, replacement } of previous?.packages ?? []) {
    if (replacement === undefined || !keeps(replacement)) continue;
    if (!matchesPackageIdSpec(spec, { name, version, source: source.id })) continue;
    const { requirement, packageName: wanted } = dependency;
    if (replacement.source !== dependency.source || replacement.name !== wanted) continue;
    if (fulfils({ requirement, locked: undefined }, replacement)) return replacement.commit;
  }
  return undefined;
}

function fault(problem: ReplacementFailure["problem"], candidate: Candidate, dependency: UnpinnedDependency): Stop {
  return new Stop({
    kind: "replacement",
    problem,
    replaced: packageName(candidate),
    asked: askedDependency(dependency),
  });
}
