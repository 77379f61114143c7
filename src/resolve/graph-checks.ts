import type { Candidate } from "./candidate.ts";
import { type ChainLink, Stop } from "./failure.ts";
import { askedDependency, packageName } from "./package-name.ts";

/** What has to be true of a graph beside its versions. */
export interface GraphToCheck {
  /** In cargo's order. */
  readonly packages: readonly Candidate[];
  readonly replacementOf: (candidate: Candidate) => Candidate | undefined;
}

/**
 * Refuses a graph in which packages need each other in a circle, dev-dependencies aside.
 *
 * @throws {Stop} with the circle.
 */
export function refuseCycles(graph: GraphToCheck): void {
  const children = childrenOf(graph);
  const done = new Set<Candidate>();
  for (const start of graph.packages) {
    const path: { readonly candidate: Candidate; readonly rest: Iterator<Candidate> }[] = [];
    const onPath = new Set<Candidate>();
    const enter = (candidate: Candidate): void => {
      onPath.add(candidate);
      path.push({ candidate, rest: (children.get(candidate) ?? []).values() });
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        done.add(top.candidate);
        onPath.delete(top.candidate);
        path.pop();
        continue;
      }
      const child = next.value;
      if (onPath.has(child)) {
        const above = path.map(({ candidate }) => candidate);
        throw cycle(above.slice(above.indexOf(child)), graph);
      }
      if (!done.has(child)) enter(child);
    }
  }
}

/** What each package needs to be built, and what stands in for that; in cargo's order. */
function childrenOf({ packages, replacementOf }: GraphToCheck): ReadonlyMap<Candidate, ReadonlySet<Candidate>> {
  const children = new Map<Candidate, Set<Candidate>>();
  for (const child of packages) {
    const replacement = replacementOf(child);
    for (const { parent, dependency } of child.node?.parents ?? []) {
      if (dependency.kind === "dev") continue;
      const edges = children.get(parent) ?? new Set();
      children.set(parent, edges.add(child));
      if (replacement !== undefined) edges.add(replacement);
    }
  }
  return children;
}

function cycle(circle: readonly Candidate[], { packages, replacementOf }: GraphToCheck): Stop {
  const chain = circle.map((candidate, at): ChainLink => {
    const parent = circle.at(at - 1);
    const meant = packages.filter((other) => other === candidate || replacementOf(other) === candidate);
    const edges = meant.flatMap((other) => other.node?.parents ?? []).filter((edge) => edge.parent === parent);
    const [edge] = edges.filter(({ dependency }) => dependency.kind !== "dev");
    return {
      package: packageName(candidate),
      asked: edge === undefined ? undefined : askedDependency(edge.dependency),
    };
  });
  return new Stop({ kind: "cycle", chain });
}

/**
 * Refuses two path packages that a lockfile, which does not write their places, could not tell apart.
 *
 * @throws {Stop}
 */
export function refuseCollisions(packages: readonly Candidate[]): void {
  let before: Candidate | undefined;
  for (const candidate of packages) {
    if (candidate.source.id.kind !== "path") continue;
    if (before?.name === candidate.name && before.versionText === candidate.versionText) {
      throw new Stop({ kind: "collision", packages: [packageName(before), packageName(candidate)] });
    }
    before = candidate;
  }
}
