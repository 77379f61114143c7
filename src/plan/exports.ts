import {
  gitIdent,
  hookFor,
  indexPath,
  isCratesIo,
  loadConfig,
  parseSourceId,
  registryIdent,
  type SourceHook,
  type SourceId,
} from "../cargo/index.ts";
import type { ExportShape, HubLock } from "../formats/index.ts";
import { type Replacement, replacementTables } from "./config-texts.ts";
import { cratePlaces, indexDirectory, quarantineName, repositoryPlaces, shortCommit } from "./layout.ts";
import { PlanError } from "./plan-error.ts";
import { packageDirectory } from "./wanted.ts";

/** A shape and what its paths and texts depend on; docs/formats/exports.md. */
export interface ExportPlan {
  readonly shape: ExportShape;
  /** Whether there are several registries, so that each gets a directory of its own where the shape does not have one anyway. */
  readonly several: boolean;
  /** Only for `sparse`: where a server will serve the export; from {@link parseBaseUrl}. */
  readonly baseUrl: string | undefined;
}

/** Files of every export, relative to it. */
export const exportLayout = {
  own: ".cargo-hub",
  record: ".cargo-hub/export.toml",
  hubLock: ".cargo-hub/hub.lock",
  config: ".cargo-hub/config.toml",
  sums: ".cargo-hub/SHA256SUMS",
} as const;

/** Where the parts of one crate lie in an export, relative to it. */
export interface ExportPlaces {
  readonly crate: string;
  /** The unpacked package; undefined: the shape does not have it. */
  readonly source: string | undefined;
  /** The unpacked package when Cargo must not load it; undefined where its manifest harms nobody. */
  readonly quarantine: string | undefined;
  /** The file with the lines of the crate's name, and how they are written. */
  readonly index: { readonly path: string; readonly form: "raw" | "cache" };
}

interface NamedCrate {
  readonly ident: string;
  readonly name: string;
  readonly version: string;
}

/** Where the parts of one crate go. */
export function exportPlaces(plan: ExportPlan, crate: NamedCrate): ExportPlaces {
  const inHub = cratePlaces(crate);
  const top = topDirectory(plan, crate.ident);
  const directory = packageDirectory(crate);
  const packed = {
    source: undefined,
    quarantine: undefined,
    index: { path: `${top}index/${indexPath(crate.name)}`, form: "raw" },
  } as const;
  switch (plan.shape) {
    case "cargo-home": {
      const index = { path: inHub.cacheIndex, form: "cache" } as const;
      return { crate: inHub.crate, source: inHub.source, quarantine: undefined, index };
    }
    case "directory": {
      const own = exportLayout.own;
      return {
        crate: `${own}/${inHub.crate}`,
        source: `${top}${directory}`,
        quarantine: `${top}${quarantineName}/${directory}`,
        index: { path: `${own}/${inHub.rawIndex}`, form: "raw" },
      };
    }
    case "local-registry":
      return { crate: `${top}${directory}.crate`, ...packed };
    case "sparse":
      return { crate: `${top}crates/${directory}.crate`, ...packed };
  }
}

/** Where the parts of a repository at one commit lie in an export, relative to it. */
export interface ExportedRepositoryPlaces {
  readonly pack: string;
  /** What Cargo reads: a bare repository, or a directory source of its packages. */
  readonly form: { readonly database: string } | { readonly sources: string };
}

/** Where the parts of a repository at one commit go. */
export function exportedRepositoryPlaces(
  { shape }: Pick<ExportPlan, "shape">,
  repository: { readonly url: string; readonly commit: string },
): ExportedRepositoryPlaces {
  const { pack, database } = repositoryPlaces(repository);
  if (shape === "cargo-home") return { pack, form: { database } };
  const sources = `git/${gitIdent(repository.url)}/${shortCommit(repository.commit)}`;
  return { pack: `${exportLayout.own}/${pack}`, form: { sources } };
}

/** Cargo's two marks that an unpacked package has in this shape. */
export function exportMarks(shape: ExportShape): readonly string[] {
  return shape === "cargo-home" ? [".cargo-ok"] : [".cargo-checksum.json"];
}

function topDirectory({ several }: ExportPlan, ident: string): string {
  return several ? `${ident}/` : "";
}

/** Where upstream's config.json of a registry goes. */
export function exportedConfigPath({ shape }: Pick<ExportPlan, "shape">, ident: string): string {
  const path = `${indexDirectory(ident)}/config.json`;
  return shape === "cargo-home" ? path : `${exportLayout.own}/${path}`;
}

/** Something that Cargo is led to: a registry's part of the export, or a directory source of one repository's packages. */
export interface ExportedSource {
  readonly name: string;
  /** Directory name of a registry; undefined for a repository. */
  readonly ident: string | undefined;
  /** Where a repository's packages lie; undefined for a registry. */
  readonly directory: string | undefined;
  readonly hooks: readonly SourceHook[];
}

/** The sources of everything a hub.lock lists, with the tables that a configuration without any of the user's needs. */
export function exportedSources(lock: HubLock): ExportedSource[] {
  const config = loadConfig({ cwd: "/", cargoHome: "/", env: {} }, () => undefined);
  const sources = new Map<string, ExportedSource & { readonly hooks: SourceHook[] }>();
  const texts = new Set([...lock.crates, ...lock.vendored, ...lock.packages].map(({ source }) => source));
  for (const text of [...texts].toSorted()) {
    const sourceId = parseSourceId(text, "hub.lock");
    const own =
      sourceId.precise === undefined ? exportedRegistry(sourceId) : exportedRepository(sourceId, sourceId.precise);
    const source = sources.get(own.name) ?? { ...own, hooks: [] };
    sources.set(own.name, source);
    for (const hook of hookFor(config, { ...sourceId, precise: undefined }))
      if (!source.hooks.some(({ name }) => name === hook.name)) source.hooks.push(hook);
  }
  return [...sources.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function exportedRegistry(sourceId: SourceId): Omit<ExportedSource, "hooks"> {
  const ident = registryIdent(sourceId);
  const name = isCratesIo(sourceId) ? "cargo-hub-export" : `cargo-hub-export-${ident}`;
  return { name, ident, directory: undefined };
}

function exportedRepository({ url }: SourceId, commit: string): Omit<ExportedSource, "hooks"> {
  const directory = `git/${gitIdent(url)}/${shortCommit(commit)}`;
  return { name: `cargo-hub-export-git-${gitIdent(url)}-${shortCommit(commit)}`, ident: undefined, directory };
}

/** Texts of the small files that only the shape and its sources decide, with their paths. */
export function exportTexts(
  plan: ExportPlan,
  sources: readonly ExportedSource[],
): (readonly [path: string, text: string])[] {
  if (plan.shape === "cargo-home") {
    return [
      ["config.toml", cargoHomeText],
      ["registry/CACHEDIR.TAG", ""],
    ];
  }
  const config = [exportLayout.config, usage[plan.shape] + sourceTables(plan, sources)] as const;
  if (plan.shape !== "sparse") return [config];
  const idents = sources.flatMap(({ ident }) => ident ?? []);
  return [config, ...idents.map((ident) => sparseConfig(plan, ident))];
}

const never = 'auto-clean-frequency = "never"';

const cargoHomeText =
  "# Written by cargo-hub. This directory is a CARGO_HOME:\n" +
  "#   CARGO_HOME=<this directory, absolute> cargo build --offline\n" +
  `\n[cache]\n${never} # cargo would delete crates that it has not used for a while\n`;

const byConfig =
  "#   cargo --config <this file> build --offline\n" +
  '# or copy the tables into the project\'s .cargo/config.toml, with the path of the export for "." (as seen from the directory that holds .cargo).\n';

const usage: Readonly<Record<Exclude<ExportShape, "cargo-home">, string>> = {
  directory: `# Written by cargo-hub. How Cargo uses this export, a directory source:\n${byConfig}`,
  "local-registry":
    `# Written by cargo-hub. How Cargo uses this export, a local registry:\n${byConfig}` +
    `\n[cache]\n${never} # when online, cargo's daily cleaning would remove what it has just unpacked from a local registry\n`,
  sparse:
    "# Written by cargo-hub. How Cargo uses this export, a sparse registry, while a web server serves it:\n" +
    "#   cargo --config <this file> build\n" +
    "# or copy the tables into the project's .cargo/config.toml.\n",
};

function sourceTables(plan: ExportPlan, sources: readonly ExportedSource[]): string {
  return replacementTables(
    sources.map((source) => ({ name: source.name, hooks: source.hooks, location: sourceLocation(plan, source) })),
  );
}

function sourceLocation(plan: ExportPlan, { ident, directory }: ExportedSource): Replacement["location"] {
  if (ident === undefined) return { key: "directory", value: directory ?? "." };
  if (plan.shape === "sparse") return { key: "registry", value: `sparse+${urlOf(plan, ident)}index/` };
  const key = plan.shape === "local-registry" ? "local-registry" : "directory";
  return { key, value: plan.several ? ident : "." };
}

/** The address of a registry's part of a sparse export, with a slash at its end. */
function urlOf(plan: ExportPlan, ident: string): string {
  return `${plan.baseUrl ?? ""}/${plan.several ? `${encodeURIComponent(ident)}/` : ""}`;
}

function sparseConfig(plan: ExportPlan, ident: string): readonly [path: string, text: string] {
  const dl = `${urlOf(plan, ident)}crates/{crate}-{version}.crate`;
  return [`${topDirectory(plan, ident)}index/config.json`, `${JSON.stringify({ dl })}\n`];
}

/**
 * Reads `--base-url`, the address under which a server will serve a sparse export.
 *
 * @returns It without a slash at its end.
 * @throws {PlanError} plan/bad-base-url.
 */
export function parseBaseUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badBaseUrl(text, "it is not an absolute URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw badBaseUrl(text, "Cargo reads sparse registries over http and https only");
  if (url.username !== "" || url.password !== "")
    throw badBaseUrl(`${url.protocol}//…@${url.host}`, "it holds credentials, which would be written into the export");
  if (url.search !== "" || url.hash !== "")
    throw badBaseUrl(text, "paths are put behind it, so it may have no ? and no #");
  return url.href.replace(/\/+$/, "");
}

function badBaseUrl(text: string, why: string): PlanError {
  return new PlanError({
    code: "plan/bad-base-url",
    what: `${JSON.stringify(text)} can not be the address of a sparse registry: ${why}`,
    help: "give `--base-url` the address under which the directory will be served, such as `https://HOST/PATH`",
  });
}
