import { type CargoConfig, formatOrigin } from "../cargo/index.ts";
import type { HubToml } from "../formats/index.ts";
import type { PlacedSource } from "../plan/index.ts";
import { HubRoomError } from "./hub-room-error.ts";

/**
 * Refuses a configuration in which somebody's own source has the name of one of the hub's.
 *
 * @param config As if no hub were there.
 * @throws {HubRoomError} hub/source-name-taken.
 */
export function refuseTakenNames(
  config: CargoConfig,
  { placed, hubToml }: { readonly placed: readonly PlacedSource[]; readonly hubToml: HubToml },
): void {
  const sources = config.root.value.get("source");
  if (hubToml.mode === "cargo-home" || sources?.kind !== "table") return;
  for (const { name } of placed) {
    const own = sources.value.get(name);
    if (own === undefined) continue;
    throw new HubRoomError({
      code: "hub/source-name-taken",
      what: `[source.${name}] is somebody's own here, but it is the name of the hub's directory`,
      where: formatOrigin(own.origin),
      help: "give that source another name, also where a `replace-with` names it",
    });
  }
}
