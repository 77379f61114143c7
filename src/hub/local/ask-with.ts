import { relative, resolve, sep } from "node:path";
import { type HubToml, hubTomlVersion, parseHubToml } from "../../formats/index.ts";
import { hubLayout } from "../../plan/index.ts";
import { addToArray } from "../../toml/index.ts";
import { readText } from "../files.ts";
import type { FillOptions } from "../fill-scene.ts";
import { HubRoomError } from "../hub-room-error.ts";
import { loadHubToml } from "../load.ts";
import { type HubPlace, inHub } from "../locate.ts";

/** What hub.toml says, with what the caller adds to it. */
export interface AskedHubToml {
  readonly hubToml: HubToml;
  /** The text that hub.toml is to get; undefined when it says all of it already. */
  readonly newText: string | undefined;
}

/**
 * hub.toml with the paths of `--with` in its `with`: a fill removes what nobody asks for, so that what is given once has to be
 * asked for from then on. Writes nothing.
 *
 * @throws {HubRoomError} `hub/lock-outdated` when `--locked` forbids the change.
 */
export function askedHubToml(place: HubPlace, options: Pick<FillOptions, "cwd" | "with" | "locked">): AskedHubToml {
  const hubToml = loadHubToml(place);
  const known = new Set(hubToml.with.map((path) => resolve(place.root, path)));
  const added = options.with.map((path) => resolve(options.cwd, path)).filter((path) => !known.has(path));
  if (added.length === 0) return { hubToml, newText: undefined };
  const path = inHub(place, hubLayout.hubToml);
  if (options.locked) throw outdated(path, added);
  let text = readText(path) ?? `version = ${hubTomlVersion}\n`;
  for (const absolute of new Set(added)) {
    const value = relative(place.root, absolute).split(sep).join("/") || ".";
    text = addToArray(text, { path: ["with"], value }, path);
  }
  return { hubToml: parseHubToml(text, path), newText: text };
}

function outdated(where: string, added: readonly string[]): HubRoomError {
  return new HubRoomError({
    code: "hub/lock-outdated",
    what: `its \`with\` lacks ${added.join(", ")}, and --locked forbids to change it`,
    where,
    help: "run `cargo-hub fill --with` without --locked and commit hub.toml and hub.lock",
  });
}
