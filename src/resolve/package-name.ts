import { formatRequirement, formatVersion, type Version } from "../semver/index.ts";
import type { Candidate } from "./candidate.ts";
import type { AskedDependency, PackageName } from "./failure.ts";
import type { UnpinnedDependency } from "./packages.ts";

/** A candidate as others see it. */
export function packageName({ name, versionText, source, commit }: Candidate): PackageName {
  const id = commit === undefined ? source.id : { ...source.id, precise: commit };
  return { name, version: versionText, source: id };
}

/** A dependency as others see it. */
export function askedDependency(
  dependency: UnpinnedDependency & { readonly locked?: Version | undefined },
): AskedDependency {
  const { name, packageName, source, requirement, locked, features, optional, kind, target } = dependency;
  return {
    name,
    packageName,
    source: source.id,
    requirement: requirement === undefined ? "*" : formatRequirement(requirement),
    locked: locked === undefined ? undefined : formatVersion(locked),
    features,
    optional,
    kind,
    target,
  };
}
