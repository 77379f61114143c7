import { parseToml } from "../toml/index.ts";
import { type FeatureTable, featureTableProblem } from "./features.ts";
import {
  dependenciesOf,
  type ManifestDependency,
  sortedKeys,
  workspaceDependenciesOf,
} from "./manifest-dependencies.ts";
import type { ManifestFacts, ManifestWorkspace, WorkspaceInheritance } from "./manifest-facts.ts";
import { overridesOf } from "./manifest-overrides.ts";
import { packageDefaultsOf, packageFieldsOf } from "./manifest-package.ts";
import { fault, isNewEdition, type ManifestTable, stringOf, stringsOf, tableOf, valueOf } from "./manifest-table.ts";
import { buildScriptsOf, type LibraryFacts, libFacts } from "./manifest-targets.ts";
import { isPackageName } from "./names.ts";

/**
 * Reads a Cargo.toml: all the spellings cargo has ever accepted, and cargo's checks on what it returns.
 *
 * A manifest with a `[workspace]` takes what it inherits from itself. Another one takes it from `inheritance`; without
 * that, the fields stay `undefined` and are listed in `unresolved`, and dependencies have the source `workspace`.
 * Whether files exist is not known here, see the `auto…` fields.
 *
 * @param at Where the text stands, for error messages: a path.
 * @throws {ManifestError} `cargo/manifest-invalid`, whose `where` is `at:line` where the line can be told.
 * @throws {TomlError} `toml/syntax`.
 * @see The Cargo Book, "The Manifest Format".
 */
export function parseManifest(text: string, at: string, inheritance?: WorkspaceInheritance): ManifestFacts {
  return manifestFacts({ document: { text, at }, path: [], values: parseToml(text, at) }, inheritance);
}

/** {@link parseManifest} of a document that is parsed already; whole numbers in it may be bigints. */
export function manifestFacts(manifest: ManifestTable, inheritance?: WorkspaceInheritance): ManifestFacts {
  const workspace = workspaceOf(manifest);
  const source = workspace === undefined ? inheritance : { workspace, rootFromPackage: "" };
  const packageTable = tableOf(manifest, "package") ?? tableOf(manifest, "project");
  const overrides = overridesOf(manifest);
  if (packageTable === undefined) return { ...virtualFacts(manifest, workspace), ...overrides };
  const unresolved: string[] = [];
  const rootFromPackage = source?.rootFromPackage ?? "";
  const fields = packageFieldsOf(packageTable, {
    defaults: source?.workspace.packageDefaults,
    rootFromPackage,
    unresolved,
  });
  const dependencies = dependenciesOf(manifest, {
    edition: fields.edition,
    workspaceDependencies: source?.workspace.dependencies,
    rootFromPackage,
  });
  return {
    ...fields,
    ...ownPackageFacts(manifest, packageTable, fields.edition),
    ...membershipOf(packageTable, workspace),
    isVirtual: false,
    dependencies,
    features: featuresOf(manifest, dependencies),
    ...overrides,
    unresolved,
  };
}

type OwnPackageFacts = Pick<
  ManifestFacts,
  "name" | "autoReadme" | "links" | "buildScript" | "buildScripts" | "autoBuildScript" | keyof LibraryFacts
>;

function ownPackageFacts(manifest: ManifestTable, table: ManifestTable, edition: string | undefined): OwnPackageFacts {
  const name = stringOf(table, "name");
  if (name === undefined) throw fault(table, "name", "the package has no name");
  if (!isPackageName(name)) throw fault(table, "name", `\`${name}\` is not a package name`);
  if (table.path[0] === "project" && isNewEdition(edition)) {
    throw fault(manifest, "project", "`[project]` is not supported since edition 2024; write `[package]`");
  }
  const buildScripts = buildScriptsOf(table);
  return {
    name,
    autoReadme: valueOf(table, "readme") === undefined,
    links: stringOf(table, "links"),
    buildScript: buildScripts[0],
    buildScripts,
    autoBuildScript: valueOf(table, "build") === undefined,
    ...libFacts(manifest, table, { name, edition }),
  };
}

function membershipOf(
  table: ManifestTable,
  workspace: ManifestWorkspace | undefined,
): Pick<ManifestFacts, "workspace" | "packageWorkspace" | "resolver"> {
  const packageWorkspace = stringOf(table, "workspace");
  if (workspace !== undefined && packageWorkspace !== undefined) {
    throw fault(table, "workspace", "the manifest has both `package.workspace` and `[workspace]`");
  }
  const resolver = stringOf(table, "resolver");
  if (workspace?.resolver !== undefined && resolver !== undefined) {
    throw fault(table, "resolver", "the manifest has `resolver` in both `[package]` and `[workspace]`");
  }
  return { workspace, packageWorkspace, resolver: resolver ?? workspace?.resolver };
}

function workspaceOf(manifest: ManifestTable): ManifestWorkspace | undefined {
  const table = tableOf(manifest, "workspace");
  if (table === undefined) return undefined;
  return {
    members: stringsOf(table, "members") ?? [],
    exclude: stringsOf(table, "exclude") ?? [],
    defaultMembers: stringsOf(table, "default-members"),
    packageDefaults: packageDefaultsOf(table),
    dependencies: workspaceDependenciesOf(table),
    resolver: stringOf(table, "resolver"),
  };
}

function featuresOf(manifest: ManifestTable, dependencies: readonly ManifestDependency[]): FeatureTable {
  const features = new Map<string, readonly string[]>();
  const table = tableOf(manifest, "features");
  for (const name of table === undefined ? [] : sortedKeys(table)) {
    if (table !== undefined) features.set(name, stringsOf(table, name) ?? []);
  }
  const problem = featureTableProblem(features, dependencies);
  if (problem !== undefined) throw fault(manifest, "features", problem);
  return features;
}

const PACKAGE_TABLES = [
  "badges",
  "features",
  "lib",
  "bin",
  "example",
  "test",
  "bench",
  "dependencies",
  "dev-dependencies",
  "dev_dependencies",
  "build-dependencies",
  "build_dependencies",
  "target",
  "lints",
  "hints",
];

type VirtualFacts = Omit<ManifestFacts, "patches" | "replacements">;

const NO_PACKAGE: VirtualFacts = {
  name: undefined,
  version: undefined,
  edition: undefined,
  rustVersion: undefined,
  license: undefined,
  licenseFile: undefined,
  description: undefined,
  repository: undefined,
  homepage: undefined,
  documentation: undefined,
  readme: undefined,
  autoReadme: false,
  keywords: [],
  categories: [],
  links: undefined,
  buildScript: undefined,
  buildScripts: [],
  autoBuildScript: false,
  procMacro: false,
  libPath: undefined,
  autoLib: false,
  libName: undefined,
  resolver: undefined,
  workspace: undefined,
  packageWorkspace: undefined,
  isVirtual: true,
  dependencies: [],
  features: new Map(),
  unresolved: [],
};

function virtualFacts(manifest: ManifestTable, workspace: ManifestWorkspace | undefined): VirtualFacts {
  for (const key of PACKAGE_TABLES) {
    if (valueOf(manifest, key) !== undefined)
      throw fault(manifest, key, `\`${key}\` needs a [package], which is missing`);
  }
  if (workspace === undefined) throw fault(manifest, "package", "there is neither [package] nor [workspace]");
  return { ...NO_PACKAGE, resolver: workspace.resolver, workspace };
}
