import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseSourceId, registryIdent } from "../cargo/index.ts";
import { emptyHubLock, type HubLock, type HubToml } from "../formats/index.ts";
import { cratePlaces, hubLayout } from "../plan/index.ts";
import { storeRoots } from "../store/index.ts";
import { type CommittedContent, committedContent } from "./committed.ts";
import { isOn, isSwitchedOff } from "./config-files.ts";
import { readText } from "./files.ts";
import { loadHubLock, loadHubToml, lockfileDigest } from "./load.ts";
import { existingHub, type HubPlace, type Standpoint } from "./locate.ts";
import { isThere } from "./observe.ts";
import { type Environment, isCargoHome } from "./sources.ts";
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
  /** Bytes of all `.crate` files. */
  readonly bytes: number;
  readonly buildTimeCode: { readonly buildScripts: number; readonly procMacros: number };
  /** Crates of hub.lock of which a part is missing. */
  readonly incomplete: readonly string[];
  readonly lockfiles: readonly { readonly path: string; readonly state: "held" | "changed" | "absent" }[];
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
    bytes: lock.crates.reduce((sum, { size }) => sum + size, 0),
    buildTimeCode: {
      buildScripts: lock.crates.filter(({ runs }) => runs.includes("build-script")).length,
      procMacros: lock.crates.filter(({ runs }) => runs.includes("proc-macro")).length,
    },
    incomplete: incompleteCrates(place, lock),
    lockfiles: lockfileStates(place, hubToml, lock),
    committed: hubToml.commit === "crates" ? committedContent(place, options.env) : null,
    store: { path: storePath, exists: existsSync(storePath) },
  };
}

function offReason(place: HubPlace, hubToml: HubToml, filled: boolean): StatusReport["offBecause"] {
  if (!filled) return "not-filled";
  if (hubToml.mode === "cargo-home") return "mode-cargo-home";
  return isSwitchedOff(place) ? "switched-off" : "source-toml-missing";
}

function incompleteCrates(place: HubPlace, lock: HubLock): string[] {
  const incomplete: string[] = [];
  for (const crate of lock.crates) {
    const places = cratePlaces({ ...crate, ident: registryIdent(parseSourceId(crate.source, hubLayout.hubLock)) });
    if (!isThere(place, places.crate) || !isThere(place, `${places.source}/.cargo-checksum.json`))
      incomplete.push(`${crate.name} ${crate.version}`);
  }
  return incomplete;
}

function lockfileStates(place: HubPlace, hubToml: HubToml, lock: HubLock): StatusReport["lockfiles"] {
  const held = new Map(lock.lockfiles.map(({ path, sha256 }) => [path, sha256]));
  return hubToml.lockfiles.map((path) => {
    const text = readText(resolve(place.root, path));
    if (text === undefined) return { path, state: "absent" };
    return { path, state: held.get(path) === lockfileDigest(text) ? "held" : "changed" };
  });
}
