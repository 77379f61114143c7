import { foldName, windowsNameFault } from "../system/index.ts";
import { cratePlaces, gitPackageDirectory } from "./layout.ts";
import type { WantedCrate } from "./wanted.ts";
import type { WantedGitPackage } from "./wanted-git.ts";

/** Something of a hub whose name comes from outside. */
export interface NamedPlace {
  /** `name version (source)`. */
  readonly of: string;
  /** Relative to `.cargo`; `/` separates. */
  readonly path: string;
}

/** The places of all packages: sources, and for crates of registries their files. */
export function packagePlaces(
  crates: readonly WantedCrate[],
  gitPackages: readonly WantedGitPackage[],
): readonly NamedPlace[] {
  const ofCrates = crates.map((crate) => ({ of: label(crate), ...cratePlaces(crate) }));
  return [
    ...ofCrates.flatMap(({ of, source, rawIndex }) => [source, rawIndex].map((path) => ({ of, path }))),
    ...gitPackages.map((crate) => {
      const { name, version, commit } = crate;
      const place = { url: crate.sourceId.url, commit, name, version };
      return { of: label(crate), path: gitPackageDirectory(place) };
    }),
  ];
}

function label(crate: { readonly name: string; readonly version: string; readonly source: string }): string {
  return `${crate.name} ${crate.version} (${crate.source})`;
}

/** The first two places that differ and are one where neither letter case nor Unicode's forms count. Versions of one crate share an index file. */
export function clashingPlaces(places: readonly NamedPlace[]): readonly [NamedPlace, NamedPlace] | undefined {
  const known = new Map<string, NamedPlace>();
  for (const place of places) {
    const folded = foldName(place.path);
    const before = known.get(folded);
    if (before === undefined) known.set(folded, place);
    else if (before.path !== place.path) return [before, place];
  }
  return undefined;
}

/** The first place that Windows can not have, and why. */
export function unusablePlace(
  places: readonly NamedPlace[],
): { readonly place: NamedPlace; readonly reason: string } | undefined {
  for (const place of places) {
    for (const name of place.path.split("/")) {
      const reason = windowsNameFault(name);
      if (reason !== undefined) return { place, reason };
    }
  }
  return undefined;
}
