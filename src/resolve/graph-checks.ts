import type { Candidate } from "./candidate.ts";
import { type ChainLink, Stop } from "./failure.ts";
import { askedDependency, packageName } from "./package-name.ts";
import { parentsOf } from "./parents.ts";

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
    const path: { readonly candidate: Candidate; readonly rest: Iterator<ChildEdge> }[] = [];
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
      const { child } = next.value;
      if (onPath.has(child))
        throw cycle(
          path.map(({ candidate }) => candidate),
          child,
          children,
        );
      if (!done.has(child)) enter(child);
    }
  }
}

interface ChildEdge {
  readonly child: Candidate;
  readonly link: ChainLink;
}

/** What each package needs to be built, and what stands in for that. */
function childrenOf({ packages, replacementOf }: GraphToCheck): ReadonlyMap<Candidate, readonly ChildEdge[]> {
  const children = new Map<Candidate, ChildEdge[]>();
  for (const child of packages) {
    const replacement = replacementOf(child);
    for (const [parent, dependencies] of parentsOf(child)) {
      const needed = [...dependencies].find(({ kind }) => kind !== "dev");
      if (needed === undefined) continue;
      const edges = children.get(parent) ?? [];
      children.set(parent, edges);
      const asked = askedDependency(needed);
      edges.push({ child, link: { package: packageName(child), asked } });
      if (replacement !== undefined) {
        edges.push({ child: replacement, link: { package: packageName(replacement), asked } });
      }
    }
  }
  return children;
}

function cycle(
  path: readonly Candidate[],
  back: Candidate,
  children: ReadonlyMap<Candidate, readonly ChildEdge[]>,
): Stop {
  const circle = [...path.slice(path.indexOf(back)), back];
  const chain = circle.slice(1).flatMap((candidate, index) => {
    const parent = circle[index];
    const edge = parent === undefined ? undefined : children.get(parent)?.find(({ child }) => child === candidate);
    return edge === undefined ? [] : [edge.link];
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
