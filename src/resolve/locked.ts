import type { Candidate } from "./candidate.ts";
import { fulfils } from "./fulfils.ts";
import type { Pin, PinnableDependency, Pins } from "./pins.ts";
import type { Previous, PreviousPackage } from "./previous.ts";
import type { Source, SourceTable } from "./sources.ts";

/** A locked package and those of its dependencies that are locked too. */
interface LockedPackage {
  readonly package: PreviousPackage;
  readonly dependencies: readonly PreviousPackage[];
}

/** Whether a patch of a source was locked as this package. */
export type IsPatchOf = (source: Source, package_: PreviousPackage) => boolean;

/**
 * The pins of a previous lockfile: a dependency of a locked package keeps what it had; any other one is held to a locked
 * package that fits, the first in cargo's order.
 */
export class LockedPins implements Pins {
  readonly #bySource = new Map<Source, Map<string, LockedPackage[]>>();
  readonly #isPatchOf: IsPatchOf;

  constructor(isPatchOf: IsPatchOf) {
    this.#isPatchOf = isPatchOf;
  }

  get isEmpty(): boolean {
    return this.#bySource.size === 0;
  }

  /** Locks the packages of `previous` that `isLocked` admits. */
  lock(previous: Previous, isLocked: (entry: PreviousPackage) => boolean, sources: SourceTable): void {
    for (const entry of previous.packages) {
      if (!isLocked(entry)) continue;
      const locked = { package: entry, dependencies: entry.dependencies.filter(isLocked) };
      const master = previous.confusesMaster ? masterOf(entry.source, sources) : undefined;
      if (master !== undefined) this.#add(master, { ...locked, package: { ...entry, source: master } });
      this.#add(entry.source, locked);
    }
  }

  #add(source: Source, locked: LockedPackage): void {
    const byName = this.#bySource.get(source) ?? new Map<string, LockedPackage[]>();
    this.#bySource.set(source, byName);
    const named = byName.get(locked.package.name);
    if (named === undefined) byName.set(locked.package.name, [locked]);
    else named.push(locked);
  }

  pin(owner: Candidate, dependency: PinnableDependency): Pin | undefined {
    const own = this.#of(owner.source, owner.name).find(
      ({ package: { versionText } }) => versionText === owner.versionText,
    );
    const kept = own?.dependencies.find((entry) => this.#keeps(dependency, entry));
    if (kept !== undefined) {
      const { version, versionText } = kept;
      return { version, versionText, commit: kept.source === dependency.source ? kept.commit : undefined };
    }
    return this.#of(dependency.source, dependency.packageName)
      .map((locked) => locked.package)
      .find((entry) => fulfilsRequirement(dependency, entry));
  }

  #keeps(dependency: PinnableDependency, entry: PreviousPackage): boolean {
    if (entry.name !== dependency.packageName || !fulfilsRequirement(dependency, entry)) return false;
    return entry.source === dependency.source || this.#isPatchOf(dependency.source, entry);
  }

  #of(source: Source, name: string): readonly LockedPackage[] {
    return this.#bySource.get(source)?.get(name) ?? [];
  }
}

function fulfilsRequirement({ requirement }: PinnableDependency, entry: PreviousPackage): boolean {
  return fulfils({ requirement, locked: undefined }, entry);
}

/** The source with the branch `master` spelt out, for a git source that names no branch. */
export function masterOf(source: Source, sources: SourceTable): Source | undefined {
  const { id } = source;
  if (id.kind !== "git" || id.reference !== undefined) return undefined;
  return sources({ kind: "git", url: id.url, reference: { kind: "branch", value: "master" } });
}
