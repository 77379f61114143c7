import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { HubLock } from "../formats/index.ts";
import { configPlaces, crateKey, cratePlaces, hubLayout, repositoryPlaces, sourceDirectory } from "../plan/index.ts";
import { hubRootPath } from "../store/index.ts";
import { sha256Hex } from "./files.ts";
import type { FillReport } from "./fill-report.ts";
import type { FillOptions, FillScene } from "./fill-scene.ts";
import { packageTarget } from "./git/gather-git.ts";
import { type HubPlace, inHub } from "./locate.ts";
import { placedVendored } from "./placed-crate.ts";
import { quarantinedKeys } from "./quarantine.ts";
import { cargoHome, configAsCargoSees } from "./sources.ts";
import { leaveStamp, type StampKey } from "./stamp.ts";

/** Where a fill's stamp belongs. */
function stampKey(
  options: Pick<FillOptions, "cwd" | "manifestPath" | "env" | "userAgent">,
  storeRoot: string,
): StampKey {
  const from = options.manifestPath === undefined ? options.cwd : resolve(options.cwd, options.manifestPath);
  return { storeRoot, from, program: options.userAgent, env: options.env };
}

/** Leaves a stamp after a fill, so that the next fill sees at once that nothing changed. */
export function stampFill(
  scene: FillScene,
  { report, lock }: { readonly report: FillReport; readonly lock: HubLock },
  { options, storeRoot }: { options: FillOptions; storeRoot: string },
): void {
  const { place, wanted, lockfiles, local } = scene;
  // Whether a folder would be packed as before, only packing it tells.
  if (local.some(({ isFolder }) => isFolder)) return;
  const git = gitParts(scene, lock);
  const quarantined = quarantinedKeys(lock);
  const idents = [...new Set(wanted.map(({ ident }) => ident))];
  const files = new Set<string>([
    ...idents.flatMap((ident) => Object.values(configPlaces(ident)).map((path) => inHub(place, path))),
    ...git.files,
  ]);
  const directories = new Set<string>([
    ...idents.map((ident) => inHub(place, sourceDirectory(ident))),
    ...git.directories,
  ]);
  for (const crate of wanted) {
    const places = cratePlaces({ ...crate, quarantined: quarantined.has(crateKey(crate)) });
    for (const path of [places.crate, places.rawIndex, places.cacheIndex]) files.add(inHub(place, path));
    directories.add(inHub(place, places.source));
  }
  for (const crate of placedVendored(lock))
    for (const path of [sourceDirectory(crate.ident), cratePlaces(crate).source]) directories.add(inHub(place, path));
  // Without it gc does not know of the hub; a store that can not be written to has none.
  const rootFile = hubRootPath({ root: storeRoot }, place.dotCargo);
  if (existsSync(rootFile)) files.add(rootFile);
  const config = configAsCargoSees(place, options.env);
  const inputs = [
    ...deciding(options.cwd),
    ...deciding(place.root),
    ...lockfiles.flatMap(({ absolute }) => deciding(dirname(absolute))),
    ...(options.manifestPath === undefined ? [] : deciding(dirname(resolve(options.cwd, options.manifestPath)))),
    join(cargoHome(options.env, place.root), "config"),
    join(cargoHome(options.env, place.root), "config.toml"),
    ...(scene.hubToml.commit === "crates" ? upwards(place.root, [".gitignore"]) : []),
    ...config.files,
    ...lockfiles.map(({ absolute }) => absolute),
    ...local.map(({ path }) => path),
    ...ownFiles(place),
  ];
  const summary: FillReport = {
    ...report,
    changed: false,
    installed: 0,
    downloadedCrates: 0,
    downloadedBytes: 0,
    folders: [],
    adopted: [],
    removed: [],
  };
  leaveStamp(stampKey(options, storeRoot), {
    inputs,
    read: new Map(lockfiles.map(({ absolute, text }) => [absolute, sha256Hex(text)])),
    files: [...files],
    directories: [...directories],
    report: summary,
  });
}

/** What of git sources must stay as it is. */
function gitParts({ place, wantedGit, hubToml }: FillScene, lock: HubLock): { files: string[]; directories: string[] } {
  const places = lock.repositories.map((repository) => ({
    ...repositoryPlaces(repository),
    commit: repository.commit,
  }));
  const packs = places.map(({ pack }) => inHub(place, pack));
  if (hubToml.mode === "cargo-home") {
    const marks = places.map(({ database, commit }) => inHub(place, `${database}/refs/commit/${commit}`));
    return { files: [...packs, ...marks], directories: [] };
  }
  const packages = wantedGit.map((crate) => packageTarget(crate, place));
  return { files: packs, directories: [...new Set(packages.map((path) => dirname(path))), ...packages] };
}

/** The files, from a directory upwards, that decide which hub is meant and how Cargo is configured. */
function deciding(from: string): string[] {
  return upwards(from, [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config",
    ".cargo/config.toml",
    ".cargo/hub.toml",
    ".cargo/hub.lock",
  ]);
}

function upwards(from: string, names: readonly string[]): string[] {
  const paths: string[] = [];
  for (let directory = from; ; directory = dirname(directory)) {
    for (const name of names) paths.push(join(directory, name));
    if (dirname(directory) === directory) return paths;
  }
}

function ownFiles(place: HubPlace): string[] {
  const files = ["hubConfig", "sourceToml", "off", "gitignore", "gitattributes", "cacheTag", "held"] as const;
  return files.map((name) => inHub(place, hubLayout[name]));
}
