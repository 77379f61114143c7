import { HubError } from "../../errors/index.ts";
import type { TomlTreeTable } from "../../toml/index.ts";
import { directoryOf, joinPath } from "../slash-path.ts";
import { compareUtf8 } from "../utf8-order.ts";
import { type IgnoreRules, isMatched, parseIgnoreRules } from "./ignore-rules.ts";
import { inheritedPackage, packagedPath, readmeName } from "./inherit.ts";
import { type PackageSource, type ReadPackage, readPackage, textAt, textsAt } from "./package-source.ts";
import { faultAt } from "./shape.ts";

/** What can be wrong with the files of a package. */
export type PackageFilesErrorCode = "cargo/package-file-name" | "cargo/package-file-missing";

/** Files that can not be packed as they are. */
export class PackageFilesError extends HubError<PackageFilesErrorCode> {}

/** The files below a package's directory, links followed. Paths are seen from the directory. */
export interface FileListing {
  /** Everything but what lies in a `.git`. */
  readonly all: readonly string[];
  /**
   * What git lists when Cargo.toml is in its index: the index, and what is neither in it nor ignored nor in `target`.
   * `undefined` without git.
   */
  readonly byGit: readonly string[] | undefined;
}

/** One file of a crate: its path there, and where its content is, seen from the package's directory. */
export interface PackedFile {
  readonly path: string;
  readonly from: string;
}

/** The name under which a package's own manifest lies in a crate; Cargo.toml is the generated one. */
const ORIGINAL_MANIFEST = "Cargo.toml.orig";

const MADE_BY_CARGO = [ORIGINAL_MANIFEST, ".cargo_vcs_info.json"];

/**
 * The files that `cargo package` puts into a crate, in its order. Those that cargo generates are left out, but for
 * Cargo.toml, whose `from` is the manifest that it is generated from; Cargo.lock is always generated.
 *
 * @throws {PackageFilesError} `cargo/package-file-name` for names that not every system can have or that cargo keeps for
 *   itself; `cargo/package-file-missing` for a readme or licence that is not there.
 * @throws {ManifestError | TomlError} for the manifest.
 */
export function packedFiles(source: PackageSource, listing: FileListing): readonly PackedFile[] {
  const read = readPackage(source);
  const fields = inheritedPackage(read);
  const own = selected(listing, selectionOf(read, fields)).filter((path) => !isGenerated(path));
  for (const path of own) checkName(source, path);
  const files = new Map(own.map((path) => [path, path]));
  files.set("Cargo.toml", "Cargo.toml").set(ORIGINAL_MANIFEST, "Cargo.toml");
  const named = {
    "license-file": textAt(fields, "license-file"),
    readme: readmeName(fields.get("readme"), source.folder, ""),
  };
  for (const [key, path] of Object.entries(named)) {
    if (path === undefined) continue;
    if (source.folder.kindOf(path) !== "file") throw missingFile(source, key, path);
    const target = packagedPath(path);
    if (!files.has(target)) files.set(target, joinPath("", path));
  }
  return [...files].map(([path, from]) => ({ path, from })).sort((one, other) => comparePaths(one.path, other.path));
}

function isGenerated(path: string): boolean {
  return path === "Cargo.lock" || path.toLowerCase() === "cargo.toml";
}

interface Selection {
  readonly include: IgnoreRules | undefined;
  readonly exclude: IgnoreRules;
}

function selectionOf(read: ReadPackage, fields: TomlTreeTable): Selection {
  const rules = (key: "include" | "exclude"): IgnoreRules => {
    const parsed = parseIgnoreRules(textsAt(fields, key) ?? []);
    if (!("pattern" in parsed)) return parsed;
    const what = `${JSON.stringify(parsed.pattern)} is not a pattern: ${parsed.why}`;
    throw faultAt({ document: read.source, path: ["package", key] }, what);
  };
  const hasInclude = (textsAt(fields, "include") ?? []).length > 0;
  return { include: hasInclude ? rules("include") : undefined, exclude: rules("exclude") };
}

/** The files that belong to the package, by cargo's rules; with `include`, git is not asked and `exclude` says nothing. */
function selected({ all, byGit }: FileListing, { include, exclude }: Selection): readonly string[] {
  if (include !== undefined) return ownFiles(walked(all)).filter((path) => isMatched(include, path, false));
  if (byGit !== undefined) return ownFiles(byGit).filter((path) => !isMatched(exclude, path, false));
  const hidden = parseIgnoreRules([".*"]);
  const rules = "pattern" in hidden ? exclude : [...hidden, ...exclude];
  const isLeftOut = memoized(
    (directory) => directory !== "" && (isLeftOut(directoryOf(directory)) || isMatched(rules, directory, true)),
  );
  return ownFiles(walked(all)).filter((path) => !isLeftOut(directoryOf(path)) && !isMatched(rules, path, false));
}

/** Without cargo's own output. */
function walked(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !path.startsWith("target/"));
}

/** Those of `paths` that belong to no package in a directory below. */
export function ownFiles(paths: readonly string[]): readonly string[] {
  const nested = new Set(paths.filter((path) => path.endsWith("/Cargo.toml")).map(directoryOf));
  const isNested = memoized(
    (directory) => directory !== "" && (nested.has(directory) || isNested(directoryOf(directory))),
  );
  return paths.filter((path) => !isNested(directoryOf(path)));
}

function memoized(ask: (directory: string) => boolean): (directory: string) => boolean {
  const answers = new Map<string, boolean>();
  return (directory) => {
    const answer = answers.get(directory) ?? ask(directory);
    answers.set(directory, answer);
    return answer;
  };
}

const UNPORTABLE = /[\\<>:"|?*]/;

function checkName(source: PackageSource, path: string): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const character = UNPORTABLE.exec(name)?.[0];
  if (character === undefined && !MADE_BY_CARGO.includes(path)) return;
  throw new PackageFilesError({
    code: "cargo/package-file-name",
    what:
      character === undefined
        ? `the package has a file ${path}, a name that cargo keeps for what it generates`
        : `the name of ${JSON.stringify(path)} has ${character}, which not every system allows`,
    where: source.at,
    help: "rename the file, or leave it out with `exclude` in [package]",
  });
}

function missingFile(source: PackageSource, key: string, path: string): PackageFilesError {
  return new PackageFilesError({
    code: "cargo/package-file-missing",
    what: `\`${key}\` says ${path}, but there is no such file`,
    where: source.at,
    help: `add the file, or correct \`${key}\` in [package]`,
  });
}

/** Name by name, as paths are ordered in Rust. */
function comparePaths(one: string, other: string): number {
  const [names, others] = [one.split("/"), other.split("/")];
  for (const [at, name] of names.entries()) {
    const counterpart = others[at];
    if (counterpart === undefined) return 1;
    const order = compareUtf8(name, counterpart);
    if (order !== 0) return order;
  }
  return names.length - others.length;
}
