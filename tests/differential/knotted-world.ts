import { type Random, seeded } from "../faults/random.ts";
import type { DependencySpec, LocalSpec, PublishedSpec, WorldSpec } from "./world-spec.ts";

/** A package all of whose versions are compatible, so that only one can be chosen. */
interface Strand {
  readonly name: string;
  readonly count: number;
  /** The version that the hidden solution has. */
  readonly planted: number;
}

/**
 * A world in which most choices are wrong: packages with many compatible versions that need each other in narrow ranges. A
 * solution is hidden among the older versions; half of the worlds then lose it again.
 */
export function knottedWorld(seed: number): WorldSpec {
  const random = seeded(seed);
  const strands = Array.from({ length: 5 + random.below(12) }, (_, at): Strand => {
    const count = 3 + random.below(10);
    return { name: `k${at}`, count, planted: random.below(count) };
  });
  const isSolvable = random.below(2) === 0;
  const published = strands.flatMap((strand, at) =>
    Array.from({ length: strand.count }, (_, minor): PublishedSpec => {
      const others = random.below(12) === 0 ? strands.filter((other) => other !== strand) : strands.slice(at + 1);
      const mustFit = isSolvable && minor === strand.planted;
      return {
        name: strand.name,
        version: `1.${minor}.0`,
        dependencies: dependencies(random, others, mustFit),
        features: { extra: [] },
        links: random.below(30) === 0 ? "knot" : undefined,
        rustVersion: undefined,
        yanked: !mustFit && random.below(20) === 0,
        fault: undefined,
        isLater: random.below(10) === 0,
      };
    }),
  );
  const app: LocalSpec = {
    name: "app",
    version: "0.1.0",
    directory: "app",
    edition: "2021",
    dependencies: strands.slice(0, 2 + random.below(3)).map(({ name }) => dependency(name, "^1", [])),
    features: {},
    links: undefined,
    rustVersion: undefined,
  };
  const none = { others: [], patches: [], resolver: undefined, workspace: undefined, added: undefined, later: {} };
  return { seed, published, members: [app], root: "app", ...none };
}

function dependencies(random: Random, others: readonly Strand[], mustFit: boolean): DependencySpec[] {
  if (others.length === 0) return [];
  const chosen = new Set(Array.from({ length: 1 + random.below(3) }, () => random.pick(others)));
  return [...chosen].map((strand) => {
    const features = random.below(15) === 0 ? ["extra"] : [];
    return dependency(strand.name, requirement(random, strand, mustFit), features);
  });
}

function requirement(random: Random, { count, planted }: Strand, mustFit: boolean): string {
  const minor = mustFit ? planted : random.below(count);
  const form = random.below(100);
  if (form < 40) return `=1.${minor}.0`;
  if (form < 65) return `>=1.${minor}.0, <1.${minor + 2}.0`;
  if (form < 80) return `<=1.${minor}`;
  return `^1.${minor}`;
}

function dependency(name: string, text: string, features: readonly string[]): DependencySpec {
  return {
    key: name,
    name,
    requirement: text,
    kind: "normal",
    target: undefined,
    optional: false,
    defaultFeatures: true,
    features,
  };
}
