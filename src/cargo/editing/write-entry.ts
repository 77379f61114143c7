import {
  type DocumentEntry,
  type DocumentItem,
  type DocumentTableLike,
  type DocumentValue,
  documentItem,
  isTableLike,
  newArray,
  newInlineTable,
  newScalar,
  removeDocumentItem,
  resetDecor,
  resetKey,
  setDocumentItem,
  textOf,
} from "../../toml/index.ts";
import { relativeDirectory } from "../slash-path.ts";
import { compareUtf8 } from "../utf8-order.ts";
import type { DependencyEntry, EntrySource } from "./dependency-entry.ts";

/**
 * What cargo writes for a dependency that has no entry yet.
 *
 * @param directory Absolute path of the package's directory.
 */
export function newEntryItem(entry: DependencyEntry, directory: string): DocumentValue {
  const { source } = entry;
  const isPlain =
    entry.public !== true &&
    entry.optional !== true &&
    entry.defaultFeatures !== false &&
    [entry.features, entry.registry, entry.rename].every((value) => value === undefined);
  if (isPlain && source?.kind === "registry") return newScalar(source.version);
  if (isPlain && source?.kind === "workspace") {
    return { ...newInlineTable([["workspace", newScalar(true)]]), isDotted: true };
  }
  const isVersioned = source !== undefined && source.kind !== "workspace" && source.version !== undefined;
  const keys: readonly (readonly [string, string | boolean | readonly string[] | undefined])[] = [
    ...sourceKeys(source, directory),
    ["registry", isVersioned ? entry.registry : undefined],
    ["package", entry.rename === undefined ? undefined : entry.name],
    ["default-features", entry.defaultFeatures],
    ["features", entry.features],
    ["optional", entry.optional],
    ["public", entry.public],
  ];
  return newInlineTable(keys.flatMap(([key, value]) => (value === undefined ? [] : [[key, valueOf(value)] as const])));
}

type SourceKey = readonly [key: string, value: string | boolean | undefined];

/** In the order in which a new entry has them. */
function sourceKeys(source: EntrySource | undefined, directory: string): readonly SourceKey[] {
  switch (source?.kind) {
    case undefined:
      return [];
    case "registry":
      return [["version", source.version]];
    case "path":
      return [
        ["version", source.version],
        ["path", relativeDirectory(directory, source.directory)],
      ];
    case "git":
      return [
        ["git", source.url],
        ["branch", source.branch],
        ["tag", source.tag],
        ["rev", source.rev],
        ["version", source.version],
      ];
    case "workspace":
      return [["workspace", true]];
  }
}

function valueOf(value: string | boolean | readonly string[]): DocumentValue {
  return typeof value === "string" || typeof value === "boolean" ? newScalar(value) : newArray(value.map(newScalar));
}

/** Makes an entry say what `dependency` says, and keeps of its form what cargo keeps. */
export function updateEntry(entry: DocumentEntry, dependency: DependencyEntry, directory: string): void {
  const { item } = entry;
  if (isTableLike(item) && item.entries.length !== 1) updateTable(item, entry, { dependency, directory });
  else replaceItem(entry, newEntryItem(dependency, directory));
  if (entry.item.kind === "inline-table") resetDecor(entry.item);
}

/** A text, or a table with one key, has little to keep. */
function replaceItem(entry: DocumentEntry, value: DocumentValue): void {
  const old = entry.item;
  if (old.kind !== "table" && old.kind !== "tables") value.decor = old.decor;
  entry.item = value;
}

interface Update {
  readonly dependency: DependencyEntry;
  readonly directory: string;
}

function updateTable(table: DocumentTableLike, { key }: DocumentEntry, { dependency, directory }: Update): void {
  const { source } = dependency;
  if (source !== undefined) updateSource(table, source, directory);
  if (source?.kind === "workspace") {
    table.isDotted = true;
    resetKey(key);
  }
  const isVersioned = documentItem(table, "version") !== undefined;
  put(table, "registry", isVersioned ? dependency.registry : undefined);
  if (dependency.rename !== undefined) put(table, "package", dependency.name);
  put(table, "default-features", dependency.defaultFeatures);
  putUndotted(table, "features", mergedFeatures(documentItem(table, "features"), dependency.features));
  putUndotted(table, "optional", dependency.optional);
  putUndotted(table, "public", dependency.public);
}

/** What an entry can not have beside its source. */
const FOREIGN_KEYS: Readonly<Record<EntrySource["kind"], readonly string[]>> = {
  registry: ["path", "git", "branch", "tag", "rev", "workspace", "base"],
  path: ["git", "branch", "tag", "rev", "workspace", "base"],
  git: ["path", "workspace", "base"],
  workspace: [
    "version",
    "registry",
    "registry-index",
    "path",
    "git",
    "branch",
    "tag",
    "rev",
    "package",
    "default-features",
    "base",
  ],
};

/** In an entry that is there, `path` comes before `version`. */
function updateSource(table: DocumentTableLike, source: EntrySource, directory: string): void {
  const keys = sourceKeys(source, directory);
  for (const [key, value] of source.kind === "path" ? keys.toReversed() : keys) put(table, key, value);
  for (const key of FOREIGN_KEYS[source.kind]) removeDocumentItem(table, key);
}

function mergedFeatures(
  written: DocumentItem | undefined,
  features: readonly string[] | undefined,
): readonly string[] | undefined {
  if (features === undefined) return undefined;
  const texts = written?.kind === "array" ? written.values.flatMap((value) => textOf(value) ?? []) : [];
  const isSorted = texts.every((text, index) => index === 0 || compareUtf8(texts[index - 1] ?? "", text) <= 0);
  const merged = [...new Set([...texts, ...features])];
  return isSorted ? merged.sort(compareUtf8) : merged;
}

/** Something that only `{ … }` or a table of its own can say beside `workspace`. */
function putUndotted(table: DocumentTableLike, key: string, value: boolean | readonly string[] | undefined): void {
  if (value !== undefined) table.isDotted = false;
  put(table, key, value);
}

/** Writes a value in the place and between the blanks of the old one. */
function put(table: DocumentTableLike, key: string, value: string | boolean | readonly string[] | undefined): void {
  if (value === undefined) {
    removeDocumentItem(table, key);
    return;
  }
  const old = documentItem(table, key);
  const item = valueOf(value);
  if (old !== undefined && old.kind !== "table" && old.kind !== "tables") item.decor = old.decor;
  setDocumentItem(table, key, item);
}
