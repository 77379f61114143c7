import {
  CRATES_IO,
  dependencySourceId,
  directoryOf,
  type ManifestDependency,
  type ManifestFacts,
  type ManifestPatch,
  type ManifestPlace,
  parsePackageIdSpec,
  parsePartialVersion,
  patchedUrl,
  pathSourceId,
  type Workspace,
} from "../cargo/index.ts";
import { parseRequirement, type Version } from "../semver/index.ts";
import type { PackageSummary, SummaryDependency } from "./package-summary.ts";
import type { PatchRequest } from "./register-patches.ts";
import type { ReplacementRequest } from "./replacements.ts";
import type { ResolveRequest } from "./resolve.ts";
import { ResolveError } from "./resolve-error.ts";

/** What Cargo's configuration and the command line add to the manifests. */
export interface ResolutionSettings {
  /** The index of a registry by its name: a URL, for a sparse one with `sparse+`. */
  readonly registryIndex: (name: string) => string | undefined;
  /** `[patch]` of Cargo's configuration, which comes before that of the manifest; paths are absolute. */
  readonly patches?: readonly ManifestPatch[];
  /** `resolver.incompatible-rust-versions`; `allow` also for `--ignore-rust-version`. Without it the resolver's version decides. */
  readonly incompatibleRustVersions?: "allow" | "fallback" | undefined;
  /** The version of rustc, which counts when no member says which one it needs. */
  readonly rustVersion?: string | undefined;
}

/**
 * What a workspace asks to be resolved.
 *
 * @throws {ResolveError} `resolve/resolver-unknown` for a resolver that cargo does not have, and
 * `resolve/rust-version-unknown` when rustc's version counts but is not given.
 * @throws {DependencySourceError | SourceIdError | PackageIdSpecError} for manifests that can not be understood.
 */
export function workspaceRequest(
  { root, members }: Workspace,
  settings: ResolutionSettings,
): Omit<ResolveRequest, "previous"> {
  const place = placeOf(root.root, settings);
  return {
    members: members.map(({ manifestPath, manifest }) => packageSummary(manifest, placeOf(manifestPath, settings))),
    rustVersions: preferredRustVersions({ root, members }, settings),
    patches: combinedPatches(patchRequests(settings.patches ?? [], place), patchRequests(root.manifest.patches, place)),
    replacements: root.manifest.replacements.map(({ spec, dependency }) => replacement(spec, dependency, place)),
  };
}

/** Of two tables for one URL, written differently, cargo takes the second. */
function patchRequests(patches: readonly ManifestPatch[], place: ManifestPlace): readonly PatchRequest[] {
  const lastTables = new Map(patches.map(({ source }) => [patchedUrl(source, place), source]));
  return patches
    .map(({ source, dependency }) => ({ source, dependency, url: patchedUrl(source, place) }))
    .filter(({ source, url }) => lastTables.get(url) === source)
    .map(({ dependency, url }) => ({ url, dependency: summaryDependency(dependency, place) }));
}

/** For each URL the configuration's patches, then those of the manifest whose names are free. */
function combinedPatches(config: readonly PatchRequest[], manifest: readonly PatchRequest[]): readonly PatchRequest[] {
  const urls = new Set([...config, ...manifest].map(({ url }) => url));
  return [...urls].flatMap((url) => {
    const first = config.filter((patch) => patch.url === url);
    const rest = manifest.filter((patch) => patch.url === url);
    for (const { dependency } of first) {
      const at = rest.findIndex((patch) => patch.dependency.name === dependency.name);
      if (at === -1) continue;
      // Cargo fills the gap with the last one, which shows in the order of unused patches.
      const last = rest.pop();
      if (last !== undefined && at < rest.length) rest[at] = last;
    }
    return [...first, ...rest];
  });
}

/** Where a manifest is that is read from a directory. */
function placeOf(manifestPath: string, { registryIndex }: ResolutionSettings): ManifestPlace {
  const directory = directoryOf(manifestPath);
  return { at: manifestPath, directory, source: pathSourceId(directory), registryIndex };
}

/**
 * What resolution needs of a package with a manifest.
 *
 * @throws {DependencySourceError | SourceIdError} for a dependency whose source can not be told.
 */
export function packageSummary(manifest: ManifestFacts, place: ManifestPlace): PackageSummary {
  return {
    name: manifest.name ?? "",
    version: manifest.version ?? "0.0.0",
    source: place.source,
    dependencies: manifest.dependencies.map((dependency) => summaryDependency(dependency, place)),
    features: manifest.features,
    links: manifest.links,
    rustVersion: manifest.rustVersion,
  };
}

function summaryDependency(dependency: ManifestDependency, place: ManifestPlace): SummaryDependency {
  const { name, packageName, requirement, kind, target, features, optional, defaultFeatures } = dependency;
  const source = dependencySourceId(dependency.source, name, place);
  return { name, packageName, source, requirement, kind, target, features, optional, defaultFeatures };
}

function replacement(text: string, dependency: ManifestDependency, place: ManifestPlace): ReplacementRequest {
  const spec = parsePackageIdSpec(text);
  const { version } = spec;
  const { minor, patch, pre = "" } = version ?? { minor: undefined, patch: undefined };
  if (version === undefined || minor === undefined || patch === undefined) throw replacesNoVersion(text, place.at);
  const exact = parseRequirement(`=${version.major}.${minor}.${patch}${pre === "" ? "" : `-${pre}`}`);
  return {
    spec: { ...spec, url: spec.url ?? CRATES_IO.url },
    dependency: { ...summaryDependency(dependency, place), packageName: spec.name, requirement: exact },
  };
}

/** The Rust versions that the workspace wants to be compatible with; none when it does not care. */
function preferredRustVersions({ root, members }: Workspace, settings: ResolutionSettings): readonly Version[] {
  const { incompatibleRustVersions, rustVersion } = settings;
  const isPreferred =
    incompatibleRustVersions === undefined
      ? resolverOf(root.manifest, root.root) === "3"
      : incompatibleRustVersions === "fallback";
  if (!isPreferred) return [];
  const wanted = members.flatMap(({ manifest }) => manifest.rustVersion ?? []);
  if (wanted.length > 0) return wanted.map((text) => wholeVersion(text, root.root));
  if (rustVersion === undefined) throw rustVersionUnknown(root.root);
  return [wholeVersion(rustVersion, root.root)];
}

/** Numbers that are missing are zero; a pre-release counts as the release. */
function wholeVersion(text: string, at: string): Version {
  const partial = parsePartialVersion(text);
  if (partial === undefined) throw rustVersionUnknown(at);
  return { major: partial.major, minor: partial.minor ?? 0, patch: partial.patch ?? 0, pre: "", build: "" };
}

/**
 * The resolver's version that a workspace has: as written, else by the root package's edition.
 *
 * @throws {ResolveError} `resolve/resolver-unknown`.
 * @see The Cargo Book, "Resolver versions".
 */
export function resolverOf({ resolver, edition, isVirtual }: ManifestFacts, at: string): "1" | "2" | "3" {
  if (resolver === "1" || resolver === "2" || resolver === "3") return resolver;
  if (resolver !== undefined) throw resolverUnknown(resolver, at);
  if (isVirtual || edition === undefined || edition === "2015" || edition === "2018") return "1";
  return edition === "2021" ? "2" : "3";
}

function resolverUnknown(resolver: string, where: string): ResolveError {
  return new ResolveError({
    code: "resolve/resolver-unknown",
    what: `the manifest asks for resolver "${resolver}", but cargo has only "1", "2" and "3"`,
    where,
    help: "correct `resolver` in the manifest",
  });
}

function rustVersionUnknown(where: string): ResolveError {
  return new ResolveError({
    code: "resolve/rust-version-unknown",
    what: "resolver 3 prefers crates that work with the workspace's Rust version, but nothing tells which one that is",
    where,
    help: "set `rust-version` in the manifest, or pass --rust-version",
  });
}

function replacesNoVersion(spec: string, where: string): ResolveError {
  return new ResolveError({
    code: "resolve/replacement-invalid",
    what: `[replace] has an entry "${spec}", which names no version to replace`,
    where,
    help: 'write the package and its full version, such as "foo:1.2.3", or use [patch] instead',
  });
}
