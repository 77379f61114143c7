import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  formatPackageChecksum,
  isSha256,
  parseIndexEntry,
  parseSourceId,
  standInFiles,
  type TextFile,
} from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import type { HubLock, HubToml } from "../formats/index.ts";
import { crateKey, cratePlaces, hubLayout } from "../plan/index.ts";
import { movePath } from "../store/index.ts";
import type { Finding } from "./check-crate.ts";
import { makeDirectory, readText, sha256Hex } from "./files.ts";
import { filesBelow } from "./files-below.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { type PlacedCrate, placedCrates } from "./placed-crate.ts";

/** A package of the directory source in place of one in quarantine. */
interface HeldStandIn {
  readonly directory: string;
  /** With its `.cargo-checksum.json`. */
  readonly files: readonly TextFile[];
}

/**
 * What stands in for the registry crates in quarantine: without it cargo would refuse every lockfile that names one, also where it
 * is not compiled. Made from the index lines that lie in the hub; one whose line is missing or damaged has none.
 */
function standIns(place: HubPlace, lock: HubLock, hubToml: HubToml): HeldStandIn[] {
  if (hubToml.mode !== "directory") return [];
  const reasons = new Map(lock.quarantine.map((entry) => [crateKey(entry), entry.reason]));
  return placedCrates(lock).flatMap((crate) => {
    const reason = reasons.get(crateKey(crate));
    const files = reason === undefined ? undefined : standInOf(place, crate, { reason, hubToml });
    const directory = inHub(place, cratePlaces({ ...crate, quarantined: false }).source);
    return files === undefined ? [] : [{ directory, files }];
  });
}

/** The files of what stands in for a crate in quarantine, with its `.cargo-checksum.json`; undefined when its index line is not at hand. */
export function standInOf(
  place: HubPlace,
  crate: PlacedCrate,
  { reason, hubToml }: { readonly reason: string; readonly hubToml: HubToml },
): TextFile[] | undefined {
  const { name, version, sha256 } = crate;
  const lines = readText(inHub(place, cratePlaces(crate).rawIndex))?.split("\n") ?? [];
  const line = lines.find((text) => sha256Hex(text) === crate.line || (crate.line === "" && text.includes(sha256)));
  if (line === undefined || !isSha256(sha256)) return undefined;
  try {
    const entry = parseIndexEntry(line, `${name} ${version}`);
    const source = parseSourceId(crate.source, hubLayout.hubLock);
    const cure =
      "lock another version of it or, where it needs a newer cargo, say a higher rust-version in .cargo/hub.toml";
    const message = `${name} ${version} lies in quarantine: ${reason}; ${cure}, and run \`cargo-hub fill\``;
    const files = standInFiles({ entry, source, message, rustVersion: hubToml.rustVersion });
    const digests = files.map(({ path, text }) => ({ path, sha256: sha256Hex(text) }));
    return [...files, { path: ".cargo-checksum.json", text: formatPackageChecksum(digests, sha256) }];
  } catch (error) {
    if (error instanceof HubError) return undefined;
    throw error;
  }
}

/** Puts them in place. @param staging A private directory on the hub's file system. @returns whether anything was written. */
export function writeStandIns(
  place: HubPlace,
  { lock, hubToml, staging }: { readonly lock: HubLock; readonly hubToml: HubToml; readonly staging: string },
): boolean {
  let written = false;
  for (const [at, { directory, files }] of standIns(place, lock, hubToml).entries()) {
    if (files.every(({ path, text }) => readText(join(directory, path)) === text)) continue;
    const staged = join(staging, `stand-in-${at}`);
    for (const { path, text } of files) {
      makeDirectory(dirname(join(staged, path)));
      writeFileSync(join(staged, path), text);
    }
    if (existsSync(directory)) movePath(directory, `${staged}-old`);
    makeDirectory(dirname(directory));
    movePath(staged, directory);
    written = true;
  }
  return written;
}

/** Checks them, byte for byte. */
export function checkStandIns(
  place: HubPlace,
  { lock, hubToml, findings }: { readonly lock: HubLock; readonly hubToml: HubToml; readonly findings: Finding[] },
): void {
  for (const { directory, files } of standIns(place, lock, hubToml)) {
    const known = new Set(files.map(({ path }) => path));
    for (const { path, text } of files) {
      const actual = readText(join(directory, path));
      const at = { area: "source", path: join(directory, path) } as const;
      if (actual === undefined) findings.push({ kind: "missing", ...at, reason: "it is not there" });
      else if (actual !== text)
        findings.push({ kind: "damaged", ...at, reason: "it is not what stands in for a package in quarantine" });
    }
    for (const path of filesBelow(directory)) {
      if (known.has(path)) continue;
      findings.push({
        kind: "foreign",
        area: "source",
        path: join(directory, path),
        reason: "it does not belong to what stands in here",
      });
    }
  }
}
