import { isSha256, parseSourceId } from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import type { ExportShape } from "../formats/index.ts";
import { cratePlaces, exportPlaces, hubLayout, packageDirectory, type WantedCrate } from "../plan/index.ts";
import { exportUmask, stampPackage } from "./export-files.ts";
import { exportIncomplete } from "./export-incomplete.ts";
import { type ExportWork, exportRule } from "./export-work.ts";
import { sha256Hex } from "./files.ts";
import type { PackageFiles } from "./git/package-files.ts";
import { stagePackage } from "./git/stage-package.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type HubPlace, inHub } from "./locate.ts";
import type { PlacedVendored } from "./placed-crate.ts";
import { reasonFor } from "./quarantine.ts";
import { readVendorPackage } from "./vendored/vendor-package.ts";

/**
 * Puts crates that the hub holds unpacked only into a staged export; only one as `directory` can hold them.
 *
 * @throws {HubRoomError} hub/export-incomplete.
 */
export function exportVendored(crates: readonly PlacedVendored[], work: ExportWork): void {
  const { place, plan, files, linked } = work;
  for (const crate of crates) {
    const { source, quarantine } = exportPlaces(plan, crate);
    if (source === undefined || quarantine === undefined) throw unpackedOnly(crate, plan.shape);
    const content = pinnedPackage(place, crate);
    const isQuarantined = reasonFor(content.manifest, exportRule(work)) !== undefined;
    const directory = isQuarantined ? quarantine : source;
    const target = files.place(directory);
    stagePackage(content, { directory: target, umask: exportUmask });
    stampPackage(target);
    files.note(
      directory,
      content.files.map((file) => ({ path: file.path, sha256: sha256Hex(file.content()) })),
    );
    linked.copy += content.files.length;
  }
}

/** The package as it lies in the hub, when its files are those that hub.lock pins. */
function pinnedPackage(place: HubPlace, crate: PlacedVendored): PackageFiles {
  const directory = inHub(place, cratePlaces(crate).source);
  try {
    const content = readVendorPackage(directory, wantedCrate(crate, place));
    if (sha256Hex(content.checksumText) === crate.files) return content;
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    throw exportIncomplete(error.where ?? directory, error.what);
  }
  throw exportIncomplete(
    directory,
    `its checksum file is not the one that hub.lock pins for ${packageDirectory(crate)}`,
  );
}

function wantedCrate({ source, ident, name, version, sha256 }: PlacedVendored, place: HubPlace): WantedCrate {
  if (!isSha256(sha256)) throw new TypeError(`${sha256} is not a digest`);
  const wantedBy = inHub(place, hubLayout.hubLock);
  return { source, sourceId: parseSourceId(source, wantedBy), ident, name, version, checksum: sha256, wantedBy };
}

function unpackedOnly(crate: PlacedVendored, shape: ExportShape): HubRoomError {
  return new HubRoomError({
    code: "hub/export-incomplete",
    what: `the hub holds ${packageDirectory(crate)} unpacked only, but an export as ${shape} needs its .crate file`,
    where: crate.source,
    help: "export `--as directory`, or run `cargo-hub fill` with the registry at hand and export again",
  });
}
