import {
  type DocumentArray,
  type DocumentItem,
  documentBoolean,
  documentItem,
  newScalar,
  type TomlDocument,
  textOf,
} from "../../toml/index.ts";
import { presentSections } from "./dependency-section.ts";

/** What a value of `[features]` enables. */
export type FeatureValue =
  | { readonly kind: "feature"; readonly name: string }
  | { readonly kind: "dependency"; readonly dependency: string }
  | {
      readonly kind: "dependency-feature";
      readonly dependency: string;
      readonly feature: string;
      readonly isWeak: boolean;
    };

/** Reads a value of `[features]`, whatever it may be. */
export function featureValue(text: string): FeatureValue {
  const slash = text.indexOf("/");
  if (slash !== -1) {
    const isWeak = text[slash - 1] === "?";
    const dependency = text.slice(0, isWeak ? slash - 1 : slash);
    return { kind: "dependency-feature", dependency, feature: text.slice(slash + 1), isWeak };
  }
  if (text.startsWith("dep:")) return { kind: "dependency", dependency: text.slice("dep:".length) };
  return { kind: "feature", name: text };
}

/** Whether some feature names a dependency as `dep:key`. */
export function isNamedExplicitly(document: TomlDocument, key: string): boolean {
  return featureLists(document).some((list) => list.values.some((value) => textOf(value) === `dep:${key}`));
}

/**
 * Makes `[features]` fit to what became of a dependency: without one nothing may name it, and one that is no longer
 * optional can not be enabled. A `[features]` that is written inline stays as it is, as in cargo.
 */
export function fitFeatures(document: TomlDocument, key: string): void {
  const status = statusOf(document, key);
  if (status === "optional") return;
  const isExplicit = isNamedExplicitly(document, key);
  for (const list of featureLists(document)) {
    for (let index = list.values.length - 1; index >= 0; index -= 1) {
      const text = textOf(list.values[index]);
      if (text !== undefined && isObsolete(featureValue(text), { key, status, isExplicit })) removeElement(list, index);
    }
    if (status === "required") makeStrong(list, key);
  }
}

type DependencyStatus = "none" | "optional" | "required";

interface Obsolescence {
  readonly key: string;
  readonly status: DependencyStatus;
  readonly isExplicit: boolean;
}

function isObsolete(value: FeatureValue, { key, status, isExplicit }: Obsolescence): boolean {
  switch (value.kind) {
    case "feature":
      return !isExplicit && value.name === key;
    case "dependency":
      return value.dependency === key;
    case "dependency-feature":
      return status === "none" && value.dependency === key;
  }
}

/** Only what stands in tables counts, not in `dependencies = { … }`. */
function statusOf(document: TomlDocument, key: string): DependencyStatus {
  const items = presentSections(document).flatMap(({ table }): readonly DocumentItem[] => {
    const item = table.kind === "table" ? documentItem(table, key) : undefined;
    return item === undefined ? [] : [item];
  });
  if (items.some((item) => documentBoolean(item, "optional") === true)) return "optional";
  return items.length === 0 ? "none" : "required";
}

function featureLists({ root }: TomlDocument): readonly DocumentArray[] {
  const features = documentItem(root, "features");
  if (features?.kind !== "table") return [];
  return features.entries.flatMap(({ item }) => (item.kind === "array" ? [item] : []));
}

/** `x?/feature` of a dependency that is always there is `x/feature`. */
function makeStrong(list: DocumentArray, key: string): void {
  for (const [index, value] of list.values.entries()) {
    const read = featureValue(textOf(value) ?? "");
    if (read.kind !== "dependency-feature" || !read.isWeak || read.dependency !== key) continue;
    list.values[index] = { ...newScalar(`${read.dependency}/${read.feature}`), decor: value.decor };
  }
}

/** Takes an element out; whole lines around it, such as comments, stay for what comes next. */
function removeElement(list: DocumentArray, index: number): void {
  const [removed] = list.values.splice(index, 1);
  const { prefix = "", suffix = "" } = removed?.decor ?? {};
  const above = prefix.slice(0, prefix.lastIndexOf("\n") + 1);
  const lineEnd = suffix.indexOf("\n");
  const below = lineEnd === -1 ? "" : `${suffix.slice(lineEnd + 1)}\n`;
  const next = list.values[index];
  if (next === undefined) list.trailing = above + below + list.trailing;
  else next.decor = { ...next.decor, prefix: above + below + (next.decor.prefix ?? "") };
}
