import type { HubLock } from "../formats/index.ts";
import { crateKey, hubLayout } from "../plan/index.ts";
import type { FillScene } from "./fill-scene.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { inHub } from "./locate.ts";
import type { SplitCrates } from "./vendored/split.ts";

/** Whether `--locked` can be kept. @throws {HubRoomError} hub/lock-outdated. */
export function checkUnchanged(
  { place, wantedGit, lockfiles, hubToml, previous }: FillScene,
  before: HubLock | undefined,
  { full, vendored }: SplitCrates,
): void {
  const where = inHub(place, hubLayout.hubLock);
  const help = "run `cargo-hub fill` without --locked and commit the new hub.lock";
  const refuse = (what: string): never => {
    throw new HubRoomError({ code: "hub/lock-outdated", what, where, help });
  };
  if (before === undefined) {
    return refuse(
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
  refuse(
    sameCrates
      ? "the lockfiles changed since it was written, and --locked forbids to write it anew"
      : `it lists ${held} crates that are not just the ${asked} which the lockfiles ask for${otherwise}, and --locked forbids to change it`,
  );
}
