import {
  type DocumentItem,
  documentBoolean,
  documentItem,
  documentText,
  isTableLike,
  textOf,
} from "../../toml/index.ts";
import { joinUnfolded } from "../slash-path.ts";
import { impossible } from "./edit-error.ts";

/** Where an entry says that its package comes from. */
export type EntrySource =
  | { readonly kind: "registry"; readonly version: string }
  /** `directory` is absolute, but not folded: it is written as it was. */
  | { readonly kind: "path"; readonly directory: string; readonly version: string | undefined }
  | ({ readonly kind: "git" } & GitEntry)
  | { readonly kind: "workspace" };

/** The keys of a git dependency. */
export interface GitEntry {
  readonly url: string;
  readonly branch: string | undefined;
  readonly tag: string | undefined;
  readonly rev: string | undefined;
  readonly version: string | undefined;
}

/** A dependency as its entry in a manifest says it; what is `undefined` is not written. */
export interface DependencyEntry {
  /** The package's name. */
  readonly name: string;
  /** The entry's key, when that is written to differ. */
  readonly rename: string | undefined;
  readonly source: EntrySource | undefined;
  readonly registry: string | undefined;
  readonly defaultFeatures: boolean | undefined;
  readonly features: readonly string[] | undefined;
  readonly optional: boolean | undefined;
  readonly public: boolean | undefined;
}

/** An entry that says nothing but a name. */
export function bareEntry(name: string): DependencyEntry {
  return {
    name,
    rename: undefined,
    source: undefined,
    registry: undefined,
    defaultFeatures: undefined,
    features: undefined,
    optional: undefined,
    public: undefined,
  };
}

/** The key an entry stands under. */
export function entryKey({ name, rename }: DependencyEntry): string {
  return rename ?? name;
}

/** The requirement an entry states. */
export function entryVersion({ source }: DependencyEntry): string | undefined {
  return source === undefined || source.kind === "workspace" ? undefined : source.version;
}

/** The entry without its requirement; without its source when that is nothing else. */
export function withoutVersion(entry: DependencyEntry): DependencyEntry {
  const { source } = entry;
  if (source === undefined || source.kind === "workspace") return entry;
  return { ...entry, source: source.kind === "registry" ? undefined : { ...source, version: undefined } };
}

/** An entry in an error message: its package and where it comes from. */
export function describeEntry(entry: DependencyEntry): string {
  const { name, source } = entry;
  return source === undefined ? entryKey(entry) : `${name}@${describeSource(source)}`;
}

/** A source in an error message. */
export function describeSource(source: EntrySource): string {
  switch (source.kind) {
    case "registry":
      return source.version;
    case "path":
      return source.directory;
    case "git": {
      const { url, branch, tag, rev } = source;
      if (branch !== undefined) return `${url}?branch=${formValue(branch)}`;
      if (tag !== undefined) return `${url}?tag=${formValue(tag)}`;
      return rev === undefined ? url : `${url}?rev=${formValue(rev)}`;
    }
    case "workspace":
      return "workspace";
  }
}

function formValue(value: string): string {
  return new URLSearchParams(`value=${encodeURIComponent(value)}`).toString().slice("value=".length);
}

/** Where an entry stands. */
export interface EntryPlace {
  /** The manifest, for error messages. */
  readonly at: string;
  /** Absolute path of the directory that the entry's path is seen from. */
  readonly directory: string;
}

/**
 * Reads an entry as `cargo add` and `cargo remove` do, which know fewer spellings than cargo.
 *
 * @throws {ManifestEditError} `cargo/edit-impossible`.
 */
export function readEntry(key: string, item: DocumentItem, place: EntryPlace): DependencyEntry {
  const version = textOf(item);
  if (version !== undefined) return { ...bareEntry(key), source: registrySource(version) };
  if (!isTableLike(item)) throw impossible(`unrecognized dependency entry format for \`${key}\``, place.at);
  const text = (name: string): string | undefined => textUnder(name, { key, item, at: place.at });
  const packageName = text("package");
  const source = sourceOf(key, item, place);
  const registry = text("registry");
  if (documentItem(item, "default_features") !== undefined) {
    throw impossible(
      `Use of \`default_features\` in \`${key}\` is unsupported, please switch to \`default-features\``,
      place.at,
      "write `default-features` instead",
    );
  }
  return {
    name: packageName ?? key,
    rename: packageName === undefined ? undefined : key,
    source,
    registry,
    defaultFeatures: documentBoolean(item, "default-features"),
    features: featuresOf({ key, item, at: place.at }),
    optional: documentBoolean(item, "optional"),
    public: documentBoolean(item, "public"),
  };
}

/** A registry's requirement. Build metadata means nothing in one, and cargo would warn of it. */
export function registrySource(version: string): EntrySource {
  return { kind: "registry", version: withoutBuild(version) };
}

/** A version without its build metadata. */
export function withoutBuild(version: string): string {
  const plus = version.indexOf("+");
  return plus === -1 ? version : version.slice(0, plus);
}

function sourceOf(key: string, item: DocumentItem, { at, directory }: EntryPlace): EntrySource {
  const text = (name: string): string | undefined => textUnder(name, { key, item, at });
  const version = (): string | undefined => {
    const written = text("version");
    return written === undefined ? undefined : withoutBuild(written);
  };
  const url = text("git");
  if (url !== undefined) return { kind: "git", url, ...lastReference(text), version: version() };
  const path = text("path");
  if (path !== undefined) return { kind: "path", directory: joinUnfolded(directory, path), version: version() };
  const required = text("version");
  if (required !== undefined) return registrySource(required);
  if (documentBoolean(item, "workspace") === true) return { kind: "workspace" };
  if (documentItem(item, "workspace") !== undefined) {
    throw impossible(`\`${key}.workspace = false\` is unsupported`, at);
  }
  throw impossible(
    `dependency (${key}) specified without providing a local path, Git repository, version, or workspace dependency to use`,
    at,
    "write its version",
  );
}

/** Of several references the last one counts. */
function lastReference(text: (name: string) => string | undefined): Pick<GitEntry, "branch" | "tag" | "rev"> {
  const [branch, tag, rev] = [text("branch"), text("tag"), text("rev")];
  if (rev !== undefined) return { branch: undefined, tag: undefined, rev };
  return tag === undefined ? { branch, tag, rev } : { branch: undefined, tag, rev };
}

interface KeyedItem {
  readonly key: string;
  readonly item: DocumentItem;
  readonly at: string;
}

function textUnder(name: string, { key, item, at }: KeyedItem): string | undefined {
  const text = documentText(item, name);
  if (text === undefined && documentItem(item, name) !== undefined) {
    throw impossible(`\`${name}\` of dependency \`${key}\` is not a string`, at);
  }
  return text;
}

function featuresOf({ key, item, at }: KeyedItem): readonly string[] | undefined {
  const features = documentItem(item, "features");
  if (features === undefined) return undefined;
  const texts = features.kind === "array" ? features.values.map(textOf) : [undefined];
  return [...new Set(texts)].map((text) => {
    if (text === undefined) throw impossible(`\`features\` of dependency \`${key}\` is not an array of strings`, at);
    return text;
  });
}
