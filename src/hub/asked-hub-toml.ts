import { relative, resolve, sep } from "node:path";
import { type HubToml, hubTomlVersion } from "../formats/index.ts";
import { hubLayout } from "../plan/index.ts";
import { addToArray, tomlLayout } from "../toml/index.ts";
import { readText } from "./files.ts";
import type { FillOptions } from "./fill-scene.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { loadHubToml, readHubToml } from "./load.ts";
import { type HubPlace, inHub } from "./locate.ts";

/** What hub.toml says, with what the caller adds to it. */
export interface AskedHubToml {
  readonly hubToml: HubToml;
  /** The text that hub.toml is to get; undefined when it says all of it already. */
  readonly newText: string | undefined;
}

/**
 * hub.toml with the paths of `--with` in its `with`, and with `std = true` for `--std`: a fill removes what nobody asks for, so that
 * what is given once has to be asked for from then on. Writes nothing.
 *
 * @throws {HubRoomError} `hub/lock-outdated` when `--locked` forbids the change.
 */
export function askedHubToml(
  place: HubPlace,
  options: Pick<FillOptions, "cwd" | "with" | "std" | "locked">,
): AskedHubToml {
  const hubToml = loadHubToml(place);
  const known = new Set(hubToml.with.map((path) => resolve(place.root, path)));
  const added = options.with.map((path) => resolve(options.cwd, path)).filter((path) => !known.has(path));
  const lacksStd = options.std !== undefined && !hubToml.std;
  if (added.length === 0 && !lacksStd) return { hubToml, newText: undefined };
  const path = inHub(place, hubLayout.hubToml);
  if (options.locked) throw outdated(path, { added, lacksStd });
  let text = readText(path) ?? `version = ${hubTomlVersion}\n${added.length === 0 ? "" : "with = []\n"}`;
  for (const absolute of new Set(added)) {
    const value = relative(place.root, absolute).split(sep).join("/") || ".";
    text = addToArray(text, { path: ["with"], value }, path);
  }
  if (lacksStd) text = withStd(text);
  return { hubToml: readHubToml(text, path), newText: text };
}

/** `std = true`: in the place of another value, else behind the line of `version`, which is always there. */
function withStd(text: string): string {
  const { statements } = tomlLayout(text);
  const find = (key: string) => statements.find(({ path }) => path.length === 1 && path[0] === key);
  const std = find("std");
  if (std !== undefined) return `${text.slice(0, std.valueStart)}true${text.slice(std.valueEnd)}`;
  const feed = text.indexOf("\n", find("version")?.valueEnd ?? 0);
  if (feed === -1) return `${text}\nstd = true\n`;
  const end = text[feed - 1] === "\r" ? "\r\n" : "\n";
  return `${text.slice(0, feed + 1)}std = true${end}${text.slice(feed + 1)}`;
}

function outdated(
  where: string,
  { added, lacksStd }: { readonly added: readonly string[]; readonly lacksStd: boolean },
): HubRoomError {
  const lacks = [
    ...(added.length === 0 ? [] : [`its \`with\` lacks ${added.join(", ")}`]),
    ...(lacksStd ? ["it lacks `std = true`"] : []),
  ];
  return new HubRoomError({
    code: "hub/lock-outdated",
    what: `${lacks.join(" and ")}, and --locked forbids to change it`,
    where,
    help: `run \`cargo-hub fill ${added.length === 0 ? "--std" : "--with"}\` without --locked and commit hub.toml and hub.lock`,
  });
}
