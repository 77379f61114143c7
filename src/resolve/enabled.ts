import type { Contents, Dependency, FeatureRequest } from "./candidate.ts";
import type { FeatureRequests } from "./feature-requests.ts";

/** A dependency that counts, and what is asked of it. */
export interface EnabledDependency {
  readonly dependency: Dependency;
  readonly request: FeatureRequest;
}

/** Why a package can not be had with the features asked for. */
export type MissingFeature = "no-such-feature" | "dependency-not-optional" | "dependency-without-feature";

/** What a feature request means for one package. */
export type Enabled =
  | {
      readonly kind: "enabled";
      readonly features: ReadonlySet<string>;
      /** In the order of the package's dependencies. */
      readonly dependencies: readonly EnabledDependency[];
    }
  | { readonly kind: "missing-feature"; readonly feature: string; readonly reason: MissingFeature }
  | { readonly kind: "feature-cycle"; readonly feature: string };

/** Features and dependencies found so far. */
interface Reached {
  readonly features: Set<string>;
  /** Name in Cargo.toml → features asked of it, of everything that was mentioned at all. */
  readonly dependencies: Map<string, Set<string>>;
}

/**
 * Follows features to the dependencies that count. Dev-dependencies count for members only. `name?/feature` counts as if it
 * required `name`: what Cargo.lock holds must suffice for every choice of features, and platforms do not matter either.
 */
export function enabledBy(contents: Contents, request: FeatureRequest, requests: FeatureRequests): Enabled {
  const reached: Reached = { features: new Set(), dependencies: new Map() };
  const everything = request.features === "all";
  const names = request.features === "all" ? [...contents.features.keys()].sort() : request.features;
  for (const name of names) {
    const problem = follow(name, contents, reached);
    if (problem !== undefined) return problem;
  }
  if (request.defaultFeatures && contents.features.has("default")) {
    const problem = follow("default", contents, reached);
    if (problem !== undefined) return problem;
  }
  const dependencies: EnabledDependency[] = [];
  for (const dependency of contents.dependencies) {
    if (dependency.kind === "dev" && !everything) continue;
    const asked = reached.dependencies.get(dependency.name);
    if (asked === undefined && dependency.optional) continue;
    const asksMore = asked !== undefined && asked.size > 0;
    dependencies.push({
      dependency,
      request: asksMore ? requests([...asked, ...dependency.features], dependency.defaultFeatures) : dependency.request,
    });
  }
  return { kind: "enabled", features: reached.features, dependencies };
}

function follow(first: string, contents: Contents, reached: Reached): Enabled | undefined {
  const pending = [first];
  for (let feature = pending.pop(); feature !== undefined; feature = pending.pop()) {
    if (reached.features.has(feature)) continue;
    reached.features.add(feature);
    const values = contents.features.get(feature);
    if (values === undefined) return missing(feature, contents);
    for (const value of values) {
      if (value === feature) return { kind: "feature-cycle", feature };
      const slash = value.indexOf("/");
      if (slash !== -1) followInto(value, slash, { contents, reached, pending });
      else if (value.startsWith("dep:")) mention(reached, value.slice("dep:".length));
      else pending.push(value);
    }
  }
  return undefined;
}

interface Following {
  readonly contents: Contents;
  readonly reached: Reached;
  readonly pending: string[];
}

/** `name/feature` and `name?/feature`. */
function followInto(value: string, slash: number, { contents, reached, pending }: Following): void {
  const weak = value[slash - 1] === "?";
  const name = value.slice(0, weak ? slash - 1 : slash);
  if (!weak && contents.optional.has(name) && contents.features.has(name)) pending.push(name);
  mention(reached, name).add(value.slice(slash + 1));
}

function mention({ dependencies }: Reached, name: string): Set<string> {
  let asked = dependencies.get(name);
  if (asked === undefined) {
    asked = new Set();
    dependencies.set(name, asked);
  }
  return asked;
}

function missing(feature: string, contents: Contents): Enabled {
  const isDependency = contents.dependencies.some(({ name }) => name === feature);
  const reason = !isDependency
    ? "no-such-feature"
    : contents.optional.has(feature)
      ? "dependency-without-feature"
      : "dependency-not-optional";
  return { kind: "missing-feature", feature, reason };
}
