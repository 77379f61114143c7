import { formatHubLock, type HubLock } from "../formats/index.ts";
import { crateKey, hubLayout } from "../plan/index.ts";
import { sha256Hex } from "./files.ts";
import type { FillScene } from "./fill-scene.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type HubPlace, inHub } from "./locate.ts";
import type { SplitCrates } from "./vendored/split.ts";

/** Whether `--locked` can be kept. @throws {HubRoomError} hub/lock-outdated. */
export function checkUnchanged(
  { place, wantedGit, lockfiles, hubToml, previous }: FillScene,
  before: HubLock | undefined,
  { full, vendored }: SplitCrates,
): void {
  if (before === undefined) {
    throw outdated(
      place,
      previous.kind === "damaged"
        ? `it is damaged (${previous.error.what}), and --locked forbids to write it anew`
        : "it does not exist, and --locked forbids to write it",
    );
  }
  const pinned = new Map(before.crates.map((crate) => [crateKey(crate), crate.sha256]));
  const pinnedGit = new Set(before.packages.map(crateKey));
  const pinnedVendored = new Map(before.vendored.map((crate) => [crateKey(crate), crate.sha256]));
  const sameCrates =
    pinned.size === full.length &&
    full.every((crate) => pinned.get(crateKey(crate)) === crate.checksum) &&
    pinnedVendored.size === vendored.length &&
    vendored.every(({ crate }) => pinnedVendored.get(crateKey(crate)) === crate.checksum) &&
    pinnedGit.size === wantedGit.length &&
    wantedGit.every((crate) => pinnedGit.has(crateKey(crate)));
  const digests = new Map(before.lockfiles.map(({ path, sha256 }) => [path, sha256]));
  const sameLockfiles =
    digests.size === hubToml.lockfiles.length && lockfiles.every(({ path, sha256 }) => digests.get(path) === sha256);
  if (sameCrates && sameLockfiles) return;
  const held = pinned.size + pinnedVendored.size + pinnedGit.size;
  const asked = full.length + vendored.length + wantedGit.length;
  const otherwise = held === asked ? ", or holds them otherwise" : "";
  throw outdated(
    place,
    sameCrates
      ? "the lockfiles changed since it was written, and --locked forbids to write it anew"
      : `it lists ${held} crates that are not just the ${asked} which the lockfiles ask for${otherwise}, and --locked forbids to change it`,
  );
}

/**
 * Whether what was gathered is what hub.lock says, to the last word: it may have been written by somebody else.
 *
 * @throws {HubRoomError} hub/lock-outdated.
 */
export function checkSameLock(place: HubPlace, before: HubLock, after: HubLock): void {
  const [pinned, made] = [linesOf(before), linesOf(after)];
  const at = made.findIndex((line, index) => line !== pinned[index]);
  if (at === -1) return;
  throw outdated(
    place,
    `line ${at + 1} of it is \`${pinned[at]?.trim() ?? ""}\`, but the hub holds \`${made[at]?.trim() ?? ""}\`, and --locked forbids to change it`,
  );
}

function linesOf(lock: HubLock): string[] {
  return formatHubLock(lock, sha256Hex).split("\n");
}

function outdated(place: HubPlace, what: string): HubRoomError {
  return new HubRoomError({
    code: "hub/lock-outdated",
    what,
    where: inHub(place, hubLayout.hubLock),
    help: "run `cargo-hub fill` without --locked and commit the new hub.lock",
  });
}
