import {
  type DocumentItem,
  type DocumentTableLike,
  documentItem,
  isTableLike,
  type TomlDocument,
} from "../../toml/index.ts";
import type { DependencyKind } from "../index-entry.ts";

/** One of the tables that hold dependencies. */
export interface DependencySection {
  readonly kind: DependencyKind;
  /** A target triple or a `cfg(…)` expression; `undefined` for every platform. */
  readonly target: string | undefined;
}

const TABLES: Readonly<Record<DependencyKind, string>> = {
  normal: "dependencies",
  dev: "dev-dependencies",
  build: "build-dependencies",
};

const KINDS: readonly DependencyKind[] = ["normal", "dev", "build"];

/** The keys that lead to a section. */
export function sectionPath({ kind, target }: DependencySection): readonly string[] {
  return target === undefined ? [TABLES[kind]] : ["target", target, TABLES[kind]];
}

/** A section in cargo's words. */
export function sectionLabel({ kind, target }: DependencySection): string {
  return target === undefined ? TABLES[kind] : `${TABLES[kind]} for target \`${target}\``;
}

/** Whether two sections are the same. */
export function isSameSection(a: DependencySection, b: DependencySection): boolean {
  return a.kind === b.kind && a.target === b.target;
}

/** A section that a manifest has. */
export interface PresentSection {
  readonly section: DependencySection;
  readonly table: DocumentTableLike;
}

/** A manifest's sections: by kind, each first for every platform, then in the order of `[target]`. */
export function presentSections({ root }: TomlDocument): readonly PresentSection[] {
  return KINDS.flatMap((kind) => {
    const below = (table: DocumentItem, target: string | undefined): PresentSection[] => {
      const found = documentItem(table, TABLES[kind]);
      return isTableLike(found) ? [{ section: { kind, target }, table: found }] : [];
    };
    const platforms = targetsOf(root).flatMap(({ name, item }) => below(item, name));
    return [...below(root, undefined), ...platforms];
  });
}

const LEGACY_TABLES = ["dev_dependencies", "build_dependencies"];

/** Tables with the old spelling, which cargo reads but does not edit. */
export function legacySections({ root }: TomlDocument): readonly string[] {
  return LEGACY_TABLES.flatMap((table) => [
    ...(documentItem(root, table) === undefined ? [] : [table]),
    ...targetsOf(root).flatMap(({ name, item }) =>
      documentItem(item, table) === undefined ? [] : [`target.${name}.${table}`],
    ),
  ]);
}

/** The table at a path; `undefined` when it is missing or no table. */
export function tableAt({ root }: TomlDocument, path: readonly string[]): DocumentTableLike | undefined {
  let found: DocumentItem | undefined = root;
  for (const name of path) found = documentItem(found, name);
  return isTableLike(found) ? found : undefined;
}

function targetsOf(root: DocumentItem): readonly { readonly name: string; readonly item: DocumentItem }[] {
  const targets = documentItem(root, "target");
  return isTableLike(targets) ? targets.entries.map(({ key, item }) => ({ name: key.name, item })) : [];
}
