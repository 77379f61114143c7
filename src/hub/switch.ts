import { existsSync } from "node:fs";
import type { HubToml } from "../formats/index.ts";
import { type HubSource, hubLayout, sourcesOfLock } from "../plan/index.ts";
import { isOn, isSwitchedOff, switchOff, switchOn } from "./config-files.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { loadHubLock, loadHubToml } from "./load.ts";
import { existingHub, type HubPlace, inHub, outerHub, type Standpoint } from "./locate.ts";
import { checkCompatBlock, type Environment, hubSources } from "./sources.ts";

export interface SwitchOptions extends Standpoint {
  readonly env: Environment;
}

/** What `on` and `off` did. */
export interface SwitchReport {
  readonly formatVersion: 1;
  readonly hub: string;
  readonly mode: HubToml["mode"];
  readonly on: boolean;
  readonly changed: boolean;
  /** The hub further up that applies now, when this one is off. */
  readonly outer: string | null;
}

/** Lets Cargo use the hub again. @throws {HubRoomError} hub/not-found when it was never filled. */
export function turnOn(options: SwitchOptions): SwitchReport {
  const place = existingHub(options);
  const hubToml = loadHubToml(place);
  const before = isOn(place, hubToml);
  const sources = sourcesOfHub(place, options.env);
  if (hubToml.compat) checkCompatBlock(place, sources);
  switchOn(place, { hubToml, sources });
  return switchReport(place, hubToml, before);
}

/** Lets Cargo behave as if the hub were not there; nothing else is touched. */
export function turnOff(options: SwitchOptions): SwitchReport {
  const place = existingHub(options);
  const hubToml = loadHubToml(place);
  const before = isOn(place, hubToml);
  switchOff(place);
  return switchReport(place, hubToml, before);
}

function switchReport(place: HubPlace, hubToml: HubToml, before: boolean): SwitchReport {
  const on = isOn(place, hubToml);
  return {
    formatVersion: 1,
    hub: place.root,
    mode: hubToml.mode,
    on,
    changed: on !== before,
    outer: on ? null : activeOuter(place),
  };
}

/** The nearest hub above that is on. */
export function activeOuter(place: HubPlace): string | null {
  for (let outer = outerHub(place); outer !== undefined; outer = outerHub(outer)) {
    if (isOn(outer, loadHubToml(outer)) && !isSwitchedOff(outer)) return outer.root;
  }
  return null;
}

/** The sources of a filled hub. @throws {HubRoomError} hub/not-found when there is nothing to switch on. */
function sourcesOfHub(place: HubPlace, env: Environment): HubSource[] {
  const previous = loadHubLock(place);
  if (previous.kind === "damaged") throw previous.error;
  if (previous.kind === "absent" || !existsSync(inHub(place, hubLayout.registry))) {
    throw new HubRoomError({
      code: "hub/not-found",
      what:
        previous.kind === "absent"
          ? "this hub was never filled: it has no hub.lock"
          : "this hub's registry directory is not here",
      where: place.dotCargo,
      help: "run `cargo-hub fill`",
    });
  }
  const placed = sourcesOfLock(previous.lock, hubLayout.hubLock);
  return hubSources(place, placed, { env, hubToml: loadHubToml(place) });
}
