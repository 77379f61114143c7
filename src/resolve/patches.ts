import type { Candidate, Dependency } from "./candidate.ts";
import { fulfils } from "./fulfils.ts";
import type { PreviousPackage } from "./previous.ts";
import type { Source } from "./sources.ts";

/** The patches of one source. */
export interface PatchesOfSource {
  readonly patches: readonly Candidate[];
  /** Packages of the previous lockfile that may have come from these patches though their source is written differently. */
  readonly alsoLockedAs: readonly PreviousPackage[];
}

/** Packages that stand in for those of other sources, by `[patch]`. */
export class Patches {
  readonly #byUrl: ReadonlyMap<string, PatchesOfSource>;

  /** @param byUrl The canonical URL of what is patched → the patches. */
  constructor(byUrl: ReadonlyMap<string, PatchesOfSource>) {
    this.#byUrl = byUrl;
  }

  get isEmpty(): boolean {
    return this.#byUrl.size === 0;
  }

  /** Those that a dependency can be. */
  matching(dependency: Pick<Dependency, "source" | "packageName" | "requirement" | "locked">): readonly Candidate[] {
    const { patches } = this.#byUrl.get(dependency.source.canonical) ?? { patches: [] };
    return patches.filter((patch) => patch.name === dependency.packageName && fulfils(dependency, patch));
  }

  /** Whether a package of the previous lockfile is a patch of `source`. */
  wasPatchOf(source: Source, entry: PreviousPackage): boolean {
    const of = this.#byUrl.get(source.canonical);
    if (of === undefined) return false;
    return of.alsoLockedAs.includes(entry) || of.patches.some((patch) => isSame(patch, entry));
  }

  /** All of them, in the order of the manifest. */
  all(): readonly Candidate[] {
    return [...this.#byUrl.values()].flatMap(({ patches }) => patches);
  }
}

function isSame(candidate: Candidate, { name, versionText, source }: PreviousPackage): boolean {
  return candidate.name === name && candidate.versionText === versionText && candidate.source === source;
}
