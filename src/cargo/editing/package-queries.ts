import { formatVersion, matchesRequirement, parseRequirement } from "../../semver/index.ts";
import { foldPath } from "../slash-path.ts";
import type { GitReference } from "../source-id.ts";
import type { AskedGit, DependencyRequest } from "./add-request.ts";
import { inLines } from "./available-features.ts";
import {
  bareEntry,
  type DependencyEntry,
  describeEntry,
  describeSource,
  type EntrySource,
  entryVersion,
  type GitEntry,
  registrySource,
  withoutBuild,
} from "./dependency-entry.ts";
import { contradictory, ManifestEditError } from "./edit-error.ts";
import type { Asking, FoundPackage, PackageOrigin } from "./found-package.ts";

/** The packages that an entry may mean; of a registry also those whose name differs by `-` and `_`, when there is no other. */
export function* packagesFor(entry: DependencyEntry): Asking<readonly FoundPackage[]> {
  const { name, source, registry } = entry;
  const version = entryVersion(entry);
  const requirement = version === undefined ? undefined : parseRequirement(version);
  const fits = (found: FoundPackage): boolean =>
    requirement === undefined || matchesRequirement(requirement, found.version);
  if (source?.kind === "path" || source?.kind === "git") {
    const found = yield originOf(source);
    return found.filter((candidate) => candidate.name === name && fits(candidate));
  }
  const exact = yield { kind: "index", registry, name };
  const fitting = exact.filter(fits);
  if (fitting.length > 0) return fitting;
  const others: FoundPackage[] = [];
  for (const other of otherSpellings(name)) {
    const found = yield { kind: "index", registry, name: other };
    others.push(...found.filter(fits));
  }
  return others;
}

/** A name with `_` for each `-`, and the other way round. */
export function otherSpellings(name: string): readonly string[] {
  return [name.replaceAll("-", "_"), name.replaceAll("_", "-")].filter((other) => other !== name);
}

/** An entry for a registry's package: its version is the requirement. */
export function entryOfPackage({ name, version }: FoundPackage): DependencyEntry {
  return { ...bareEntry(name), source: registrySource(formatVersion(version)) };
}

/** What a request says of the package itself; asks for it when it is in a directory or a repository. */
export function* requestedEntry({ crate, path, git }: DependencyRequest): Asking<DependencyEntry> {
  if (git !== undefined) {
    if (crate?.requirement !== undefined) {
      throw contradictory(`cannot specify a git URL (\`${git.url}\`) with a version (\`${crate.requirement}\`)`);
    }
    const source = { kind: "git", ...gitEntry(git), version: undefined } as const;
    return yield* packageAt(source, crate?.name);
  }
  if (path !== undefined) {
    if (crate?.requirement !== undefined) {
      throw contradictory(`cannot specify a path (\`${path.typed}\`) with a version (\`${crate.requirement}\`)`);
    }
    return yield* packageAt({ kind: "path", directory: path.directory, version: undefined }, crate?.name);
  }
  if (crate === undefined) throw contradictory("dependency name is required");
  const { name, requirement } = crate;
  return { ...bareEntry(name), source: requirement === undefined ? undefined : registrySource(requirement) };
}

type PlacedSource = Extract<EntrySource, { readonly kind: "path" | "git" }>;

function* packageAt(source: PlacedSource, name: string | undefined): Asking<DependencyEntry> {
  const found = yield originOf(source);
  const [first, ...others] = name === undefined ? found : found.filter((candidate) => candidate.name === name);
  if (first === undefined) {
    const asked = name === undefined ? "crate" : `crate \`${describeEntry({ ...bareEntry(name), source })}\``;
    throw new ManifestEditError({
      code: "cargo/no-such-package",
      what: `the ${asked} could not be found at \`${describeSource(source)}\``,
      help: "correct the name or the place",
    });
  }
  if (others.length > 0) throw severalPackages(found, source);
  const origin = originOf(source);
  return { ...bareEntry(first.name), source: sourceAt(origin, withoutBuild(formatVersion(first.version))) };
}

function severalPackages(found: readonly FoundPackage[], source: EntrySource): ManifestEditError {
  const names = inLines(found.map(({ name }) => name).sort());
  return contradictory(
    `multiple packages found at \`${describeSource(source)}\`:\n    ${names.join("\n    ")}`,
    `to disambiguate, run \`cargo add --git ${describeSource(source)} <package>\``,
  );
}

function gitEntry({ url, branch, tag, rev }: AskedGit): Omit<GitEntry, "version"> {
  return { url, branch, tag, rev };
}

/** Where a package is that an entry names. */
function originOf(source: PlacedSource): PackageOrigin {
  if (source.kind === "path") return { kind: "directory", directory: foldPath(source.directory) };
  return { kind: "repository", url: parsedUrl(source.url), reference: referenceOf(source) };
}

function parsedUrl(url: string): string {
  try {
    return new URL(url).href;
  } catch {
    throw contradictory(`\`${url}\` is not the URL of a git repository`, "write a whole URL, `https://…` or `ssh://…`");
  }
}

function referenceOf({ branch, tag, rev }: GitEntry): GitReference | undefined {
  if (branch !== undefined) return { kind: "branch", value: branch };
  if (tag !== undefined) return { kind: "tag", value: tag };
  return rev === undefined ? undefined : { kind: "rev", value: rev };
}

function sourceAt(origin: PackageOrigin, version: string): EntrySource {
  if (origin.kind === "directory") return { kind: "path", directory: origin.directory, version };
  const { url, reference } = origin;
  const at = (kind: GitReference["kind"]): string | undefined =>
    reference?.kind === kind ? reference.value : undefined;
  return { kind: "git", url, branch: at("branch"), tag: at("tag"), rev: at("rev"), version };
}
