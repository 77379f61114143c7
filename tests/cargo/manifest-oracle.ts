import type { ManifestDependency, ManifestFacts } from "../../src/cargo/index.ts";
import { formatRequirement } from "../../src/semver/index.ts";

/** The files that must exist for cargo to accept a package, below `app/`. */
export function filesFor(facts: ManifestFacts): Record<string, string> {
  const paths = [facts.libPath ?? "src/lib.rs", ...facts.buildScripts];
  return Object.fromEntries(paths.map((path) => [`app/${path}`, ""]));
}

/** What we read, in the words of `cargo metadata`. */
export function factsFromUs(facts: ManifestFacts): unknown {
  return {
    name: facts.name,
    version: facts.version ?? "0.0.0",
    edition: facts.edition ?? "2015",
    rust_version: facts.rustVersion ?? null,
    license: facts.license ?? null,
    license_file: facts.licenseFile ?? null,
    description: facts.description ?? null,
    repository: facts.repository ?? null,
    homepage: facts.homepage ?? null,
    documentation: facts.documentation ?? null,
    readme: facts.readme ?? null,
    keywords: facts.keywords,
    categories: facts.categories,
    links: facts.links ?? null,
    procMacro: facts.procMacro,
    library: { name: facts.libName, path: facts.libPath ?? "src/lib.rs" },
    buildScripts: facts.buildScripts,
    features: featuresWithImplicitOnes(facts),
    dependencies: facts.dependencies.map((dependency) => dependencyFromUs(dependency)),
  };
}

function featuresWithImplicitOnes({ features, dependencies }: ManifestFacts): Record<string, readonly string[]> {
  const named = new Set([...features.values()].flat().filter((value) => value.startsWith("dep:")));
  const implicit = dependencies.filter(
    ({ name, optional }) => optional && !features.has(name) && !named.has(`dep:${name}`),
  );
  return Object.fromEntries([...features, ...implicit.map(({ name }) => [name, [`dep:${name}`]] as const)]);
}

function dependencyFromUs(dependency: ManifestDependency): unknown {
  const { source, name, packageName, kind, requirement } = dependency;
  return {
    name: packageName,
    rename: name === packageName ? null : name,
    kind: kind === "normal" ? null : kind,
    req: requirement === undefined ? "*" : formatRequirement(requirement),
    features: dependency.features,
    optional: dependency.optional,
    uses_default_features: dependency.defaultFeatures,
    target: dependency.target ?? null,
    from: source.kind === "path" ? "path" : sourceInLock(source),
  };
}

function sourceInLock(source: ManifestDependency["source"]): string {
  switch (source.kind) {
    case "crates-io":
      return "registry+https://github.com/rust-lang/crates.io-index";
    case "registry-index":
      return source.url;
    case "git":
      return `git+${source.url}${source.revision === undefined ? "" : `?${source.revision.kind}=${source.revision.value}`}`;
    case "registry":
    case "path":
    case "workspace":
      return source.kind;
  }
}

interface CargoPackage extends Record<string, unknown> {
  readonly manifest_path: string;
  readonly targets: readonly { readonly name: string; readonly kind: readonly string[]; readonly src_path: string }[];
  readonly dependencies: readonly (Record<string, unknown> & { readonly source: string | null })[];
}

function isMetadata(value: unknown): value is { readonly packages: readonly CargoPackage[] } {
  return typeof value === "object" && value !== null && "packages" in value;
}

/** What cargo read from the package in the directory it ran in (the first one with a manifest that is not `near`). */
export function factsFromCargo(json: string, root: string): unknown {
  const metadata: unknown = JSON.parse(json);
  if (!isMetadata(metadata)) throw new Error("cargo printed no metadata");
  const found = metadata.packages.find(({ manifest_path }) => manifest_path !== `${root}/near/Cargo.toml`);
  if (found === undefined) throw new Error("cargo found no package");
  const directory = found.manifest_path.slice(0, -"Cargo.toml".length);
  const buildScripts = found.targets.filter(({ kind }) => kind.includes("custom-build"));
  const library = found.targets.find(({ kind }) => !kind.includes("custom-build"));
  const { name, version, edition, rust_version, license, license_file, description, repository, homepage } = found;
  const { documentation, readme, keywords, categories, links, features } = found;
  return {
    name,
    version,
    edition,
    rust_version,
    license,
    license_file,
    description,
    repository,
    homepage,
    documentation,
    readme,
    keywords,
    categories,
    links,
    procMacro: found.targets.some(({ kind }) => kind.includes("proc-macro")),
    library: { name: library?.name, path: library?.src_path.slice(directory.length) },
    buildScripts: buildScripts.map(({ src_path }) => src_path.slice(directory.length)),
    features,
    dependencies: found.dependencies.map(({ name: packageName, rename, kind, req, source, ...rest }) => ({
      name: packageName,
      rename,
      kind,
      req,
      features: rest["features"],
      optional: rest["optional"],
      uses_default_features: rest["uses_default_features"],
      target: rest["target"],
      from: source ?? "path",
    })),
  };
}
