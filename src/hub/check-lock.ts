import { emptyHubLock, type HubLock } from "../formats/index.ts";
import { hubLayout, wantedCrates } from "../plan/index.ts";
import type { Finding } from "./check-crate.ts";
import { checkedGitPackages } from "./git/address.ts";
import { loadHubLock, loadHubToml, loadLockfiles, lockfileMissing, parseLockfiles } from "./load.ts";
import { type HubPlace, inHub } from "./locate.ts";

/**
 * Checks hub.lock itself and whether the lockfiles are still those it was made from.
 *
 * @returns What to check. When hub.lock is damaged it is taken from the lockfiles, with what is known without it: no digest of a
 * line, no size, nothing that only the bytes told.
 */
export function checkLock(place: HubPlace, findings: Finding[]): { lock: HubLock; outdated: string[] } {
  const path = inHub(place, hubLayout.hubLock);
  const previous = loadHubLock(place);
  if (previous.kind === "read") return { lock: previous.lock, outdated: outdatedLockfiles(place, previous.lock) };
  if (previous.kind === "absent")
    findings.push({ kind: "missing", area: "hub-lock", path, reason: "the hub has no hub.lock" });
  else findings.push({ kind: "damaged", area: "hub-lock", path, reason: previous.error.what });
  return { lock: lockOfLockfiles(place), outdated: [] };
}

function lockOfLockfiles(place: HubPlace): HubLock {
  const lockfiles = loadLockfiles(place, loadHubToml(place), {
    make: (absolute) => {
      throw lockfileMissing(
        absolute,
        "it does not exist, and without hub.lock it is the only record of what the hub holds",
      );
    },
  });
  const parsed = parseLockfiles(lockfiles);
  const unknown = { size: 0, runs: [], license: "" };
  return {
    ...emptyHubLock,
    crates: wantedCrates(parsed).map(({ source, name, version, checksum }) => {
      return { source, name, version, sha256: checksum, kind: "full", line: "", ...unknown };
    }),
    packages: checkedGitPackages(parsed).map(({ source, name, version }) => {
      return { source, name, version, path: "", files: "", ...unknown };
    }),
  };
}

function outdatedLockfiles(
  place: HubPlace,
  lock: { readonly lockfiles: readonly { path: string; sha256: string }[] },
): string[] {
  const stated = new Map(lock.lockfiles.map(({ path, sha256 }) => [path, sha256]));
  const outdated: string[] = [];
  const hubToml = loadHubToml(place);
  for (const path of hubToml.lockfiles) {
    const [loaded] = loadIfThere(place, path);
    if (loaded !== undefined && stated.get(path) !== loaded.sha256) outdated.push(loaded.absolute);
  }
  for (const { path } of lock.lockfiles)
    if (!hubToml.lockfiles.includes(path)) outdated.push(inHub(place, hubLayout.hubToml));
  return outdated;
}

function loadIfThere(place: HubPlace, path: string): ReturnType<typeof loadLockfiles> {
  try {
    return loadLockfiles(
      place,
      { ...loadHubToml(place), lockfiles: [path] },
      {
        make: (absolute) => {
          throw lockfileMissing(absolute, "it does not exist");
        },
      },
    );
  } catch {
    return []; // a hub can be verified where the project's lockfile was not copied along
  }
}
