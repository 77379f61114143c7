import {
  type GitReference,
  gitIdent,
  isCratesIo,
  parseSourceId,
  registryIdent,
  type SourceId,
} from "../cargo/index.ts";
import type { HubLock } from "../formats/index.ts";
import { gitSourceDirectory, shortCommit, sourceDirectory } from "./layout.ts";

/** A source of the lockfiles and the directory source that holds its packages in a hub. */
export interface PlacedSource {
  /** As the lockfile has it; of a git repository without the commit. */
  readonly sourceId: SourceId;
  /** The directory source's name in Cargo's configuration. One per kind, so that nested definitions never collide. */
  readonly name: string;
  /** Relative to `.cargo`; `/` separates. */
  readonly directory: string;
}

/** Where a registry's crates lie. */
function placedRegistry(sourceId: SourceId): PlacedSource {
  const ident = registryIdent(sourceId);
  const name = isCratesIo(sourceId) ? "cargo-hub-dir" : `cargo-hub-dir-${ident}`;
  return { sourceId, name, directory: sourceDirectory(ident) };
}

/** Where the packages of a repository lie that is locked to `commit`. */
function placedRepository(sourceId: SourceId, commit: string): PlacedSource {
  const { url, reference } = sourceId;
  const gident = gitIdent(url);
  return {
    sourceId: withReference(url, reference),
    name: `cargo-hub-git-${gident}-${shortCommit(commit)}`,
    directory: gitSourceDirectory(gident, commit),
  };
}

function withReference(url: string, reference: GitReference | undefined): SourceId {
  return reference === undefined ? { kind: "git", url } : { kind: "git", url, reference };
}

/** The sources of these packages, each once. */
export function placedSources(
  crates: readonly { readonly sourceId: SourceId; readonly source: string }[],
  gitPackages: readonly { readonly sourceId: SourceId; readonly commit: string; readonly source: string }[],
): PlacedSource[] {
  const registries = new Map(crates.map(({ source, sourceId }) => [source, sourceId]));
  const repositories = new Map(gitPackages.map((found) => [found.source, found]));
  return [
    ...[...registries.values()].map(placedRegistry),
    ...[...repositories.values()].map(({ sourceId, commit }) => placedRepository(sourceId, commit)),
  ];
}

/** The source that a lockfile's source text names, placed. */
function placedSource(source: string, at: string): PlacedSource {
  const sourceId = parseSourceId(source, at);
  return sourceId.precise === undefined ? placedRegistry(sourceId) : placedRepository(sourceId, sourceId.precise);
}

/** The sources of everything a hub.lock lists, each once. */
export function sourcesOfLock({ crates, vendored, packages }: HubLock, at: string): PlacedSource[] {
  const texts = new Set([...crates, ...vendored, ...packages].map(({ source }) => source));
  return [...texts].map((text) => placedSource(text, at));
}
