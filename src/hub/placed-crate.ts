import type { HubCrate } from "../formats/index.ts";

/** A crate of the hub with the directory name of its source. */
export interface PlacedCrate extends HubCrate {
  readonly ident: string;
}
