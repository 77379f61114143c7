import { gitIdent, indexPath } from "../cargo/index.ts";
import { packageDirectory } from "./wanted.ts";

/** Where things lie, relative to the hub's `.cargo` directory; `/` separates. */
export const hubLayout = {
  config: "config.toml",
  hubConfig: "hub.config.toml",
  hubToml: "hub.toml",
  hubLock: "hub.lock",
  /** The standard library's lockfile, when the hub holds what it asks for. */
  stdLock: "hub.std.lock",
  gitignore: ".gitignore",
  gitattributes: ".gitattributes",
  registry: "registry",
  sourceToml: "registry/source.toml",
  /** Present when somebody switched the hub off, so that the next fill leaves it off. */
  off: "registry/.hub-off",
  /** hub.lock as the last fill here left it: what lies on this disk, whatever hub.lock a checkout has brought since. */
  held: "registry/.hub-held",
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
  /** Whether Cargo must not load it. */
  readonly quarantined?: boolean;
}): CratePlaces {
  const directory = packageDirectory(crate);
  const sources = sourceDirectory(crate.ident);
  return {
    crate: `${crateDirectory(crate.ident)}/${directory}.crate`,
    source: `${crate.quarantined === true ? quarantineDirectory(sources) : sources}/${directory}`,
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

/** Where packages of a directory source lie that Cargo must not load: it passes over directories that begin with a dot. */
export function quarantineDirectory(sources: string): string {
  return `${sources}/${quarantineName}`;
}

/** Name of {@link quarantineDirectory} in its directory source. */
export const quarantineName = ".quarantine";

/** The directory source of a repository at one commit. */
export function gitSourceDirectory(gident: string, commit: string): string {
  return `${sourceDirectory(gident)}/${shortCommit(commit)}`;
}

/** Where a git package lies in mode `directory`, relative to `.cargo`. */
export function gitPackageDirectory(crate: {
  readonly url: string;
  readonly commit: string;
  readonly name: string;
  readonly version: string;
}): string {
  const { sources } = repositoryPlaces(crate);
  return `${sources}/${packageDirectory(crate)}`;
}

/** The beginning of a commit that stands in names and paths. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 12);
}

/** Where the parts of a repository at one commit lie, relative to `.cargo`. */
export interface RepositoryPlaces {
  /** The canonical pack: to a repository what the `.crate` file is to a crate. */
  readonly pack: string;
  /** The directory source of its packages, for mode `directory`. */
  readonly sources: string;
  /** The bare repository, for mode `cargo-home`. */
  readonly database: string;
}

/** The places of a repository at one commit. */
export function repositoryPlaces({ url, commit }: { readonly url: string; readonly commit: string }): RepositoryPlaces {
  const gident = gitIdent(url);
  return {
    pack: `${crateDirectory(gident)}/${commit}.pack`,
    sources: gitSourceDirectory(gident, commit),
    database: `git/db/${gident}`,
  };
}
