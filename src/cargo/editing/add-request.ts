import { parseRequirement, VersionError } from "../../semver/index.ts";
import { isPackageName } from "../names.ts";
import { contradictory } from "./edit-error.ts";
import { featureValue } from "./feature-references.ts";
import { packageNameFault } from "./package-name-fault.ts";

/** The flags of `cargo add`, as they are typed. */
export interface AddFlags {
  /** `name` or `name@requirement`; may be empty with `path` or `git`. */
  readonly crates: readonly string[];
  /** Each may name several, separated by blanks or commas. */
  readonly features?: readonly string[];
  readonly rename?: string | undefined;
  /** `--default-features` or `--no-default-features`; `undefined` for neither. The same for the next two. */
  readonly defaultFeatures?: boolean | undefined;
  readonly optional?: boolean | undefined;
  readonly public?: boolean | undefined;
  /** A name in Cargo's configuration; `undefined` for crates.io. */
  readonly registry?: string | undefined;
  readonly path?: AskedPath | undefined;
  readonly git?: AskedGit | undefined;
}

/** `--path` */
export interface AskedPath {
  readonly typed: string;
  /** Absolute and folded. */
  readonly directory: string;
}

/** `--git`, and at most one of `--branch`, `--tag` and `--rev`. */
export interface AskedGit {
  readonly url: string;
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  readonly rev?: string | undefined;
}

/** One dependency to add or to change. */
export interface DependencyRequest {
  /** `undefined` when the package is to be found by its place. */
  readonly crate: { readonly name: string; readonly requirement: string | undefined } | undefined;
  readonly features: readonly string[] | undefined;
  readonly rename: string | undefined;
  readonly defaultFeatures: boolean | undefined;
  readonly optional: boolean | undefined;
  readonly public: boolean | undefined;
  readonly registry: string | undefined;
  readonly path: AskedPath | undefined;
  readonly git: AskedGit | undefined;
}

/**
 * What the flags ask for, one dependency after the other.
 *
 * @throws {ManifestEditError} `cargo/add-contradictory`.
 */
export function dependencyRequests(flags: AddFlags): readonly DependencyRequest[] {
  const { crates, rename, defaultFeatures, optional, registry, path, git } = flags;
  for (const crate of crates) refuseToolchain(crate);
  const features = featuresByCrate(flags);
  if (features.size > 1 && rename !== undefined) {
    throw contradictory("cannot specify multiple crates with `--rename`", "add them one by one");
  }
  return Array.from(features, ([crate, asked]) => ({
    crate: crate === undefined ? undefined : parseCrate(crate),
    features: asked.size === 0 ? undefined : [...asked],
    rename,
    defaultFeatures,
    optional,
    public: flags.public,
    registry,
    path,
    git,
  }));
}

function refuseToolchain(crate: string): void {
  if (!crate.startsWith("+")) return;
  throw contradictory(
    `invalid character \`+\` in dependency name: \`${crate}\``,
    `use \`cargo ${crate} add\` if you meant to use the \`${crate.slice(1)}\` toolchain`,
  );
}

function featuresByCrate({ crates, features = [] }: AddFlags): ReadonlyMap<string | undefined, Set<string>> {
  const named: readonly (string | undefined)[] = crates.length === 0 ? [undefined] : crates;
  const byCrate = new Map(named.map((crate) => [crate, new Set<string>()]));
  for (const text of features.flatMap((list) => list.split(/[\s,]+/)).filter((part) => part !== "")) {
    const { crate, feature } = addressed(text, [...byCrate.keys()]);
    byCrate.get(crate)?.add(feature);
  }
  return byCrate;
}

interface AddressedFeature {
  readonly crate: string | undefined;
  readonly feature: string;
}

/** For which of the crates, as they are typed, a feature is meant. */
function addressed(text: string, crates: readonly (string | undefined)[]): AddressedFeature {
  const value = featureValue(text);
  switch (value.kind) {
    case "feature": {
      const [crate, ...others] = crates;
      if (others.length === 0) return { crate, feature: text };
      const candidates = crates.map((candidate) => `\`${candidate}/${text}\``).join(", ");
      throw contradictory(
        `feature \`${text}\` must be qualified by the dependency it's being activated for, like ${candidates}`,
      );
    }
    case "dependency":
      throw contradictory(`feature \`${text}\` is not allowed to use explicit \`dep:\` syntax`);
    case "dependency-feature": {
      const { dependency: crate, feature } = value;
      if (crates[0] === undefined) {
        throw contradictory(`\`${text}\` is unsupported when inferring the crate name, use \`${feature}\``);
      }
      if (feature.includes("/")) throw contradictory(`multiple slashes in feature \`${text}\` is not allowed`);
      if (crates.includes(crate)) return { crate, feature };
      throw contradictory(`feature \`${feature}\` activated for crate \`${crate}\` but the crate wasn't specified`);
    }
  }
}

/** Reads `name` or `name@requirement`. */
function parseCrate(text: string): { readonly name: string; readonly requirement: string | undefined } {
  const at = text.indexOf("@");
  const name = at === -1 ? text : text.slice(0, at);
  const requirement = at === -1 ? undefined : text.slice(at + 1);
  const fault = packageNameFault(name);
  if (fault !== undefined)
    throw contradictory(fault, (at === -1 ? meantVersion(text) : undefined) ?? "correct the name");
  if (requirement !== undefined) checkRequirement(name, requirement);
  return { name, requirement };
}

/** `serde1.0` and `serde=1.0` are meant as `serde@1.0`, if that can be read. */
function meantVersion(text: string): string | undefined {
  const end = Array.from(text.matchAll(/./gsu)).find(([character]) => !/^[\p{XID_Continue}-]$/u.test(character))?.index;
  if (end === undefined) return undefined;
  const [name, requirement] = [text.slice(0, end), text.slice(end)];
  if (!isPackageName(name) || requirementFault(requirement) !== undefined) return undefined;
  return `if this is meant to be a package name followed by a version, insert an \`@\` like \`${name}@${requirement}\``;
}

function checkRequirement(name: string, requirement: string): void {
  const fault = requirementFault(requirement);
  if (fault === undefined) return;
  if (requirement.startsWith("v")) {
    throw contradictory(
      `the version provided, \`${requirement}\` is not a valid SemVer requirement`,
      `changing the package to \`${name}@${requirement.slice(1)}\``,
    );
  }
  throw contradictory(`invalid version requirement \`${requirement}\``, fault.help);
}

function requirementFault(requirement: string): VersionError | undefined {
  try {
    parseRequirement(requirement);
    return undefined;
  } catch (error) {
    if (error instanceof VersionError) return error;
    throw error;
  }
}
