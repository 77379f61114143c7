import { readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { type CrateKey, cratePlaces, sourceDirectory } from "../plan/index.ts";
import { foldName } from "../system/index.ts";
import { errorCode } from "./files.ts";
import { type HubPlace, inHub } from "./locate.ts";

/** Which parts of a crate stand where they belong. Existence and size only: `verify` looks at bytes. */
export interface CrateParts {
  readonly crate: boolean;
  readonly source: boolean;
  readonly index: boolean;
}

/** Looks for the parts of one crate; about 10 µs. */
export function observeCrate(
  place: HubPlace,
  crate: CrateKey & { readonly ident: string; readonly quarantined: boolean },
  size: number | undefined,
): CrateParts {
  const places = cratePlaces(crate);
  const stat = statOf(inHub(place, places.crate));
  return {
    crate: stat !== undefined && stat.isFile() && (size === undefined || stat.size === size),
    source: isThere(place, `${places.source}/.cargo-checksum.json`) && isThere(place, `${places.source}/Cargo.toml`),
    index: isThere(place, places.rawIndex) && isThere(place, places.cacheIndex),
  };
}

export function isThere(place: HubPlace, relativePath: string): boolean {
  return statOf(inHub(place, relativePath)) !== undefined;
}

/** Node says "nothing there" by undefined only for ENOENT; a file where a directory belongs is the same to us. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Packages that lie among the hub's and that hub.lock does not list. */
export interface ForeignPackage {
  readonly ident: string;
  readonly directory: string;
  /** Whether it has what a directory source needs, so that it does no harm. */
  readonly complete: boolean;
}

/** Directories below `src/<ident>` that Cargo would load as packages and that are not among `known`. */
export function foreignPackages(place: HubPlace, ident: string, known: ReadonlySet<string>): ForeignPackage[] {
  const root = inHub(place, sourceDirectory(ident));
  return unknownNames(root, known)
    .filter((directory) => !directory.startsWith("."))
    .filter((directory) => statOf(join(root, directory, "Cargo.toml")) !== undefined)
    .map((directory) => ({
      ident,
      directory,
      complete: statOf(join(root, directory, ".cargo-checksum.json")) !== undefined,
    }));
}

/** The names in a directory that are not known. Some file systems list another spelling of a name than they find: that one is known as well. */
export function unknownNames(directory: string, known: ReadonlySet<string>): string[] {
  const names = list(directory);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return unknown;
  const listed = new Set(names);
  const found = [...known].filter((name) => !listed.has(name) && statOf(join(directory, name)) !== undefined);
  const spelled = new Set(found.map(foldName));
  return unknown.filter((name) => !spelled.has(foldName(name)));
}

export function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}
