import { HubError } from "../errors/index.ts";
import { parseRequirement, parseVersion, type Version, VersionError, type VersionNumber } from "../semver/index.ts";
import { isPackageName } from "./names.ts";
import type { GitReference, SourceId, SourceKind } from "./source-id.ts";

/** The code of {@link PackageIdSpecError}. */
export type PackageIdSpecErrorCode = "cargo/package-id-spec-invalid";

/** Text that is no package ID specification. */
export class PackageIdSpecError extends HubError<PackageIdSpecErrorCode> {}

/** A version of which only the beginning may be given. */
export interface PartialVersion {
  readonly major: VersionNumber;
  readonly minor: VersionNumber | undefined;
  readonly patch: VersionNumber | undefined;
  /** Given only with all three numbers, like `build`. */
  readonly pre: string | undefined;
  readonly build: string | undefined;
}

/** Names one package of a graph, or several when it says too little. */
export interface PackageIdSpec {
  readonly name: string;
  readonly version: PartialVersion | undefined;
  /** The source's URL; of a sparse registry with its `sparse+`. */
  readonly url: string | undefined;
  readonly kind: SourceKind | undefined;
  /** Only for kind `git`; `undefined` is the default branch. */
  readonly reference: GitReference | undefined;
}

/** A package that a specification may mean. */
export interface SpecifiedPackage {
  readonly name: string;
  readonly version: Version;
  readonly source: SourceId;
}

/**
 * Reads a package ID specification: `name`, `name@1.2`, `name:1.2.3`, or a source's URL with `#name`, `#1.2` or `#name@1.2`.
 *
 * @throws {PackageIdSpecError} `cargo/package-id-spec-invalid`.
 * @see The Cargo Book, "Package ID Specifications".
 */
export function parsePackageIdSpec(text: string): PackageIdSpec {
  const url = text.includes("://") ? parsedUrl(text) : undefined;
  if (url !== undefined) return specOfUrl(url, text);
  const { name, version } = nameAndVersion(text, text) ?? { name: text, version: undefined };
  return { name: checkedName(name, text), version, url: undefined, kind: undefined, reference: undefined };
}

/** Whether a specification admits a package. A pre-release must be asked for as one. */
export function matchesPackageIdSpec(spec: PackageIdSpec, { name, version, source }: SpecifiedPackage): boolean {
  if (spec.name !== name || (spec.version !== undefined && !matchesPartialVersion(spec.version, version))) return false;
  const url = source.kind === "sparse" ? `sparse+${source.url}` : source.url;
  if (spec.url !== undefined && spec.url !== url) return false;
  if (spec.kind === undefined) return true;
  const { reference } = source;
  return (
    spec.kind === source.kind && spec.reference?.kind === reference?.kind && spec.reference?.value === reference?.value
  );
}

function matchesPartialVersion(partial: PartialVersion, version: Version): boolean {
  if (version.pre !== "" && partial.pre === undefined) return false;
  return (
    partial.major === version.major &&
    (partial.minor ?? version.minor) === version.minor &&
    (partial.patch ?? version.patch) === version.patch &&
    (partial.pre ?? version.pre) === version.pre &&
    (partial.build ?? version.build) === version.build
  );
}

/** Reads one to three numbers, and with all three a pre-release and build metadata; `undefined` for anything else. */
export function parsePartialVersion(text: string): PartialVersion | undefined {
  try {
    const { major, minor, patch, pre, build } = parseVersion(text);
    return { major, minor, patch, pre: pre === "" ? undefined : pre, build: build === "" ? undefined : build };
  } catch (error) {
    if (!(error instanceof VersionError)) throw error;
  }
  try {
    const [comparator, ...others] = parseRequirement(text).comparators;
    if (comparator?.operator !== "^" || others.length > 0 || text.startsWith("^")) return undefined;
    const { major, minor, patch, pre } = comparator;
    return { major, minor, patch, pre: pre === "" ? undefined : pre, build: undefined };
  } catch (error) {
    if (error instanceof VersionError) return undefined;
    throw error;
  }
}

const KINDS: Readonly<Record<string, SourceKind>> = {
  "git+": "git",
  "registry+": "registry",
  "sparse+": "sparse",
  "path+": "path",
};

function specOfUrl(url: URL, text: string): PackageIdSpec {
  const prefix = /^[^:+]*\+/.exec(url.protocol)?.[0];
  const kind = prefix === undefined ? undefined : KINDS[prefix];
  if (prefix !== undefined && kind === undefined) throw invalid(text, `\`${prefix}\` is no kind of source`);
  if (kind === "path" && url.protocol !== "path+file:") throw invalid(text, "`path+` goes with `file:` only");
  if (url.search !== "" && kind !== "git") throw invalid(text, "only `git+` URLs have a query");
  const segments = url.pathname.split("/");
  const last = segments.at(-1) ?? "";
  const fragment = url.hash.slice(1);
  const found = fragment === "" ? { name: last, version: undefined } : fromFragment(fragment, last, text);
  const bare = url.href.slice(0, url.href.length - url.hash.length - url.search.length);
  return {
    name: checkedName(found.name, text),
    version: found.version,
    url: prefix === undefined || kind === "sparse" ? bare : new URL(bare.slice(prefix.length)).href,
    kind,
    reference: kind === "git" ? referenceOf(url.search) : undefined,
  };
}

interface NameAndVersion {
  readonly name: string;
  readonly version: PartialVersion | undefined;
}

function fromFragment(fragment: string, last: string, text: string): NameAndVersion {
  const both = nameAndVersion(fragment, text);
  if (both !== undefined) return both;
  if (/^\p{Alphabetic}/u.test(fragment)) return { name: fragment, version: undefined };
  return { name: last, version: checkedVersion(fragment, text) };
}

/** Takes apart `name@version` and `name:version`; `undefined` when there is neither. */
function nameAndVersion(part: string, text: string): NameAndVersion | undefined {
  let at = part.lastIndexOf("@");
  if (at === -1) at = part.lastIndexOf(":");
  if (at === -1 || (part[at] === ":" && part[at - 1] === ":")) return undefined;
  return { name: part.slice(0, at), version: checkedVersion(part.slice(at + 1), text) };
}

function checkedVersion(version: string, text: string): PartialVersion {
  const partial = parsePartialVersion(version);
  if (partial === undefined) throw invalid(text, `\`${version}\` is no version such as 1.32`);
  return partial;
}

/** Scripts have `::` in their names. */
function checkedName(name: string, text: string): string {
  if (!name.split("::").every(isPackageName)) throw invalid(text, `\`${name}\` is not a package name`);
  return name;
}

function referenceOf(search: string): GitReference | undefined {
  const parameters = new URLSearchParams(search);
  for (const kind of ["branch", "tag", "rev"] as const) {
    const value = parameters.get(kind);
    if (value !== null) return { kind, value };
  }
  return undefined;
}

function parsedUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function invalid(text: string, why: string): PackageIdSpecError {
  return new PackageIdSpecError({
    code: "cargo/package-id-spec-invalid",
    what: `"${text.length > 200 ? `${text.slice(0, 200)}…` : text}" names no package: ${why}`,
    help: "write a name, or name@version as `cargo tree` shows them",
  });
}
