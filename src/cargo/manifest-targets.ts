import type { ManifestFacts } from "./manifest-facts.ts";
import {
  booleanOf,
  fault,
  type ManifestTable,
  spelling,
  stringOf,
  stringsOf,
  tableOf,
  valueOf,
} from "./manifest-table.ts";
import { foldPath } from "./slash-path.ts";

/** The paths of the build scripts that `package.build` names. */
export function buildScriptsOf(table: ManifestTable): readonly string[] {
  const value = valueOf(table, "build");
  if (value === undefined || value === false) return [];
  if (value === true) return ["build.rs"];
  if (typeof value === "string") return [foldPath(value)];
  if (Array.isArray(value)) return (stringsOf(table, "build") ?? []).map(foldPath);
  throw fault(table, "build", "`build` is neither a path, a list of paths, true nor false");
}

/** What `[lib]` says. */
export type LibraryFacts = Pick<ManifestFacts, "procMacro" | "libPath" | "autoLib" | "libName">;

/** The package a library belongs to. */
export interface LibraryOwner {
  readonly name: string;
  readonly edition: string | undefined;
}

/** Reads `[lib]`. A list of crate types decides alone, so `proc-macro = true` beside `crate-type = ["lib"]` makes a normal library. */
export function libFacts(manifest: ManifestTable, packageTable: ManifestTable, owner: LibraryOwner): LibraryFacts {
  const lib = tableOf(manifest, "lib");
  const ownName = owner.name.replaceAll("-", "_");
  if (lib === undefined) {
    const autoLib = booleanOf(packageTable, "autolib") !== false;
    return { procMacro: false, libPath: undefined, autoLib, libName: ownName };
  }
  const crateTypes = stringsOf(lib, spelling(lib, "crate-type", owner.edition));
  const procMacro = booleanOf(lib, spelling(lib, "proc-macro", owner.edition)) ?? false;
  const path = stringOf(lib, "path");
  return {
    procMacro: crateTypes === undefined ? procMacro : crateTypes.includes("proc-macro"),
    libPath: path === undefined ? undefined : foldPath(path),
    autoLib: path === undefined,
    libName: stringOf(lib, "name") ?? ownName,
  };
}
