import { existsSync } from "node:fs";
import { resolve } from "node:path";
import {
  type BuildTimeCode,
  emptyHubLock,
  type HubGitPackage,
  type HubLock,
  type HubQuarantine,
  type HubToml,
} from "../formats/index.ts";
import { cratePlaces, gitPackageDirectory, repositoryPlaces } from "../plan/index.ts";
import { storeRoots } from "../store/index.ts";
import { type CommittedContent, committedContent } from "./committed.ts";
import { isOn, isSwitchedOff } from "./config-files.ts";
import { readText } from "./files.ts";
import { addressOf, shownRepository } from "./git/address.ts";
import { loadHubLock, loadHubToml, lockfileDigest } from "./load.ts";
import { existingHub, type HubPlace, type Standpoint } from "./locate.ts";
import { isThere } from "./observe.ts";
import { placedCrates, placedVendored } from "./placed-crate.ts";
import { type Environment, isCargoHome } from "./sources.ts";
import { stdState } from "./std-lock.ts";
import { activeOuter } from "./switch.ts";

export interface StatusOptions extends Standpoint {
  readonly env: Environment;
  readonly home: string;
}

/** What a hub is like right now, from a quick look; `verify` looks at bytes. */
export interface StatusReport {
  readonly formatVersion: 1;
  readonly hub: string;
  readonly mode: HubToml["mode"];
  readonly on: boolean;
  /** Why it is not on. */
  readonly offBecause: "switched-off" | "not-filled" | "mode-cargo-home" | "source-toml-missing" | null;
  /** Mode cargo-home: whether CARGO_HOME points here. */
  readonly cargoHomeHere: boolean;
  /** The hub further up that applies while this one is off. */
  readonly outer: string | null;
  readonly crates: number;
  /** Crates that are held unpacked only; not among `crates`. */
  readonly vendored: readonly string[];
  /** Packages of git repositories, which are not among `crates`. */
  readonly gitPackages: number;
  readonly repositories: readonly { readonly url: string; readonly commit: string }[];
  /** Bytes of all `.crate` files. */
  readonly bytes: number;
  readonly buildTimeCode: { readonly buildScripts: number; readonly procMacros: number };
  /** Packages that lie where Cargo does not look, with the reason. */
  readonly quarantine: readonly HubQuarantine[];
  /** Crates of hub.lock of which a part is missing. */
  readonly incomplete: readonly string[];
  readonly lockfiles: readonly { readonly path: string; readonly state: "held" | "changed" | "absent" }[];
  /** Whether the standard library's lockfile is that of this toolchain; null unless hub.toml says `std = true`. */
  readonly std: "same" | "other" | "unknown" | null;
  /** What git is to hold of it; null unless hub.toml says `commit = "crates"`. */
  readonly committed: CommittedContent | null;
  readonly store: { readonly path: string; readonly exists: boolean };
}

/** Looks at the hub of a directory. @throws {HubRoomError} hub/not-found. */
export function hubStatus(options: StatusOptions): StatusReport {
  const place = existingHub(options);
  const hubToml = loadHubToml(place);
  const previous = loadHubLock(place);
  if (previous.kind === "damaged") throw previous.error;
  const lock: HubLock = previous.kind === "read" ? previous.lock : emptyHubLock;
  const on = isOn(place, hubToml);
  const all = [...lock.crates, ...lock.vendored, ...lock.packages];
  const running = (code: BuildTimeCode): number => all.filter(({ runs }) => runs.includes(code)).length;
  const storePath = storeRoots(options.env, options.home).store;
  return {
    formatVersion: 1,
    hub: place.root,
    mode: hubToml.mode,
    on,
    offBecause: on ? null : offReason(place, hubToml, previous.kind === "read"),
    cargoHomeHere: isCargoHome(place, options.env),
    outer: on ? null : activeOuter(place),
    crates: lock.crates.length,
    vendored: lock.vendored.map(({ name, version }) => `${name} ${version}`),
    gitPackages: lock.packages.length,
    repositories: lock.repositories.map(shownRepository),
    bytes: lock.crates.reduce((sum, { size }) => sum + size, 0),
    buildTimeCode: { buildScripts: running("build-script"), procMacros: running("proc-macro") },
    quarantine: lock.quarantine,
    incomplete: incompleteCrates(place, hubToml, lock),
    lockfiles: lockfileStates(place, hubToml, lock),
    std: hubToml.std ? stdState(place, options.env) : null,
    committed: hubToml.commit === "crates" ? committedContent(place, options.env) : null,
    store: { path: storePath, exists: existsSync(storePath) },
  };
}

function offReason(place: HubPlace, hubToml: HubToml, filled: boolean): StatusReport["offBecause"] {
  if (!filled) return "not-filled";
  if (hubToml.mode === "cargo-home") return "mode-cargo-home";
  return isSwitchedOff(place) ? "switched-off" : "source-toml-missing";
}

function incompleteCrates(place: HubPlace, hubToml: HubToml, lock: HubLock): string[] {
  const incomplete: string[] = [];
  for (const crate of placedCrates(lock)) {
    const places = cratePlaces(crate);
    if (!isThere(place, places.crate) || !isThere(place, `${places.source}/.cargo-checksum.json`))
      incomplete.push(`${crate.name} ${crate.version}`);
  }
  for (const crate of placedVendored(lock))
    if (!isThere(place, `${cratePlaces(crate).source}/.cargo-checksum.json`))
      incomplete.push(`${crate.name} ${crate.version}`);
  return [...incomplete, ...incompleteGit(place, hubToml, lock)];
}

function incompleteGit(place: HubPlace, hubToml: HubToml, lock: HubLock): string[] {
  const isComplete = (crate: HubGitPackage): boolean => {
    const address = addressOf(crate);
    const { pack, database } = repositoryPlaces(address);
    const directory = gitPackageDirectory({ ...crate, ...address });
    const shape =
      hubToml.mode === "directory" ? `${directory}/.cargo-checksum.json` : `${database}/refs/commit/${address.commit}`;
    return isThere(place, pack) && isThere(place, shape);
  };
  return lock.packages.filter((crate) => !isComplete(crate)).map(({ name, version }) => `${name} ${version}`);
}

function lockfileStates(place: HubPlace, hubToml: HubToml, lock: HubLock): StatusReport["lockfiles"] {
  const held = new Map(lock.lockfiles.map(({ path, sha256 }) => [path, sha256]));
  return hubToml.lockfiles.map((path) => {
    const text = readText(resolve(place.root, path));
    if (text === undefined) return { path, state: "absent" };
    return { path, state: held.get(path) === lockfileDigest(text) ? "held" : "changed" };
  });
}
