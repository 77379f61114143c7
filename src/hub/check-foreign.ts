import { statSync } from "node:fs";
import { join, relative } from "node:path";
import {
  configPlaces,
  crateDirectory,
  indexDirectory,
  indexPlaces,
  packageDirectory,
  quarantineDirectory,
  quarantineName,
  sourceDirectory,
} from "../plan/index.ts";
import type { Finding } from "./check-crate.ts";
import { isOfIndexRepository } from "./git/index-repository.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { list, unknownNames } from "./observe.ts";
import type { PlacedCrate, PlacedVendored } from "./placed-crate.ts";

/** Names everything in the hub's directories that hub.lock does not account for. */
export function findForeign(
  place: HubPlace,
  crates: readonly (PlacedCrate | PlacedVendored)[],
  findings: Finding[],
): void {
  for (const ident of new Set(crates.map((crate) => crate.ident))) {
    const own = crates.filter((crate) => crate.ident === ident);
    const full = own.filter((crate) => "line" in crate);
    const quarantined = own.filter((crate) => crate.quarantined).map((crate) => packageDirectory(crate));
    const directories = new Set(own.map((crate) => packageDirectory(crate)));
    const sources = sourceDirectory(ident);
    extra(inHub(place, quarantineDirectory(sources)), new Set(quarantined), { area: "directory", findings });
    if (quarantined.length > 0) directories.add(quarantineName);
    extra(inHub(place, sources), directories, { area: "directory", findings });
    extra(inHub(place, crateDirectory(ident)), new Set(full.map((crate) => `${packageDirectory(crate)}.crate`)), {
      area: "directory",
      findings,
    });
    const known = new Set<string>(Object.values(configPlaces(ident)).map((path) => inHub(place, path)));
    for (const crate of full) for (const path of Object.values(indexPlaces(crate))) known.add(inHub(place, path));
    const index = inHub(place, indexDirectory(ident));
    walk(index, (path) => {
      if (!known.has(path) && !isOfIndexRepository(relative(index, path)))
        findings.push({ kind: "foreign", area: "directory", path, reason: "hub.lock does not account for it" });
    });
  }
}

interface Extra {
  readonly area: Finding["area"];
  readonly findings: Finding[];
}

function extra(directory: string, known: ReadonlySet<string>, { area, findings }: Extra): void {
  for (const name of unknownNames(directory, known))
    findings.push({ kind: "foreign", area, path: join(directory, name), reason: "hub.lock does not account for it" });
}

function walk(directory: string, visit: (path: string) => void): void {
  for (const name of list(directory)) {
    const path = join(directory, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) walk(path, visit);
    else visit(path);
  }
}
