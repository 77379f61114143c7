import {
  documentItem,
  formatTomlDocument,
  parseTomlDocument,
  removeDocumentItem,
  type TomlDocument,
} from "../../toml/index.ts";
import type { EditOutcome } from "./add-dependencies.ts";
import type { EditedManifest } from "./add-project.ts";
import { type DependencySection, presentSections, sectionPath, tableAt } from "./dependency-section.ts";
import { ManifestEditError } from "./edit-error.ts";
import type { EditMessage } from "./edit-message.ts";
import { fitFeatures } from "./feature-references.ts";
import { similarName } from "./similar-name.ts";

/**
 * Takes dependencies out of a section of a manifest, exactly as `cargo remove` of 1.95 does: with them a section that becomes
 * empty, and what `[features]` says of dependencies that are now nowhere.
 *
 * Cargo then cleans the workspace's root manifest, see `cleanWorkspace`.
 *
 * @param names The keys of the entries.
 * @throws {TomlError} `toml/syntax`.
 */
export function removeDependencies(
  { text, at }: EditedManifest,
  names: readonly string[],
  section: DependencySection,
): EditOutcome {
  const messages: EditMessage[] = [];
  const document = parseTomlDocument(text, at);
  try {
    for (const name of names) {
      messages.push({ kind: "removing", name, section });
      removeFrom(document, name, section);
      fitFeatures(document, name);
    }
    return { kind: "edited", text: formatTomlDocument(document), messages };
  } catch (error) {
    if (error instanceof ManifestEditError) return { kind: "refused", error, messages };
    throw error;
  }
}

function removeFrom(document: TomlDocument, name: string, section: DependencySection): void {
  const path = sectionPath(section);
  const table = tableAt(document, path);
  if (table === undefined || documentItem(table, name) === undefined) throw notThere(document, name, section);
  removeDocumentItem(table, name);
  const parent = tableAt(document, path.slice(0, -1));
  if (table.entries.length === 0 && parent !== undefined) removeDocumentItem(parent, path.at(-1) ?? "");
}

function notThere(document: TomlDocument, name: string, section: DependencySection): ManifestEditError {
  return new ManifestEditError({
    code: "cargo/no-such-dependency",
    what: `the dependency \`${name}\` could not be found in \`${sectionPath(section).join(".")}\``,
    help: whereElse(document, name, section),
  });
}

function whereElse(document: TomlDocument, name: string, section: DependencySection): string {
  const elsewhere = presentSections(document).find(({ table }) => documentItem(table, name) !== undefined);
  if (elsewhere !== undefined) {
    const path = sectionPath(elsewhere.section).join(".");
    const flags = flagsFor(elsewhere.section, section);
    return flags === ""
      ? `a dependency with the same name exists in \`${path}\``
      : `pass \`${flags}\` to remove \`${name}\` from \`${path}\``;
  }
  const table = tableAt(document, sectionPath(section));
  const similar = similarName(name, table?.entries.map(({ key }) => key.name) ?? []);
  return similar === undefined
    ? "name a dependency by its key in the manifest"
    : `a dependency with a similar name exists: \`${similar}\``;
}

/** What to add to flags that meant `asked`, as cargo has it: one can not be taken away. */
function flagsFor(found: DependencySection, asked: DependencySection): string {
  const kind = found.kind === asked.kind || found.kind === "normal" ? [] : [`--${found.kind}`];
  const target = asked.target === undefined && found.target !== undefined ? ["--target", found.target] : [];
  return [...kind, ...target].join(" ");
}
