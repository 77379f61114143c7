import { PlanError } from "./plan-error.ts";
import { compareWanted, crateKey, type WantedCrate } from "./wanted.ts";

/**
 * What lockfiles want together with crates that are given as files, sorted.
 *
 * @throws {PlanError} `plan/with-checksum` when a lockfile, or another file, has other bytes for one of them.
 */
export function withLocalCrates(wanted: readonly WantedCrate[], local: readonly WantedCrate[]): readonly WantedCrate[] {
  if (local.length === 0) return wanted;
  const all = new Map(wanted.map((crate) => [crateKey(crate), crate]));
  for (const crate of local) {
    const before = all.get(crateKey(crate));
    if (before === undefined) all.set(crateKey(crate), crate);
    else if (before.checksum !== crate.checksum) throw otherBytes(before, crate);
  }
  return [...all.values()].toSorted(compareWanted);
}

function otherBytes(before: WantedCrate, crate: WantedCrate): PlanError {
  const { name, version } = crate;
  return new PlanError({
    code: "plan/with-checksum",
    what: `${before.wantedBy} says that ${name} ${version} has checksum ${before.checksum}, but here it has ${crate.checksum}`,
    where: crate.wantedBy,
    help: `give the file that was locked; or, if its content is meant to be new, give it a new version, or take the entry of ${name} out of Cargo.lock`,
  });
}
