import type { SourceId } from "../cargo/index.ts";
import type { IndexPackage } from "./index-package.ts";
import type { PackageSummary } from "./package-summary.ts";

/** One package of a registry, whose index entries are wanted. */
export interface IndexNeed {
  readonly kind: "index";
  readonly source: SourceId;
  /** In the letter case of whoever depends on it. */
  readonly name: string;
}

/**
 * All packages of a directory (there is one) or of a git repository. A git source with a commit is wanted at that commit,
 * one without at the commit that its reference names now.
 */
export interface SourceNeed {
  readonly kind: "packages";
  readonly source: SourceId;
}

/** Something the resolver does not know yet. The same thing is always the same object. */
export type Need = IndexNeed | SourceNeed;

/** What the resolver yields: it can not go on before it knows `needed`. */
export interface ResolveQuestion {
  readonly needed: readonly Need[];
  /**
   * What will probably be needed soon, beside `needed`: found by following the greatest versions through what is known. Worth
   * asking for when an answer takes time; costs some work, so it is done only when called.
   */
  likely(): readonly IndexNeed[];
}

/**
 * What is known now. `found` is `undefined` when the registry has no such package. A directory or repository that can not be
 * read has a `fault` instead: it stops the resolution only if it is really needed.
 */
export type ResolveAnswer =
  | { readonly need: IndexNeed; readonly found: IndexPackage | undefined }
  | { readonly need: SourceNeed; readonly found: readonly PackageSummary[] }
  | { readonly need: SourceNeed; readonly fault: unknown };

/** A part of a resolution that may ask. */
export type Asking<Result> = Generator<ResolveQuestion, Result, readonly ResolveAnswer[]>;

/** Asks for what has to be known, without guessing what comes next. */
export function* ask(needed: readonly Need[]): Asking<readonly ResolveAnswer[]> {
  return yield { needed, likely: () => [] };
}
