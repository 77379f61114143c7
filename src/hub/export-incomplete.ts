import { HubRoomError } from "./hub-room-error.ts";

/** The error for something that neither hub nor store has as hub.lock pins it. */
export function exportIncomplete(where: string, what: string): HubRoomError {
  return new HubRoomError({
    code: "hub/export-incomplete",
    what,
    where,
    help: "run `cargo-hub verify --repair`, then export again",
  });
}
