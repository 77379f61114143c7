import {
  type DocumentTableLike,
  documentEntry,
  documentTableAt,
  formatTomlDocument,
  newArray,
  newScalar,
  parseTomlDocument,
  setDocumentItem,
  sortDocumentTable,
  writtenKeys,
} from "../../toml/index.ts";
import { parsePartialVersion } from "../package-id-spec.ts";
import { relativeDirectory } from "../slash-path.ts";
import { compareUtf8 } from "../utf8-order.ts";
import type { AddProject, EditedManifest, OpenManifest } from "./add-project.ts";
import type { DependencyRequest } from "./add-request.ts";
import { refuseUnknownFeatures, selectFeatures } from "./available-features.ts";
import { type DependencyEntry, entryKey, entryVersion } from "./dependency-entry.ts";
import { type DependencySection, legacySections, sectionPath, tableAt } from "./dependency-section.ts";
import { contradictory, impossible, ManifestEditError } from "./edit-error.ts";
import type { EditMessage } from "./edit-message.ts";
import { fitFeatures, isNamedExplicitly } from "./feature-references.ts";
import { type FoundDependency, findDependency, type Surroundings } from "./find-dependency.ts";
import type { Asking } from "./found-package.ts";
import { shownVersion } from "./shown-version.ts";
import { newEntryItem, updateEntry } from "./write-entry.ts";

/** What became of an edit. What was to be told before it failed is in `messages` all the same. */
export type EditOutcome =
  | { readonly kind: "edited"; readonly text: string; readonly messages: readonly EditMessage[] }
  | { readonly kind: "refused"; readonly error: ManifestEditError; readonly messages: readonly EditMessage[] };

/**
 * Writes dependencies into a package's manifest, exactly as `cargo add` of 1.95 does. Does no input or output: it yields
 * what it has to know, and is resumed with it.
 *
 * Cargo resolves afterwards, and leaves the manifest as it is here even if that fails.
 *
 * @throws {TomlError} `toml/syntax`.
 */
export function* addDependencies(
  project: AddProject,
  requests: readonly DependencyRequest[],
  section: DependencySection,
): Asking<EditOutcome> {
  const messages: EditMessage[] = [];
  const tell = (message: EditMessage): void => void messages.push(message);
  const manifest = openManifest(project.manifest);
  const around: Surroundings = { project, manifest, workspace: openManifest(project.workspace), section, tell };
  try {
    refuseLegacySections(manifest);
    const found: FoundDependency[] = [];
    for (const request of requests) found.push(yield* findDependency(request, around));
    const isSorted = isInOrder(tableAt(manifest.document, sectionPath(section)));
    for (const dependency of found) write(dependency, around);
    if (isSorted) sortDocumentTable(sectionTable(around), compareUtf8);
    return { kind: "edited", text: formatTomlDocument(manifest.document), messages };
  } catch (error) {
    if (error instanceof ManifestEditError) return { kind: "refused", error, messages };
    throw error;
  }
}

/** Takes a manifest apart. */
function openManifest({ text, at, directory }: EditedManifest): OpenManifest {
  return { document: parseTomlDocument(text, at), place: { at, directory } };
}

function refuseLegacySections({ document, place }: OpenManifest): void {
  const legacy = legacySections(document);
  if (legacy.length === 0) return;
  throw impossible(
    `Deprecated dependency sections are unsupported: ${legacy.join(", ")}`,
    place.at,
    "write `dev-dependencies` and `build-dependencies`",
  );
}

/** Whether a section's keys stand in byte order, as far as they stand below its header; one that is missing is in order. */
function isInOrder(table: DocumentTableLike | undefined): boolean {
  if (table?.kind !== "table") return true;
  const names = writtenKeys(table);
  return names.every((name, index) => index === 0 || compareUtf8(names[index - 1] ?? "", name) <= 0);
}

function write({ entry, inherited, available, availableVersion }: FoundDependency, around: Surroundings): void {
  const { project, manifest, section, tell } = around;
  tell({ kind: "adding", entry, section });
  refuseItself(entry, project);
  refuseUnknownFeatures(entry, inherited, available);
  const selection = selectFeatures(entry, inherited, available);
  if (selection.activated.length + selection.deactivated.length > 0) {
    const shown = shownVersion(entryVersion(entry) ?? "");
    tell({ kind: "features", asOf: shown === availableVersion ? undefined : availableVersion, selection });
  }
  const table = sectionTable(around);
  const key = entryKey(entry);
  const old = documentEntry(table, key);
  if (old === undefined) setDocumentItem(table, key, newEntryItem(entry, project.manifest.directory));
  else updateEntry(old, entry, project.manifest.directory);
  if (entry.optional === true) addFeature(key, around);
  fitFeatures(manifest.document, key);
}

function refuseItself({ source }: DependencyEntry, { name, manifest }: AddProject): void {
  if (source?.kind !== "path" || relativeDirectory(manifest.directory, source.directory) !== "") return;
  throw contradictory(`cannot add \`${name}\` as a dependency to itself`);
}

/** A feature for an optional dependency, unless the package is meant for a cargo that does not know `dep:`. */
function addFeature(key: string, { project, manifest, tell }: Surroundings): void {
  if (!knowsDep(project.rustVersion) || isNamedExplicitly(manifest.document, key)) return;
  const features = documentTableAt(manifest.document.root, "features");
  if (features === undefined) throw impossible("`features` is not a table", manifest.place.at);
  setDocumentItem(features, key, newArray([newScalar(`dep:${key}`)]));
  tell({ kind: "adding-feature", feature: key });
}

/** Cargo compares with 1.60.0, and takes a version with fewer numbers for an older one. */
function knowsDep(rustVersion: string | undefined): boolean {
  if (rustVersion === undefined) return true;
  const version = parsePartialVersion(rustVersion);
  if (version === undefined) return true;
  const { major, minor, patch } = version;
  if (major !== 1) return major > 1;
  if (minor === undefined || minor !== 60) return minor !== undefined && minor > 60;
  return patch !== undefined;
}

function sectionTable({ manifest: { document, place }, section }: Surroundings): DocumentTableLike {
  let table: DocumentTableLike = document.root;
  for (const name of sectionPath(section)) {
    const below = documentTableAt(table, name);
    if (below === undefined) throw impossible(`\`${name}\` is not a table`, place.at);
    table = below;
  }
  return table;
}
