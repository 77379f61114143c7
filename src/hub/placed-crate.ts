import { parseSourceId, registryIdent } from "../cargo/index.ts";
import type { HubCrate, HubLock, HubVendoredCrate } from "../formats/index.ts";
import { type CrateKey, crateKey, hubLayout } from "../plan/index.ts";
import { quarantinedKeys } from "./quarantine.ts";

/** A crate of the hub with the directory name of its source. */
export interface PlacedCrate extends HubCrate {
  readonly ident: string;
  /** Whether it lies where Cargo does not look. */
  readonly quarantined: boolean;
}

/** The registry crates of a hub.lock, placed. */
export function placedCrates(lock: HubLock): PlacedCrate[] {
  return placed(lock.crates, lock);
}

/** A crate that the hub holds unpacked only, with the directory name of its source. */
export type PlacedVendored = HubVendoredCrate & Pick<PlacedCrate, "ident" | "quarantined">;

/** The vendored crates of a hub.lock, placed. */
export function placedVendored(lock: HubLock): PlacedVendored[] {
  return placed(lock.vendored, lock);
}

function placed<Crate extends CrateKey>(
  crates: readonly Crate[],
  lock: HubLock,
): (Crate & Pick<PlacedCrate, "ident" | "quarantined">)[] {
  const quarantined = quarantinedKeys(lock);
  const idents = new Map<string, string>();
  return crates.map((crate) => {
    const ident = idents.get(crate.source) ?? registryIdent(parseSourceId(crate.source, hubLayout.hubLock));
    idents.set(crate.source, ident);
    return { ...crate, ident, quarantined: quarantined.has(crateKey(crate)) };
  });
}
