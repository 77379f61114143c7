import { matchesPackageIdSpec, type PackageIdSpec } from "../cargo/index.ts";
import { formatVersion, parseVersion, type Version, VersionError } from "../semver/index.ts";
import type { Dependency } from "./candidate.ts";
import { type PackageName, Stop } from "./failure.ts";
import { fulfils } from "./fulfils.ts";
import type { PackageSummary } from "./package-summary.ts";
import type { Previous, PreviousPackage } from "./previous.ts";
import type { Source, SourceTable } from "./sources.ts";

/** What a command wants to be brought up to date. What is not, stays as it is if it can. */
export type Update =
  /** Only what the manifests demand: an implicit resolution, or `--workspace`. */
  | { readonly kind: "nothing" }
  | { readonly kind: "everything" }
  | {
      readonly kind: "packages";
      readonly specs: readonly PackageIdSpec[];
      /** With everything they need. */
      readonly recursive: boolean;
    }
  /** One package, to exactly this version; of a git package to this commit, branch or tag. */
  | { readonly kind: "precise"; readonly spec: PackageIdSpec; readonly to: string };

/** What of the previous lockfile is to be kept. */
export interface Keeping {
  readonly keeps: (entry: PreviousPackage) => boolean;
  readonly precise: Precise | undefined;
}

/** What `--precise` asks for. */
export type Precise =
  /** Dependencies on this package that `from` fulfils get `to`. */
  | {
      readonly kind: "version";
      readonly source: Source;
      readonly name: string;
      readonly from: Version;
      readonly to: Version;
    }
  | { readonly kind: "revision"; readonly source: Source; readonly revision: string };

/**
 * Decides which packages of the previous lockfile are kept. Members never count as selected, and of a source that is no
 * registry all packages go together.
 *
 * @throws {Stop} when a specification means no package or several, or `--precise` is no version.
 */
export function keeping(update: Update, previous: Previous, { members, sources }: Surroundings): Keeping {
  if (update.kind === "nothing") return { keeps: () => true, precise: undefined };
  if (update.kind === "everything") return { keeps: () => false, precise: undefined };
  const selected = new Set<PreviousPackage>();
  const specs = update.kind === "packages" ? update.specs : [update.spec];
  let precise: Precise | undefined;
  for (const spec of specs) {
    const entry = theOne(spec, previous);
    if (update.kind === "packages" && update.recursive) addWithDependencies(entry, selected);
    else selected.add(entry);
    const unused = previous.unusedPatches.filter((patch) => isMeant(spec, patch));
    if (unused.length === 1) for (const patch of unused) selected.add(patch);
    if (update.kind === "precise") precise = preciseFor(entry, update.to);
  }
  const memberNames = members.map(({ name, source }) => ({ name, source: sources(source) }));
  const isMember = (entry: PreviousPackage): boolean =>
    memberNames.some(({ name, source }) => name === entry.name && source === entry.source);
  const avoided = [...selected].filter((entry) => !isMember(entry));
  const avoidedSources = new Set(avoided.map(({ source }) => source).filter(({ isRegistry }) => !isRegistry));
  const avoidedPackages = new Set(avoided);
  return {
    keeps: (entry) => !avoidedSources.has(entry.source) && !avoidedPackages.has(entry),
    precise,
  };
}

/** What the previous lockfile is looked at with. */
export interface Surroundings {
  readonly members: readonly PackageSummary[];
  readonly sources: SourceTable;
}

/** Adds a package and everything it needs, directly or not. */
export function addWithDependencies(entry: PreviousPackage, set: Set<PreviousPackage>): void {
  const pending = [entry];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (set.has(next)) continue;
    set.add(next);
    pending.push(...next.dependencies);
  }
}

function isMeant(spec: PackageIdSpec, { name, version, source }: PreviousPackage): boolean {
  return matchesPackageIdSpec(spec, { name, version, source: source.id });
}

function theOne(spec: PackageIdSpec, previous: Previous): PreviousPackage {
  const found = previous.packages.filter((entry) => isMeant(spec, entry));
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  const named = previous.packages.filter(({ name }) => name === spec.name);
  throw new Stop({
    kind: "update-spec",
    problem: first === undefined ? "nothing-matches" : "several-match",
    spec,
    candidates: (first === undefined ? named : found).map(previousName),
  });
}

function preciseFor(entry: PreviousPackage, to: string): Precise {
  const { source, name, version } = entry;
  if (!source.isRegistry) return { kind: "revision", source, revision: to };
  try {
    return { kind: "version", source, name, from: version, to: parseVersion(to) };
  } catch (error) {
    if (!(error instanceof VersionError)) throw error;
    throw new Stop({ kind: "precise-version", to, package: previousName(entry), what: error.what });
  }
}

function previousName({ name, version, source, commit }: PreviousPackage): PackageName {
  const id = commit === undefined ? source.id : { ...source.id, precise: commit };
  return { name, version: formatVersion(version), source: id };
}

/** The version that `--precise` asks for, if it is about this dependency. */
export function preciseVersion(
  precise: Precise | undefined,
  dependency: Pick<Dependency, "source" | "packageName" | "requirement" | "locked">,
): Version | undefined {
  if (precise?.kind !== "version") return undefined;
  if (precise.source !== dependency.source || precise.name !== dependency.packageName) return undefined;
  return fulfils(dependency, { version: precise.from }) ? precise.to : undefined;
}

/** Build metadata counts only when it is asked for. */
export function matchesPrecise(asked: Version, version: Version): boolean {
  return (
    asked.major === version.major &&
    asked.minor === version.minor &&
    asked.patch === version.patch &&
    asked.pre === version.pre &&
    (asked.build === "" || asked.build === version.build)
  );
}
