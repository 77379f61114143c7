import { formatVersion } from "../../semver/index.ts";
import { documentItem } from "../../toml/index.ts";
import type { FeatureTable } from "../features.ts";
import type { AddProject, OpenManifest } from "./add-project.ts";
import type { DependencyRequest } from "./add-request.ts";
import { leastVersion } from "./available-features.ts";
import {
  type DependencyEntry,
  describeEntry,
  entryKey,
  entryVersion,
  readEntry,
  withoutBuild,
  withoutVersion,
} from "./dependency-entry.ts";
import { type DependencySection, tableAt } from "./dependency-section.ts";
import { contradictory, impossible, ManifestEditError } from "./edit-error.ts";
import type { EditMessage } from "./edit-message.ts";
import { existingDependency } from "./existing-dependency.ts";
import type { Asking } from "./found-package.ts";
import { latestVersion, type RustLimit } from "./latest-version.ts";
import { entryOfPackage, otherSpellings, packagesFor, requestedEntry } from "./package-queries.ts";

/** What a dependency is looked up in. */
export interface Surroundings {
  readonly project: AddProject;
  readonly manifest: OpenManifest;
  readonly workspace: OpenManifest;
  readonly section: DependencySection;
  readonly tell: (message: EditMessage) => void;
}

/** A dependency as it will be written, and what may be asked of it. */
export interface FoundDependency {
  readonly entry: DependencyEntry;
  /** Features that the workspace's entry asks for. */
  readonly inherited: readonly string[];
  readonly available: FeatureTable;
  /** The version whose features these are, without build metadata. */
  readonly availableVersion: string;
}

/**
 * Completes a request as cargo does: from what the manifest has, the workspace, its members, and at last the registry.
 *
 * @throws {ManifestEditError}
 */
export function* findDependency(request: DependencyRequest, around: Surroundings): Asking<FoundDependency> {
  const { section, tell } = around;
  const asked = withRequest(yield* requestedEntry(request), request);
  const { entry, found: old } = lookedUp(asked, (key) => existingDependency(around.manifest, key, section), tell);
  let dependency = old === undefined ? entry : merged(entry, old, request);
  if (dependency.source === undefined) dependency = yield* withSource(dependency, around);
  if (dependency.source?.kind === "workspace") refuseWorkspaceKeys(entryKey(dependency), request);
  const keepsVersion = old !== undefined && entryVersion(old) !== undefined;
  if (section.kind === "dev" && dependency.source?.kind !== "registry" && !keepsVersion) {
    dependency = withoutVersion(dependency);
  }
  return yield* withFeatures(dependency, around);
}

function withRequest(entry: DependencyEntry, request: DependencyRequest): DependencyEntry {
  const { registry, optional, public: isPublic, defaultFeatures, features, rename } = request;
  return {
    ...entry,
    registry: registry ?? entry.registry,
    optional: optional === undefined ? entry.optional : optional || undefined,
    public: isPublic === undefined ? entry.public : isPublic || undefined,
    defaultFeatures: defaultFeatures === undefined ? entry.defaultFeatures : defaultFeatures ? undefined : false,
    features: features === undefined ? entry.features : [...new Set([...(entry.features ?? []), ...features])],
    rename: rename ?? entry.rename,
  };
}

/** An entry of another package gives away only whether it is optional. */
function merged(entry: DependencyEntry, old: DependencyEntry, request: DependencyRequest): DependencyEntry {
  if (old.name !== entry.name) return { ...entry, optional: entry.optional ?? old.optional };
  return withRequest({ ...old, source: entry.source ?? old.source }, request);
}

interface LookedUp {
  readonly entry: DependencyEntry;
  readonly found: DependencyEntry | undefined;
}

type Lookup = (key: string) => DependencyEntry | undefined;

/** Looks for an entry under its key, then with `-` and `_` exchanged, which counts for packages of registries only. */
function lookedUp(entry: DependencyEntry, lookup: Lookup, tell: Surroundings["tell"]): LookedUp {
  if (entry.rename !== undefined) return { entry, found: lookup(entry.rename) };
  const found = lookup(entry.name);
  if (found !== undefined) return { entry, found };
  for (const name of otherSpellings(entry.name)) {
    const other = lookup(name);
    if (other?.source?.kind !== "registry") continue;
    tell({ kind: "translated", from: entry.name, to: name });
    return { entry: { ...entry, name }, found: other };
  }
  return { entry, found: undefined };
}

function* withSource(dependency: DependencyEntry, around: Surroundings): Asking<DependencyEntry> {
  const { project, section, tell } = around;
  const { entry, found } = lookedUp(dependency, (key) => readableWorkspaceEntry(key, around), tell);
  if (found !== undefined) return { ...entry, source: { kind: "workspace" } };
  const member = project.members.find(({ name }) => name === dependency.name);
  if (member !== undefined) {
    const version = section.kind === "dev" ? undefined : withoutBuild(member.version);
    return { ...dependency, source: { kind: "path", directory: member.directory, version } };
  }
  return yield* withLatest(dependency, around);
}

function* withLatest(dependency: DependencyEntry, { project, tell }: Surroundings): Asking<DependencyEntry> {
  const limit = rustLimit(project);
  const choice = latestVersion(yield* packagesFor(dependency), limit);
  if (choice.kind === "none") throw notInRegistry(dependency);
  if (choice.kind === "none-compatible") {
    const { version, rustVersion } = choice.latest;
    const latest = `${dependency.name}@${formatVersion(version)}`;
    throw new ManifestEditError({
      code: "cargo/no-such-package",
      what: limit?.isDeclared
        ? `no version of crate \`${dependency.name}\` can maintain ${project.name}'s rust-version of ${limit.version}`
        : `no version of crate \`${dependency.name}\` is compatible with rustc ${limit?.version}`,
      help: `pass \`--ignore-rust-version\` to select ${latest} which requires rustc ${rustVersion}`,
    });
  }
  const { passedOver } = choice;
  if (passedOver !== undefined && limit !== undefined) {
    tell({
      kind: "passed-over",
      dependency: describeEntry(dependency),
      version: formatVersion(passedOver.version),
      needs: passedOver.rustVersion ?? "",
      keeps: limit.isDeclared ? project.name : undefined,
      rust: limit.version,
    });
  }
  const { name, source } = entryOfPackage(choice.package);
  if (name !== dependency.name) tell({ kind: "translated", from: dependency.name, to: name });
  return { ...dependency, name, source };
}

function rustLimit({ rustVersion, rustc, ignoresRust }: AddProject): RustLimit | undefined {
  if (ignoresRust) return undefined;
  if (rustVersion !== undefined) return { version: rustVersion, isDeclared: true };
  return rustc === undefined ? undefined : { version: rustc, isDeclared: false };
}

/** Beside `workspace = true` nothing may be said that the workspace decides. */
function refuseWorkspaceKeys(key: string, { defaultFeatures, registry, rename }: DependencyRequest): void {
  const refuse = (flag: string, field: string): never => {
    throw contradictory(
      `cannot override workspace dependency with \`${flag}\`, either change \`workspace.dependencies.${key}.${field}\` or define the dependency exclusively in the package's manifest`,
    );
  };
  if (defaultFeatures !== undefined) refuse("--default-features", "default-features");
  if (registry !== undefined) refuse("--registry", "registry");
  if (rename !== undefined) refuse("--rename", "package");
}

function* withFeatures(entry: DependencyEntry, around: Surroundings): Asking<FoundDependency> {
  const shared = entry.source?.kind === "workspace" ? workspaceEntry(entryKey(entry), around) : undefined;
  if (shared?.source?.kind === "workspace") {
    throw impossible(
      `dependency (${entryKey(entry)}) specified without providing a local path, Git repository, or version`,
      around.workspace.place.at,
    );
  }
  const found = leastVersion(yield* packagesFor(shared ?? entry));
  if (found === undefined) throw notInRegistry(entry);
  return {
    entry,
    inherited: shared?.features ?? [],
    available: found.features,
    availableVersion: withoutBuild(formatVersion(found.version)),
  };
}

function readableWorkspaceEntry(key: string, around: Surroundings): DependencyEntry | undefined {
  try {
    return workspaceEntry(key, around);
  } catch (error) {
    if (error instanceof ManifestEditError) return undefined;
    throw error;
  }
}

function workspaceEntry(key: string, { workspace: { document, place } }: Surroundings): DependencyEntry {
  const item = documentItem(tableAt(document, ["workspace", "dependencies"]), key);
  if (item !== undefined) return readEntry(key, item, place);
  throw impossible(`could not find ${key} in \`workspace.dependencies\``, place.at, "add it there");
}

function notInRegistry(dependency: DependencyEntry): ManifestEditError {
  return new ManifestEditError({
    code: "cargo/no-such-package",
    what: `the crate \`${describeEntry(dependency)}\` could not be found in registry index`,
    help: "check the name and the version",
  });
}
