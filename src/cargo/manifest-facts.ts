import type { FeatureTable } from "./features.ts";
import type { DependencyDetail, ManifestDependency } from "./manifest-dependencies.ts";
import type { PackageDefaults, PackageFields } from "./manifest-package.ts";

/** The `[workspace]` table of a manifest. */
export interface ManifestWorkspace {
  /** Paths and globs seen from the manifest's directory. */
  readonly members: readonly string[];
  readonly exclude: readonly string[];
  readonly defaultMembers: readonly string[] | undefined;
  readonly packageDefaults: PackageDefaults;
  /** `[workspace.dependencies]`; paths in it are seen from the workspace's directory. */
  readonly dependencies: ReadonlyMap<string, DependencyDetail>;
  /** `workspace.resolver`, as written. */
  readonly resolver: string | undefined;
}

/** What a member takes from its workspace. */
export interface WorkspaceInheritance {
  readonly workspace: ManifestWorkspace;
  /** How the workspace's directory is reached from the member's: `../..`, or `""` for the same. */
  readonly rootFromPackage: string;
}

/** An entry of `[patch]`. */
export interface ManifestPatch {
  /** What is patched, as written: `crates-io`, a registry's name or a URL. */
  readonly source: string;
  readonly dependency: ManifestDependency;
}

/** An entry of the deprecated `[replace]`. */
export interface ManifestReplacement {
  /** The package to replace, as written: `foo:1.2.3` or a URL with one. */
  readonly spec: string;
  readonly dependency: ManifestDependency;
}

/** What a Cargo.toml says, as far as filling, resolving and explaining need it. */
export interface ManifestFacts extends PackageFields {
  /** `undefined` only for a virtual manifest. */
  readonly name: string | undefined;
  /** False when there is no `readme` key, so that cargo looks for README.md, README.txt and README itself. */
  readonly autoReadme: boolean;
  readonly links: string | undefined;
  /** The first build script's path, `build.rs` for `build = true`; `undefined` when there is none or no `build` key. */
  readonly buildScript: string | undefined;
  /** All build scripts; more than one is an unstable feature of cargo. */
  readonly buildScripts: readonly string[];
  /** True when there is no `build` key, so that a file build.rs would be the build script. */
  readonly autoBuildScript: boolean;
  readonly procMacro: boolean;
  /** `lib.path`. Without it the library, if there is one, is `src/lib.rs`. */
  readonly libPath: string | undefined;
  /** True when there is no `lib.path` and a file src/lib.rs would be the library. */
  readonly autoLib: boolean;
  /** The name Rust code uses for the library, should there be one. */
  readonly libName: string | undefined;
  /** `resolver` of `[package]` or `[workspace]`, as written. */
  readonly resolver: string | undefined;
  readonly workspace: ManifestWorkspace | undefined;
  /** `package.workspace`: the directory of the workspace's root, seen from this manifest's. */
  readonly packageWorkspace: string | undefined;
  /** True for a manifest that is a workspace and no package. */
  readonly isVirtual: boolean;
  /** In the order in which cargo resolves them, see {@link dependenciesOf}. */
  readonly dependencies: readonly ManifestDependency[];
  /** `[features]`, without the implicit features of optional dependencies. */
  readonly features: FeatureTable;
  readonly patches: readonly ManifestPatch[];
  readonly replacements: readonly ManifestReplacement[];
  /** Keys of `[package]` that say `workspace = true`, when the workspace was not given; their fields are `undefined`. */
  readonly unresolved: readonly string[];
}
