import type { Candidate, Dependency, FeatureRequest } from "./candidate.ts";
import type { MissingFeature } from "./enabled.ts";

/** One dependency to settle: its candidates in the order in which they are tried. */
export interface Step {
  readonly dependency: Dependency;
  readonly candidates: readonly Candidate[];
  readonly request: FeatureRequest;
}

/** What a package with certain features needs. */
export type Expansion =
  | {
      readonly kind: "steps";
      readonly features: ReadonlySet<string>;
      /** Those with the fewest candidates first. */
      readonly steps: readonly Step[];
    }
  | { readonly kind: "missing-feature"; readonly feature: string; readonly reason: MissingFeature }
  | { readonly kind: "feature-cycle"; readonly feature: string };
