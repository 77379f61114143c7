import { matchesRequirement, parseRequirement, parseVersion } from "../../src/semver/index.ts";
import { checksumOf } from "./world-files.ts";
import type { DependencySpec, LocalSpec, PackageSpec, PublishedSpec, WorldSpec } from "./world-spec.ts";

/** A package as a lockfile's text has it. */
interface Locked {
  readonly name: string;
  readonly version: string;
  readonly isLocal: boolean;
  readonly checksum: string | undefined;
  readonly dependencies: readonly string[];
}

/** A locked package, what was published of it, and what it needs with the features that were found. */
interface Node {
  readonly locked: Locked;
  readonly spec: PackageSpec;
  needs: Set<Node>;
  features: Set<string>;
}

/** What a check starts from. */
export interface CheckedLock {
  readonly world: WorldSpec;
  readonly lock: string;
  /** Dependencies that the first member has beside those of the world. */
  readonly added: readonly DependencySpec[];
  /** Yanked versions that are allowed, as `name version`. */
  readonly mayBeYanked: ReadonlySet<string>;
}

/**
 * Checks that a lockfile fulfils every requirement of its world, with nothing too much. Written for that alone: slow, and
 * without the resolver's code or idea.
 *
 * @returns One sentence for each fault.
 */
export function lockFaults(checked: CheckedLock): readonly string[] {
  const faults: string[] = [];
  const nodes = readPackages(checked.lock).flatMap((locked) => {
    const spec = specOf(locked, checked, faults);
    return spec === undefined ? [] : [{ locked, spec, needs: new Set<Node>(), features: new Set<string>() }];
  });
  checkUniqueness(nodes, faults);
  follow(nodes, checked, { certainly: true, faults });
  for (const node of nodes) [node.needs, node.features] = [new Set(), new Set()];
  follow(nodes, checked, { certainly: false, faults: [] });
  for (const node of nodes) {
    const stated = node.locked.dependencies.flatMap(
      (text) => meant(text, nodes) ?? faultless(faults, `${text} is unclear`),
    );
    for (const other of stated) {
      if (!node.needs.has(other)) faults.push(`${idOf(node)} does not need ${idOf(other)}`);
    }
    for (const other of node.needs) {
      if (!stated.includes(other)) faults.push(`${idOf(node)} needs ${idOf(other)}, which it does not state`);
    }
  }
  checkReached(nodes, checked.world, faults);
  return faults;
}

function faultless(faults: string[], fault: string): readonly Node[] {
  faults.push(fault);
  return [];
}

function idOf({ locked }: Node): string {
  return `${locked.name} ${locked.version}`;
}

function readPackages(lock: string): readonly Locked[] {
  const [packages = ""] = lock.split("[[patch.unused]]");
  return packages
    .split("[[package]]\n")
    .slice(1)
    .map((text): Locked => {
      const field = (key: string): string | undefined => new RegExp(`^${key} = "(.*)"$`, "m").exec(text)?.[1];
      const list = /^dependencies = \[\n([^\]]*)\]/m.exec(text)?.[1] ?? "";
      return {
        name: field("name") ?? "",
        version: field("version") ?? "",
        isLocal: field("source") === undefined,
        checksum: field("checksum"),
        dependencies: [...list.matchAll(/"(.*)"/g)].map(([, dependency]) => dependency ?? ""),
      };
    });
}

function specOf(locked: Locked, { world, added, mayBeYanked }: CheckedLock, faults: string[]): PackageSpec | undefined {
  const { name, version } = locked;
  if (locked.isLocal) {
    const local = [...world.members, ...world.others].find((spec) => spec.name === name && spec.version === version);
    if (local === undefined) faults.push(`there is no local package ${name} ${version}`);
    if (local === undefined || local !== world.members[0]) return local;
    return { ...local, dependencies: [...local.dependencies, ...added] };
  }
  const last = world.published
    .filter((spec) => spec.name === name && spec.version === version && spec.fault !== "not-json")
    .at(-1);
  if (last === undefined || isUnusable(last)) {
    faults.push(`${name} ${version} can not be had`);
    return undefined;
  }
  if (last.yanked && !mayBeYanked.has(`${name} ${version}`)) faults.push(`${name} ${version} is yanked`);
  if (locked.checksum !== checksumOf(last)) faults.push(`${name} ${version} has another checksum`);
  return last;
}

function isUnusable({ fault, dependencies }: PublishedSpec): boolean {
  if (fault === "bad-requirement") return dependencies.length > 0;
  return fault !== undefined;
}

function checkUniqueness(nodes: readonly Node[], faults: string[]): void {
  const seen = new Map<string, Node>();
  for (const node of nodes) {
    const keys = [`${node.locked.name} ${compatibility(node.locked.version)} ${node.locked.isLocal}`];
    if (node.spec.links !== undefined) keys.push(`links ${node.spec.links}`);
    for (const key of keys) {
      const other = seen.get(key);
      if (other !== undefined) faults.push(`${idOf(other)} and ${idOf(node)} can not be together`);
      seen.set(key, node);
    }
  }
}

/** The part of a version that compatible ones share. */
function compatibility(version: string): string {
  const [major = "", minor = "", patch = ""] = version.split(/[.+-]/);
  if (major !== "0") return major;
  return minor !== "0" ? `0.${minor}` : `0.0.${patch}`;
}

interface Following {
  /** Where a requirement is fulfilled by two packages that are stated, nobody knows which was meant: then neither counts. */
  readonly certainly: boolean;
  readonly faults: string[];
}

/** Activates features and dependencies from the members on, until nothing is added any more. */
function follow(nodes: readonly Node[], { world }: CheckedLock, { certainly, faults }: Following): void {
  const members = new Set(nodes.filter(({ locked, spec }) => locked.isLocal && isMember(spec, world)));
  for (const node of members) {
    for (const feature of [...Object.keys(node.spec.features), ...implicitFeatures(node.spec)])
      node.features.add(feature);
  }
  const active = new Set<Node>(members);
  for (let before = -1; before !== sizeOf(active) && faults.length < 100; ) {
    before = sizeOf(active);
    for (const node of active) {
      for (const { dependency, features } of enabled(node, members.has(node))) {
        const stated = nodes.filter((other) => fits(dependency, other, world) && states(node, other, nodes));
        if (stated.length === 0)
          faults.push(`nothing that ${idOf(node)} states is ${dependency.name} ${dependency.requirement}`);
        for (const other of certainly && stated.length > 1 ? [] : stated) {
          active.add(other);
          node.needs.add(other);
          for (const feature of features) request(other, feature, faults);
          if (dependency.defaultFeatures && "default" in other.spec.features) other.features.add("default");
        }
      }
    }
  }
}

function sizeOf(active: ReadonlySet<Node>): number {
  let size = active.size;
  for (const { features, needs } of active) size += features.size + needs.size;
  return size;
}

function isMember({ name, version }: PackageSpec, { members }: WorldSpec): boolean {
  return members.some((member) => member.name === name && member.version === version);
}

function request(node: Node, feature: string, faults: string[]): void {
  const known = feature in node.spec.features || implicitFeatures(node.spec).includes(feature);
  if (known) node.features.add(feature);
  else faults.push(`${idOf(node)} has no feature ${feature}`);
}

/** An optional dependency is a feature unless it is named with `dep:` somewhere. */
function implicitFeatures({ dependencies, features }: PackageSpec): readonly string[] {
  const named = new Set(Object.values(features).flat());
  return dependencies.filter(({ key, optional }) => optional && !named.has(`dep:${key}`)).map(({ key }) => key);
}

interface Enabled {
  readonly dependency: DependencySpec;
  readonly features: ReadonlySet<string>;
}

/** The dependencies that the present features of a package call for; adds the features these call for. */
function enabled({ spec, features }: Node, isMemberNode: boolean): readonly Enabled[] {
  const asked = new Map<string, Set<string>>();
  const ask = (key: string): Set<string> => {
    const set = asked.get(key) ?? new Set<string>();
    asked.set(key, set);
    return set;
  };
  const implicit = new Set(implicitFeatures(spec));
  for (const feature of features) {
    if (implicit.has(feature)) ask(feature);
    for (const value of spec.features[feature] ?? []) {
      const [before = "", of] = value.split("/");
      if (value.startsWith("dep:")) ask(value.slice(4));
      else if (of === undefined) features.add(value);
      else {
        const key = before.replace(/\?$/, "");
        ask(key).add(of);
        if (!before.endsWith("?") && implicit.has(key)) features.add(key);
      }
    }
  }
  return spec.dependencies
    .filter(({ kind }) => kind !== "dev" || isMemberNode)
    .filter(({ key, optional }) => !optional || asked.has(key))
    .map((dependency) => ({
      dependency,
      features: new Set([...(asked.get(dependency.key) ?? []), ...dependency.features]),
    }));
}

function fits(dependency: DependencySpec, { locked }: Node, world: WorldSpec): boolean {
  if (locked.name !== dependency.name) return false;
  if (dependency.path !== undefined) return locked.isLocal;
  if (locked.isLocal && !isPatch(locked, world.patches)) return false;
  const { requirement } = dependency;
  return requirement === undefined || matchesRequirement(parseRequirement(requirement), parseVersion(locked.version));
}

function isPatch({ name, version }: Locked, patches: readonly LocalSpec[]): boolean {
  return patches.some((patch) => patch.name === name && patch.version === version);
}

function states(node: Node, other: Node, nodes: readonly Node[]): boolean {
  return node.locked.dependencies.some((text) => meant(text, nodes)?.includes(other));
}

/** The one package that a dependency of a lockfile means. */
function meant(text: string, nodes: readonly Node[]): readonly Node[] | undefined {
  const [name, version, source] = text.split(" ");
  const named = nodes.filter(
    ({ locked }) => locked.name === name && (version === undefined || locked.version === version),
  );
  if (named.length < 2) return named.length === 1 ? named : undefined;
  const local = named.filter(({ locked }) => locked.isLocal === (source === undefined));
  return local.length === 1 ? local : undefined;
}

function checkReached(nodes: readonly Node[], world: WorldSpec, faults: string[]): void {
  const reached = new Set(nodes.filter(({ locked, spec }) => locked.isLocal && isMember(spec, world)));
  for (const node of reached) for (const other of node.needs) reached.add(other);
  for (const node of nodes) if (!reached.has(node)) faults.push(`nobody needs ${idOf(node)}`);
}
