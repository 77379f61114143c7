import { readManifestTree } from "./manifest-shape.ts";
import { tableAt, textsAt } from "./package-source.ts";

/**
 * The registries that a package may be published to, as its `publish` names them; `undefined` when it names none, which
 * means crates.io.
 *
 * @param text A manifest in which nothing is inherited.
 * @param at Where it stands, for error messages: a path.
 * @throws {ManifestError | TomlError}
 */
export function publishRegistries(text: string, at: string): readonly string[] | undefined {
  const tree = readManifestTree(text, at);
  const names = textsAt(tableAt(tree, "package") ?? tableAt(tree, "project"), "publish") ?? [];
  return names.length === 0 ? undefined : names;
}
