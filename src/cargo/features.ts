/** A package's features in the order they are written: name → what it enables. */
export type FeatureTable = ReadonlyMap<string, readonly string[]>;

/** What a feature table is judged against. */
export interface FeatureDependency {
  /** The name in Cargo.toml, which features use; not the package's own name when it is renamed. */
  readonly name: string;
  readonly optional: boolean;
}

const FEATURE_NAME = /^[\p{XID_Start}_0-9][\p{XID_Continue}\-+.]*$/u;

/** Features a package has without writing them: name → the one value `dep:name`. */
export function implicitFeatures(features: FeatureTable, dependencies: readonly FeatureDependency[]): FeatureTable {
  const implicit = new Map<string, readonly string[]>();
  if (!dependencies.some((dependency) => dependency.optional)) return implicit;
  const explicit = explicitlyListed(features);
  for (const { name, optional } of dependencies) {
    if (optional && !features.has(name) && !explicit.has(name)) implicit.set(name, [`dep:${name}`]);
  }
  return implicit;
}

/**
 * What makes a feature table unusable for cargo, or `undefined` when nothing does.
 *
 * @see The Cargo Book, "Features". Cargo does not offer a version whose table it refuses.
 */
export function featureTableProblem(
  features: FeatureTable,
  dependencies: readonly FeatureDependency[],
): string | undefined {
  const optionalByName = new Map<string, boolean>();
  for (const { name, optional } of dependencies) {
    optionalByName.set(name, optional || optionalByName.get(name) === true);
  }
  const implicit = implicitFeatures(features, dependencies);
  const known: KnownNames = { features, implicit, optionalByName };
  const mentioned = new Set(implicit.keys());
  for (const name of implicit.keys()) {
    if (!FEATURE_NAME.test(name)) return `${quoted(name)} is not a feature name`;
  }
  for (const [feature, values] of features) {
    if (!FEATURE_NAME.test(feature)) return `${quoted(feature)} is not a feature name`;
    for (const value of values) {
      const problem = valueProblem(value, known);
      if (problem !== undefined) return `feature ${quoted(feature)} includes ${quoted(value)}, ${problem}`;
      const dependency = dependencyOf(value);
      if (dependency !== undefined) mentioned.add(dependency);
    }
  }
  for (const [name, optional] of optionalByName) {
    if (optional && !mentioned.has(name)) return `optional dependency ${quoted(name)} is not included in any feature`;
  }
  return undefined;
}

interface KnownNames {
  readonly features: FeatureTable;
  readonly implicit: FeatureTable;
  /** Every dependency's name in Cargo.toml → whether it is optional anywhere. */
  readonly optionalByName: ReadonlyMap<string, boolean>;
}

function valueProblem(value: string, known: KnownNames): string | undefined {
  const slash = value.indexOf("/");
  if (slash !== -1) return dependencyFeatureProblem(value, slash, known);
  if (value.startsWith("dep:")) return optionalProblem(value.slice("dep:".length), known);
  if (known.features.has(value)) return undefined;
  const optional = known.optionalByName.get(value);
  if (optional === undefined) return "which is neither a dependency nor another feature";
  if (!optional) return "which is a dependency that is not optional";
  return known.implicit.has(value) ? undefined : "an optional dependency without an implicit feature";
}

function dependencyFeatureProblem(value: string, slash: number, known: KnownNames): string | undefined {
  if (value.includes("/", slash + 1)) return "which has more than one slash";
  if (value.startsWith("dep:")) return "which has both `dep:` and a slash";
  const weak = value[slash - 1] === "?";
  const name = value.slice(0, weak ? slash - 1 : slash);
  const optional = known.optionalByName.get(name);
  if (optional === undefined) return `but ${quoted(name)} is not a dependency`;
  return weak && !optional ? `but ${quoted(name)} is not an optional dependency` : undefined;
}

function optionalProblem(name: string, known: KnownNames): string | undefined {
  const optional = known.optionalByName.get(name);
  if (optional === undefined) return `but ${quoted(name)} is not a dependency`;
  return optional ? undefined : `but ${quoted(name)} is not an optional dependency`;
}

/** The dependency a value names as such: of `dep:x`, `x/y` and `x?/y` it is x; a plain feature names none. */
function dependencyOf(value: string): string | undefined {
  const slash = value.indexOf("/");
  if (slash !== -1) return value.slice(0, value[slash - 1] === "?" ? slash - 1 : slash);
  return value.startsWith("dep:") ? value.slice("dep:".length) : undefined;
}

function explicitlyListed(features: FeatureTable): ReadonlySet<string> {
  const names = new Set<string>();
  for (const values of features.values()) {
    for (const value of values) {
      if (value.startsWith("dep:") && !value.includes("/")) names.add(value.slice("dep:".length));
    }
  }
  return names;
}

function quoted(text: string): string {
  return `\`${text}\``;
}
