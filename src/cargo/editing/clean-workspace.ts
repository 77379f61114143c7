import { matchesRequirement, parseRequirement, type Version } from "../../semver/index.ts";
import {
  type DocumentItem,
  type DocumentTable,
  documentItem,
  formatTomlDocument,
  parseTomlDocument,
  type TomlDocument,
} from "../../toml/index.ts";
import {
  matchesPackageIdSpec,
  type PackageIdSpec,
  parsePackageIdSpec,
  type SpecifiedPackage,
} from "../package-id-spec.ts";
import type { EditedManifest } from "./add-project.ts";
import { type DependencyEntry, entryKey, entryVersion, readEntry } from "./dependency-entry.ts";
import { presentSections } from "./dependency-section.ts";
import { entryUrl, type RegistryIndex } from "./entry-url.ts";

/**
 * What `cargo remove` of 1.95 makes of the manifest of a workspace's root after it has written that of the package: entries of
 * `[workspace.dependencies]` that no member uses go, and profile overrides and entries of `[replace]` for packages that no
 * member depends on. It is written always, also when nothing goes.
 *
 * @param members Every member's manifest as it is now; the root's too, when it is a package.
 * @throws {ManifestEditError | PackageIdSpecError} for entries that cargo can not read either.
 * @throws {TomlError} `toml/syntax`.
 */
export function cleanWorkspace(
  root: EditedManifest,
  members: readonly EditedManifest[],
  registryIndex: RegistryIndex,
): string {
  const document = parseTomlDocument(root.text, root.at);
  const uses = members.flatMap((member) => usesOf(member, registryIndex));
  const used = withoutUnusedShared(document, uses, { root, registryIndex });
  const isUsed = (spec: string): boolean => isDependedOn(parsePackageIdSpec(spec), used);
  const profiles = shownWithKeys(documentItem(document.root, "profile"));
  for (const { item } of profiles?.entries ?? []) {
    const overrides = shownWithKeys(documentItem(shownWithKeys(item), "package"));
    // Which packages a pattern means can not be told.
    keepOnly(overrides, (spec) => /[*?[\]]/.test(spec) || isUsed(spec));
  }
  keepOnly(shownWithKeys(documentItem(document.root, "replace")), isUsed);
  return formatTomlDocument(document);
}

/** A dependency of a member, and where it comes from. */
interface Use {
  readonly entry: DependencyEntry;
  /** As cargo sees it here: paths from the manifest itself, not from its directory. */
  readonly url: () => string | undefined;
}

function usesOf({ text, at, directory }: EditedManifest, registryIndex: RegistryIndex): readonly Use[] {
  const place = { at, directory: `${directory}/Cargo.toml` };
  return presentSections(parseTomlDocument(text, at)).flatMap(({ table }) =>
    table.entries.map(({ key, item }) => useOf(readEntry(key.name, item, place), { at, registryIndex })),
  );
}

function useOf(entry: DependencyEntry, { at, registryIndex }: { at: string; registryIndex: RegistryIndex }): Use {
  return { entry, url: () => entryUrl(entry, registryIndex, at) };
}

interface Cleaning {
  readonly root: EditedManifest;
  readonly registryIndex: RegistryIndex;
}

/** Takes away what no member shares; gives back the uses with what is shared in the place of references to it. */
function withoutUnusedShared(document: TomlDocument, uses: readonly Use[], cleaning: Cleaning): readonly Use[] {
  const { root, registryIndex } = cleaning;
  const shared = shownWithKeys(documentItem(documentItem(document.root, "workspace"), "dependencies"));
  if (shared === undefined) return uses;
  const entries = new Map(
    shared.entries.map(({ key, item }) => [
      key.name,
      useOf(readEntry(key.name, item, root), { at: root.at, registryIndex }),
    ]),
  );
  const keys = uses.map(({ entry }) => (entry.source?.kind === "workspace" ? entryKey(entry) : undefined));
  keepOnly(shared, (name) => keys.includes(name));
  return uses.map((use, index) => entries.get(keys[index] ?? "") ?? use);
}

function isDependedOn(spec: PackageIdSpec, uses: readonly Use[]): boolean {
  const version = wholeVersion(spec);
  return uses.some(({ entry, url }) => {
    if (entry.name !== spec.name) return false;
    const requirement = entryVersion(entry);
    if (version !== undefined) {
      if (requirement === undefined || !matchesRequirement(parseRequirement(requirement), version)) return false;
    }
    const source = url();
    return source !== undefined && (spec.url === undefined || spec.url === source);
  });
}

/** A specification's version, when it has all three numbers. */
function wholeVersion({ version }: PackageIdSpec): Version | undefined {
  if (version?.minor === undefined || version.patch === undefined) return undefined;
  const { major, minor, patch, pre = "", build = "" } = version;
  return { major, minor, patch, pre, build };
}

/**
 * The manifest of a workspace's root without the entries of `[patch]` that a resolution did not use; `undefined` when there
 * are none, and nothing is to be written.
 *
 * @param unused What the lockfile made after `cleanWorkspace` lists as unused patches.
 * @throws {ManifestEditError | PackageIdSpecError} for entries that cargo can not read either.
 * @throws {TomlError} `toml/syntax`.
 */
export function withoutUnusedPatches(
  { text, at, directory }: EditedManifest,
  unused: readonly SpecifiedPackage[],
  registryIndex: RegistryIndex,
): string | undefined {
  const document = parseTomlDocument(text, at);
  const place = { at, directory: `${directory}/Cargo.toml` };
  let isChanged = false;
  for (const { item } of shownWithKeys(documentItem(document.root, "patch"))?.entries ?? []) {
    keepOnly(shownWithKeys(item), (name, patch) => {
      const entry = readEntry(name, patch, place);
      const url = entryUrl(entry, registryIndex, at);
      const isUnused = url !== undefined && names(parsePackageIdSpec(`${url}#${entry.name}`), unused);
      isChanged ||= isUnused;
      return !isUnused;
    });
  }
  return isChanged ? formatTomlDocument(document) : undefined;
}

/** Whether a specification means just one of the packages. */
function names(spec: PackageIdSpec, packages: readonly SpecifiedPackage[]): boolean {
  return packages.filter((candidate) => matchesPackageIdSpec(spec, candidate)).length === 1;
}

/** A table that, and the tables around which, are not shown when nothing is left in them. */
function shownWithKeys(item: DocumentItem | undefined): DocumentTable | undefined {
  if (item?.kind !== "table") return undefined;
  item.isImplicit = true;
  return item;
}

function keepOnly(table: DocumentTable | undefined, keeps: (name: string, item: DocumentItem) => boolean): void {
  if (table !== undefined) table.entries = table.entries.filter(({ key, item }) => keeps(key.name, item));
}
