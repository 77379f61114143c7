import type { FeatureRequest } from "./candidate.ts";

/** The request for everything, as workspace members are resolved: every feature, and dev-dependencies too. */
export const EVERYTHING: FeatureRequest = { features: "all", defaultFeatures: true };

/** Gives the one object of a feature request. `features` may come in any order and with repetitions. */
export type FeatureRequests = (features: readonly string[], defaultFeatures: boolean) => FeatureRequest;

export function featureRequests(): FeatureRequests {
  const none: FeatureRequest = { features: [], defaultFeatures: false };
  const onlyDefault: FeatureRequest = { features: [], defaultFeatures: true };
  const known = new Map<string, FeatureRequest>();
  return (features, defaultFeatures) => {
    if (features.length === 0) return defaultFeatures ? onlyDefault : none;
    const sorted = features.length === 1 ? features : [...new Set(features)].sort();
    const key = `${defaultFeatures ? "+" : "-"}${sorted.join("\0")}`;
    let request = known.get(key);
    if (request === undefined) {
      request = { features: sorted, defaultFeatures };
      known.set(key, request);
    }
    return request;
  };
}
