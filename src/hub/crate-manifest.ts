import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ManifestFacts, Sha256 } from "../cargo/index.ts";
import type { BuildTimeCode } from "../formats/index.ts";
import { packageDirectory } from "../plan/index.ts";
import { type Store, type TreeList, treePath } from "../store/index.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { judge, type QuarantineRule } from "./quarantine.ts";

/** What a manifest says that hub.lock records. */
export interface CrateFacts {
  readonly runs: readonly BuildTimeCode[];
  readonly license: string;
}

/** The manifest of an unpacked crate, read. */
export interface CrateManifest {
  readonly facts: CrateFacts;
  /** Why Cargo must not load it; undefined: it may. */
  readonly quarantine: string | undefined;
}

/** The crate whose manifest is read. */
interface Job {
  readonly store: Store;
  readonly name: string;
  readonly version: string;
  readonly sha256: Sha256;
  readonly quarantine: QuarantineRule;
}

/**
 * Reads the manifest of a crate in the store.
 *
 * @param list What the store's tree holds.
 * @throws {HubRoomError} hub/crate-mismatch when it is that of another package: Cargo would not find the one that was asked for.
 */
export function readManifest(job: Job, list: TreeList): CrateManifest {
  const path = join(treePath(job.store, job.sha256), "Cargo.toml");
  const has = (name: string): boolean => list.files.some((file) => file.path === name);
  if (!has("Cargo.toml")) throw mismatch(job, path, "there is no Cargo.toml in them");
  const { facts, reason } = judge(readFileSync(path, "utf8"), `${packageDirectory(job)}/Cargo.toml`, job.quarantine);
  if (facts !== undefined && !(facts.name === undefined && reason !== undefined)) checkName(job, path, facts);
  return { facts: factsOf(facts, has("build.rs")), quarantine: reason };
}

/** A workspace's manifest has no name; where quarantine applies, it lies there. */
function checkName(job: Job, path: string, { name, version = "0.0.0" }: ManifestFacts): void {
  if (name === job.name && version === job.version) return;
  throw mismatch(job, path, `their manifest is that of ${name === undefined ? "no package" : `${name} ${version}`}`);
}

function mismatch({ name, version }: Job, where: string, what: string): HubRoomError {
  return new HubRoomError({
    code: "hub/crate-mismatch",
    what: `the bytes of ${name} ${version} are what the lockfile promises, but ${what}`,
    where,
    help: `tell the registry's operator, and lock another version: \`cargo update -p ${name}\``,
  });
}

/** Nothing is known of a manifest that can not be read, which only quarantine allows. */
function factsOf(manifest: ManifestFacts | undefined, hasBuildScript: boolean): CrateFacts {
  if (manifest === undefined) return { runs: [], license: "" };
  const runs: BuildTimeCode[] = [];
  if (manifest.buildScript !== undefined || (manifest.autoBuildScript && hasBuildScript)) runs.push("build-script");
  if (manifest.procMacro) runs.push("proc-macro");
  const license = manifest.license ?? (manifest.licenseFile === undefined ? "" : `file:${manifest.licenseFile}`);
  return { runs, license };
}
