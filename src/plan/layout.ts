import { indexPath } from "../cargo/index.ts";
import { packageDirectory } from "./wanted.ts";

/** Where things lie, relative to the hub's `.cargo` directory; `/` separates. */
export const hubLayout = {
  config: "config.toml",
  hubConfig: "hub.config.toml",
  hubToml: "hub.toml",
  hubLock: "hub.lock",
  gitignore: ".gitignore",
  registry: "registry",
  sourceToml: "registry/source.toml",
  /** Present when somebody switched the hub off, so that the next fill leaves it off. */
  off: "registry/.hub-off",
  cacheTag: "registry/CACHEDIR.TAG",
  /** The lock that cargo takes when the hub is its home. */
  packageCache: ".package-cache",
  /** Private files of a running fill, and its lock. */
  staging: "registry/.hub-staging",
  lock: "registry/.hub-lock",
} as const;

/** Where the parts of one crate lie, relative to `.cargo`. */
export interface CratePlaces {
  readonly crate: string;
  readonly source: string;
  readonly rawIndex: string;
  readonly cacheIndex: string;
}

/** The places of a crate of the source with this ident. */
export function cratePlaces(crate: {
  readonly ident: string;
  readonly name: string;
  readonly version: string;
}): CratePlaces {
  const directory = packageDirectory(crate);
  return {
    crate: `${crateDirectory(crate.ident)}/${directory}.crate`,
    source: `${sourceDirectory(crate.ident)}/${directory}`,
    ...indexPlaces(crate),
  };
}

/** The two index files of a crate's name, relative to `.cargo`. */
export function indexPlaces(crate: { readonly ident: string; readonly name: string }): {
  rawIndex: string;
  cacheIndex: string;
} {
  const path = indexPath(crate.name);
  const root = indexDirectory(crate.ident);
  return { rawIndex: `${root}/${path}`, cacheIndex: `${root}/.cache/${path}` };
}

/** The registry's config.json and the file beside it that pins its digest, relative to `.cargo`. */
export function configPlaces(ident: string): { config: string; digest: string } {
  const config = `${indexDirectory(ident)}/config.json`;
  return { config, digest: `${config}.sha256` };
}

/** Text of the digest file: what `sha256sum config.json` prints. */
export function configDigestText(sha256: string): string {
  return `${sha256}  config.json\n`;
}

export function indexDirectory(ident: string): string {
  return `registry/index/${ident}`;
}

export function crateDirectory(ident: string): string {
  return `registry/cache/${ident}`;
}

export function sourceDirectory(ident: string): string {
  return `registry/src/${ident}`;
}
