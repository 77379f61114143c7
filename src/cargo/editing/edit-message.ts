import { type FeatureSelection, MOST_LISTED_FEATURES } from "./available-features.ts";
import type { DependencyEntry } from "./dependency-entry.ts";
import { type DependencySection, sectionLabel } from "./dependency-section.ts";

/** What an edit has to tell, in the order in which cargo tells it. */
export type EditMessage =
  | { readonly kind: "adding"; readonly entry: DependencyEntry; readonly section: DependencySection }
  /** `asOf` is the version whose features these are, unless the requirement shows it already. */
  | { readonly kind: "features"; readonly asOf: string | undefined; readonly selection: FeatureSelection }
  /** A feature of the package itself, for an optional dependency. */
  | { readonly kind: "adding-feature"; readonly feature: string }
  | { readonly kind: "removing"; readonly name: string; readonly section: DependencySection }
  /** A name that differs from what was asked for by `-` and `_`, or in letter case. */
  | { readonly kind: "translated"; readonly from: string; readonly to: string }
  | ({ readonly kind: "passed-over" } & PassedOver);

/** A version that was not chosen because of the Rust it needs. */
export interface PassedOver {
  readonly dependency: string;
  readonly version: string;
  readonly needs: string;
  /** The package whose `rust-version` this is; `undefined` when it is that of the rustc there is. */
  readonly keeps: string | undefined;
  readonly rust: string;
}

/** How a message is shown: a status line, a warning, or lines as they are. */
export type EditMessageText =
  | { readonly kind: "status"; readonly verb: string; readonly text: string }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "lines"; readonly lines: readonly string[] };

/** Paints the marks before a feature: `good` for one that is on, `bad` for one that is off. */
export type PaintMark = (style: "good" | "bad", mark: string) => string;

/** A message in cargo's words. */
export function editMessageText(message: EditMessage, paint: PaintMark = (_, mark) => mark): EditMessageText {
  switch (message.kind) {
    case "adding":
      return { kind: "status", verb: "Adding", text: addingText(message.entry, message.section) };
    case "features":
      return { kind: "lines", lines: featureLines(message.asOf, message.selection, paint) };
    case "adding-feature":
      return { kind: "status", verb: "Adding", text: `feature \`${message.feature}\`` };
    case "removing":
      return { kind: "status", verb: "Removing", text: `${message.name} from ${sectionLabel(message.section)}` };
    case "translated":
      return { kind: "warning", text: `translating \`${message.from}\` to \`${message.to}\`` };
    case "passed-over":
      return { kind: "warning", text: passedOverText(message) };
  }
}

function addingText({ name, source, optional, public: isPublic }: DependencyEntry, section: DependencySection): string {
  const kind = `${optional === true ? " optional" : ""}${isPublic === true ? " public" : ""}`;
  return `${name}${sourceText(source)} to${kind} ${sectionLabel(section)}`;
}

function sourceText(source: DependencyEntry["source"]): string {
  switch (source?.kind) {
    case undefined:
      return "";
    case "registry":
      return /^(?:[0-9]|$)/.test(source.version) ? ` v${source.version}` : ` ${source.version}`;
    case "path":
      return " (local)";
    case "git":
      return " (git)";
    case "workspace":
      return " (workspace)";
  }
}

/** Below the place where the texts of status lines begin. */
const INDENTATION = " ".repeat(13);

function featureLines(asOf: string | undefined, selection: FeatureSelection, paint: PaintMark): readonly string[] {
  const { activated, deactivated } = selection;
  const on =
    activated.length <= MOST_LISTED_FEATURES
      ? activated.map((feature) => `${paint("good", "+")} ${feature}`)
      : [`${activated.length} activated features`];
  const off =
    activated.length + deactivated.length <= MOST_LISTED_FEATURES
      ? deactivated.map((feature) => `${paint("bad", "-")} ${feature}`)
      : [`${deactivated.length} deactivated features`];
  const head = `Features${asOf === undefined ? "" : ` as of v${asOf}`}:`;
  return [head, ...on, ...off].map((line) => INDENTATION + line);
}

function passedOverText({ dependency, version, needs, keeps, rust }: PassedOver): string {
  const ignored = `ignoring ${dependency}@${version} (which requires rustc ${needs})`;
  return keeps === undefined
    ? `${ignored} as it is incompatible with rustc ${rust}`
    : `${ignored} to maintain ${keeps}'s rust-version of ${rust}`;
}
