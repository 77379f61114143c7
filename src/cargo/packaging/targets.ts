import { type TomlTree, type TomlTreeTable } from "../../toml/index.ts";
import { foldPath } from "../slash-path.ts";
import { compareUtf8 } from "../utf8-order.ts";
import type { PackageFolder } from "./folder.ts";
import { textAt } from "./package-source.ts";

/** What the targets of a package are found with. */
export interface TargetSearch {
  readonly packageName: string;
  /** As the manifest gives it; none means 2015. */
  readonly edition: string | undefined;
  readonly folder: PackageFolder;
  /** Makes the error for a target of the manifest. */
  readonly complain: (what: string) => Error;
}

/** `[[bin]]`, `[[example]]`, `[[test]]` or `[[bench]]`. */
export type ListedTargetKind = "bin" | "example" | "test" | "bench";

interface FoundTarget {
  readonly name: string;
  readonly path: string;
}

const DIRECTORIES: Readonly<Record<ListedTargetKind, string>> = {
  bin: "src/bin",
  example: "examples",
  test: "tests",
  bench: "benches",
};

/** The key of `[package]` that turns finding targets of a kind off. */
export const AUTO_KEYS: Readonly<Record<"lib" | ListedTargetKind, string>> = {
  lib: "autolib",
  bin: "autobins",
  example: "autoexamples",
  test: "autotests",
  bench: "autobenches",
};

/**
 * `[lib]` with its name and path; `undefined` when the package has no library.
 *
 * @param auto `package.autolib`.
 */
export function libraryTarget(
  own: TomlTreeTable | undefined,
  auto: TomlTree | undefined,
  search: TargetSearch,
): TomlTreeTable | undefined {
  const isSettled = auto === false && (own === undefined || (own.has("name") && own.has("path")));
  const found = !isSettled && search.folder.kindOf("src/lib.rs") !== undefined ? "src/lib.rs" : undefined;
  if (own === undefined && found === undefined) return undefined;
  const name = textAt(own, "name") ?? search.packageName.replaceAll("-", "_");
  if (name.includes("-")) throw search.complain(`the library's name \`${name}\` has a hyphen`);
  const path = textAt(own, "path") ?? found ?? legacyLibrary(name, search);
  if (path === undefined) throw search.complain(`there is no src/lib.rs for the library \`${name}\``);
  return placed(own, name, foldPath(path));
}

function legacyLibrary(name: string, search: TargetSearch): string | undefined {
  const path = `src/${name}.rs`;
  return isOldest(search) && search.folder.kindOf(path) !== undefined ? path : undefined;
}

/** What a manifest says about the targets of one kind. */
export interface ListedTargets {
  readonly kind: ListedTargetKind;
  readonly own: readonly TomlTreeTable[] | undefined;
  /** `package.autobins` and the like. */
  readonly auto: TomlTree | undefined;
  readonly hasLibrary: boolean;
}

/**
 * All targets of a kind with names and paths: those of the manifest and those that files make, by name. A program whose
 * file is not there is an error; other such targets are left out, as cargo does with a warning.
 */
export function listedTargets(listed: ListedTargets, search: TargetSearch): readonly TomlTreeTable[] {
  const { kind, own, auto } = listed;
  for (const target of own ?? []) {
    if ((textAt(target, "name") ?? "").trim() === "") throw search.complain(`a [[${kind}]] has no name`);
  }
  if (auto === false && (own ?? []).every((target) => target.has("path"))) {
    return uniquelyNamed(
      (own ?? []).map((target) => withFoldedPath(target)),
      kind,
      search,
    );
  }
  const found = foundTargets(kind, search);
  const result: TomlTreeTable[] = [];
  for (const target of withFound(own, found, auto ?? (own === undefined || !isOldest(search)))) {
    const path = textAt(target, "path") ?? pathByName(textAt(target, "name") ?? "", { listed, found, search });
    if (path !== undefined) result.push(placed(target, textAt(target, "name") ?? "", foldPath(path)));
  }
  return uniquelyNamed(result, kind, search);
}

/** Those of the manifest first, then files that no name and no path of the manifest claims; sorted by name. */
function withFound(
  own: readonly TomlTreeTable[] | undefined,
  found: readonly FoundTarget[],
  auto: TomlTree,
): readonly TomlTreeTable[] {
  const names = new Set(own?.map((target) => textAt(target, "name")));
  const paths = new Set(own?.map((target) => foldPath(textAt(target, "path") ?? "")));
  const added = auto === false ? [] : found.filter(({ name, path }) => !names.has(name) && !paths.has(path));
  const all = [...(own ?? []), ...added.map(({ name, path }) => placed(undefined, name, path))];
  return all.sort((one, other) => compareUtf8(textAt(one, "name") ?? "", textAt(other, "name") ?? ""));
}

interface NamedSearch {
  readonly listed: ListedTargets;
  readonly found: readonly FoundTarget[];
  readonly search: TargetSearch;
}

function pathByName(name: string, { listed, found, search }: NamedSearch): string | undefined {
  const matching = found.filter((target) => target.name === name);
  const [first] = matching;
  if (first !== undefined && matching.length === 1) return first.path;
  const legacy = isOldest(search) ? legacyPath(name, listed, search.folder) : undefined;
  if (legacy !== undefined) return legacy;
  if (listed.kind !== "bin") return undefined;
  const where = matching.map(({ path }) => path).join(" and ");
  throw search.complain(
    where === "" ? `there is no file for the program \`${name}\`` : `both ${where} may be the program \`${name}\``,
  );
}

/** Places where edition 2015 still finds a program or benchmark. */
function legacyPath(name: string, { kind, hasLibrary }: ListedTargets, folder: PackageFolder): string | undefined {
  const candidates: string[] = [];
  if (kind === "bench" && name === "bench") candidates.push("src/bench.rs");
  if (kind === "bin") candidates.push(...(hasLibrary ? [] : [`src/${name}.rs`]), "src/main.rs", "src/bin/main.rs");
  return candidates.find((path) => folder.kindOf(path) !== undefined);
}

function foundTargets(kind: ListedTargetKind, { packageName, folder }: TargetSearch): readonly FoundTarget[] {
  const found: FoundTarget[] = [];
  if (kind === "bin" && folder.kindOf("src/main.rs") !== undefined) {
    found.push({ name: packageName, path: "src/main.rs" });
  }
  const directory = DIRECTORIES[kind];
  for (const { name, isDirectory } of folder.entriesOf(directory)) {
    if (name.startsWith(".")) continue;
    const main = `${directory}/${name}/main.rs`;
    if (isDirectory && folder.kindOf(main) !== undefined) found.push({ name, path: main });
    else if (!isDirectory && name.endsWith(".rs") && name.length > ".rs".length) {
      found.push({ name: name.slice(0, -".rs".length), path: `${directory}/${name}` });
    }
  }
  return found;
}

function uniquelyNamed(
  targets: readonly TomlTreeTable[],
  kind: ListedTargetKind,
  search: TargetSearch,
): readonly TomlTreeTable[] {
  const seen = new Set<string | undefined>();
  for (const target of targets) {
    const name = textAt(target, "name");
    if (seen.has(name)) throw search.complain(`two [[${kind}]] are named \`${String(name)}\``);
    seen.add(name);
  }
  return targets;
}

function isOldest({ edition }: TargetSearch): boolean {
  return edition === undefined || edition === "2015";
}

function withFoldedPath(target: TomlTreeTable): TomlTreeTable {
  return placed(target, textAt(target, "name") ?? "", foldPath(textAt(target, "path") ?? ""));
}

const TARGET_ORDER = ["name", "crate-type", "crate_type", "path"];

function placed(target: TomlTreeTable | undefined, name: string, path: string): TomlTreeTable {
  const keys = new Map<string, TomlTree>([...(target ?? []), ["name", name], ["path", path]]);
  const rest = [...keys].filter(([key]) => !TARGET_ORDER.includes(key));
  const first = TARGET_ORDER.flatMap((key): [string, TomlTree][] => {
    const value = keys.get(key);
    return value === undefined ? [] : [[key, value]];
  });
  return new Map([...first, ...rest]);
}
