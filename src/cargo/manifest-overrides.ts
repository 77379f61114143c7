import { overrideOf, sortedKeys } from "./manifest-dependencies.ts";
import type { ManifestFacts, ManifestPatch, ManifestReplacement } from "./manifest-facts.ts";
import { fault, type ManifestTable, tableOf } from "./manifest-table.ts";

/** Reads `[patch]` and `[replace]`. */
export function overridesOf(manifest: ManifestTable): Pick<ManifestFacts, "patches" | "replacements"> {
  const [patch, replace] = [tableOf(manifest, "patch"), tableOf(manifest, "replace")];
  if (patch !== undefined && replace !== undefined) {
    throw fault(manifest, "replace", "the manifest has both [patch] and [replace]");
  }
  const patches = patch === undefined ? [] : sortedKeys(patch).flatMap((source) => patchesOf(patch, source));
  const replacements = replace === undefined ? [] : sortedKeys(replace).map((spec) => replacementOf(replace, spec));
  return { patches, replacements };
}

function patchesOf(patch: ManifestTable, source: string): readonly ManifestPatch[] {
  const table = tableOf(patch, source);
  if (table === undefined) return [];
  return sortedKeys(table).map((name) => ({ source, dependency: overrideOf(table, name, name) }));
}

function replacementOf(table: ManifestTable, spec: string): ManifestReplacement {
  const name = /([^/#:@]+)[:@][^/:@]*$/.exec(spec)?.[1];
  if (name === undefined) throw fault(table, spec, `\`${spec}\` does not name a package and its version`);
  const dependency = overrideOf(table, spec, name);
  if (dependency.requirement !== undefined) throw fault(table, spec, `the replacement of \`${spec}\` has a version`);
  return { spec, dependency };
}
