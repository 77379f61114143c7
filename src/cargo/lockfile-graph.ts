import type { LockedDependency, LockedPackage, Lockfile } from "./lockfile.ts";
import { LockfileError } from "./lockfile-error.ts";
import { formatSourceId, sameSource } from "./source-id.ts";

/**
 * Resolves every dependency of a lockfile.
 *
 * A dependency without a source means the path package of that name and version, if there is one.
 *
 * @param at The lockfile's path, for error messages.
 * @returns For each index of `lock.packages`, the indices of the packages it depends on, in the order written. An edge
 * to a replaced package leads to that package, not to its replacement.
 * @throws {LockfileError} `cargo/lockfile-incomplete` when a dependency names no package of the lockfile, or several:
 * the file was cut off, or is out of date.
 */
export function lockedDependencies(lock: Lockfile, at: string): readonly (readonly number[])[] {
  const find = packageFinder(lock, at);
  return lock.packages.map((entry) => entry.dependencies.map((dependency) => find(dependency, entry)));
}

/**
 * Resolves every `replace` of a lockfile.
 *
 * @returns For each index of `lock.packages` the index of its replacement, if it has one.
 * @throws {LockfileError} as {@link lockedDependencies}.
 */
export function lockedReplacements(lock: Lockfile, at: string): readonly (number | undefined)[] {
  const find = packageFinder(lock, at);
  return lock.packages.map((entry) => (entry.replace === undefined ? undefined : find(entry.replace, entry)));
}

/** The index of the package that a dependency names, or why there is none. */
type Found = number | "none" | "several";

/** Looks dependencies up in `lock.packages`; each dependency object is looked up once. */
function packageFinder(lock: Lockfile, at: string): (dependency: LockedDependency, parent: LockedPackage) => number {
  const byName = new Map<string, number[]>();
  for (const [index, { name }] of lock.packages.entries()) {
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [index]);
    else same.push(index);
  }
  const known = new Map<LockedDependency, number>();
  return (dependency, parent) => {
    const before = known.get(dependency);
    if (before !== undefined) return before;
    const found = findAmong(byName.get(dependency.name) ?? [], dependency, lock);
    if (typeof found !== "number") throw incomplete(dependency, { found, parent, lock, at });
    known.set(dependency, found);
    return found;
  };
}

function findAmong(named: readonly number[], dependency: LockedDependency, lock: Lockfile): Found {
  const { version, source } = dependency;
  const first = lock.packages[named[0] ?? -1];
  if (first === undefined) return "none";
  const wanted = version ?? first.version;
  const candidates = named.filter((index) => lock.packages[index]?.version === wanted);
  if (version === undefined && candidates.length !== named.length) return "several";
  if (source === undefined) {
    const local = candidates.filter((index) => lock.packages[index]?.source === undefined);
    return onlyOne(local.length === 0 ? candidates : local);
  }
  return onlyOne(
    candidates.filter((index) => {
      const other = lock.packages[index]?.source;
      return other !== undefined && sameSource(other, source);
    }),
  );
}

function onlyOne(indices: readonly number[]): Found {
  const [first, ...others] = indices;
  if (first === undefined) return "none";
  return others.length === 0 ? first : "several";
}

interface Missing {
  readonly found: Found;
  readonly parent: LockedPackage;
  readonly lock: Lockfile;
  readonly at: string;
}

function incomplete(dependency: LockedDependency, { found, parent, lock, at }: Missing): LockfileError {
  const { name, version, source } = dependency;
  let text = version === undefined ? name : `${name} ${version}`;
  if (source !== undefined) text += ` (${formatSourceId(source, lock.version)})`;
  const several = found === "several" ? "fits several packages of the file" : "is not in the file";
  return new LockfileError({
    code: "cargo/lockfile-incomplete",
    what: `${parent.name} ${parent.version} refers to "${text}", which ${several}: it is cut off or out of date`,
    where: at,
    help: "run `cargo metadata` to complete Cargo.lock, or restore it from version control",
  });
}
