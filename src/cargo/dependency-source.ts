import { HubError } from "../errors/index.ts";
import { fileUrl } from "./file-url.ts";
import type { DependencySource } from "./manifest-dependencies.ts";
import { joinPath } from "./slash-path.ts";
import { CRATES_IO, parseSourceId, type SourceId } from "./source-id.ts";

/** The codes of {@link DependencySourceError}. */
export type DependencySourceErrorCode = "cargo/registry-unknown" | "cargo/dependency-not-inherited";

/** A dependency whose source can not be told. */
export class DependencySourceError extends HubError<DependencySourceErrorCode> {}

/** Where a manifest is and what is known there. */
export interface ManifestPlace {
  /** The path of the manifest, for error messages. */
  readonly at: string;
  /** Absolute, folded path of the package's directory. */
  readonly directory: string;
  /** The source of the package itself: its directory, or the git repository it is in. */
  readonly source: SourceId;
  /** The index of a registry by its name in Cargo's configuration: a URL, for a sparse one with `sparse+`. */
  readonly registryIndex: (name: string) => string | undefined;
}

/** The source of a package in a directory. */
export function pathSourceId(directory: string): SourceId {
  return { kind: "path", url: fileUrl(directory) };
}

/** The source of a registry by the URL of its index, for a sparse one with `sparse+`. */
export function registrySourceId(url: string, at: string): SourceId {
  return parseSourceId(url.startsWith("sparse+") ? url : `registry+${url}`, at);
}

/**
 * The source that a dependency of a manifest is looked up in. A path in a package of a git repository means that
 * repository.
 *
 * @throws {DependencySourceError} `cargo/registry-unknown` for a registry that is not configured, and
 * `cargo/dependency-not-inherited` for a dependency of a workspace that was not given to the manifest.
 * @throws {SourceIdError} for a URL that is none.
 */
export function dependencySourceId(source: DependencySource, name: string, place: ManifestPlace): SourceId {
  switch (source.kind) {
    case "crates-io":
      return CRATES_IO;
    case "registry":
      return namedRegistry(source.name, place);
    case "registry-index":
      return registrySourceId(source.url, place.at);
    case "git": {
      const { url } = parseSourceId(`registry+${source.url.replace(/#.*$/s, "")}`, place.at);
      return { kind: "git", url, reference: source.revision };
    }
    case "path":
      return place.source.kind === "path" ? pathSourceId(joinPath(place.directory, source.path)) : repository(place);
    case "workspace":
      throw new DependencySourceError({
        code: "cargo/dependency-not-inherited",
        what: `dependency \`${name}\` is taken from a workspace, but the package is in none`,
        where: place.at,
        help: "add the package to a workspace, or write the dependency's version",
      });
  }
}

/** The URL of what an entry of `[patch]` patches, as it stands there: `crates-io`, a registry's name, or a URL. */
export function patchedUrl(source: string, place: ManifestPlace): string {
  if (source === "crates-io") return CRATES_IO.url;
  return place.registryIndex(source) ?? parsedUrl(source) ?? unknownRegistry(source, place);
}

function repository({ source }: ManifestPlace): SourceId {
  return { kind: source.kind, url: source.url, reference: source.reference };
}

function namedRegistry(name: string, place: ManifestPlace): SourceId {
  if (name === "crates-io") return CRATES_IO;
  return registrySourceId(place.registryIndex(name) ?? unknownRegistry(name, place), place.at);
}

function parsedUrl(text: string): string | undefined {
  try {
    return new URL(text).href;
  } catch {
    return undefined;
  }
}

function unknownRegistry(name: string, { at }: ManifestPlace): never {
  throw new DependencySourceError({
    code: "cargo/registry-unknown",
    what: `Cargo's configuration has no registry \`${name}\``,
    where: at,
    help: `set registries.${name}.index in .cargo/config.toml`,
  });
}
